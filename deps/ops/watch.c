// SPDX-License-Identifier: GPL-2.0-or-later
/* The watch over the process that runs the lists: how it ended, or that it goes no further. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "ops.h"

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sleep until the process ends, a while at most. */
static void sleep_beside(void)
{
	const struct timespec while_s = { .tv_nsec = 100000000 };
	sigset_t child_ends;

	sigemptyset(&child_ends);
	sigaddset(&child_ends, SIGCHLD);
	sigtimedwait(&child_ends, NULL, &while_s);
}

/* Append the last line behind whole lines; the process that wrote those has ended or is stuck. */
static int end_line(const char *what, int status)
{
	char *place = output->text + output->used;

	output->used += (uint64_t)snprintf(place, LAST_LINE, "end %s\n", what);
	return status;
}

static int ended(int status)
{
	char words[32];

	if (WIFSIGNALED(status)) {
		snprintf(words, sizeof(words), "lost %d", WTERMSIG(status));
		return end_line(words, EXIT_LOST);
	}
	if (output->full)
		return end_line("full", EXIT_FULL);
	if (WEXITSTATUS(status) != EXIT_DONE)
		return WEXITSTATUS(status); /* it has said why */
	return end_line("done", EXIT_DONE);
}

int watch_over(pid_t child)
{
	uint64_t seen = output->pulse;
	double since = now_s();
	int status;

	while (waitpid(child, &status, WNOHANG) != child) {
		sleep_beside();
		if (output->pulse != seen) {
			seen = output->pulse;
			since = now_s();
		} else if (now_s() - since >= settings.timeout_s) {
			/* It dies when it wakes up; who waits for that may wait for ever. */
			kill(child, SIGKILL);
			return end_line("hang", EXIT_HUNG);
		}
	}
	return ended(status);
}
