static time_t ahead; /* of the monotonic clock */

static time_t seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec;
}

static int set_clock(time_t seconds)
{
	struct timespec moment = { .tv_sec = seconds };

	return clock_settime(CLOCK_REALTIME, &moment);
}

static int restore_clock(void)
{
	return set_clock(seconds_of(CLOCK_MONOTONIC) + ahead);
}

static void restore_clock_at_exit(void)
{
	if (seteuid(0) != 0 || restore_clock() != 0)
		perror("restoring the clock");
}

static void take_clock(void)
{
	ahead = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_MONOTONIC);
	atexit(restore_clock_at_exit);
}

static int last_operation;

/* The clock shows which operation is run, so that a time tells which one has set it. */
static void tick(int number)
{
	last_operation = number;
	if (set_clock(1600000000 + 1000 * (number + 1)) != 0)
		cannot("setting the clock");
}

static void tick_as_root(int number)
{
	uid_t user = current_user;

	if (become(0) != 0)
		cannot("becoming root");
	tick(number);
	if (become(user) != 0)
		cannot("switching users");
}

/* A time as the operation that has set it. */
static const char *time_name(time_t seconds)
{
	long long number = (seconds - 1600000000) / 1000 - 1;

	if (seconds < 1600000000 || number > last_operation)
		sprintf(fact, "%lld", (long long)seconds);
	else
		sprintf(fact, number < 0 ? "start" : "op%lld", number);
	return fact;
}
