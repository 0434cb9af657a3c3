// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The logical clock: operation K of a list runs at START + STEP * (K + 1) seconds since 1970, so a
 * time in a tree tells which operation has set it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ops.h"

#define START 1600000000
#define STEP 1000

static int64_t ahead_s; /* the real time is so far ahead of the monotonic clock */

static int64_t seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec;
}

void clock_prepare(void)
{
	ahead_s = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_MONOTONIC);
}

/* Returns 0 or an errno. */
static int set_clock(int64_t seconds)
{
	struct timespec moment = { .tv_sec = seconds };

	return settings.clock && clock_settime(CLOCK_REALTIME, &moment) != 0 ? errno : 0;
}

int clock_restore(void)
{
	return set_clock(seconds_of(CLOCK_MONOTONIC) + ahead_s);
}

void clock_to_operation(void)
{
	int error = become(0); /* others may not set it */

	if (error == 0)
		error = set_clock(START + STEP * (list.operation + 1));
	if (error != 0)
		bad_program("setting the clock", strerror(error));
	become(list.user);
}

/* A time as the operation that set it; plain where none of this list's can have. */
void out_time(int64_t seconds)
{
	int64_t operation = (seconds - START) / STEP - 1;

	if (seconds < START || operation > list.operation) {
		out_number(seconds);
	} else if (operation < 0) {
		out_text("start");
	} else {
		out_text("op");
		out_number(operation);
	}
}
