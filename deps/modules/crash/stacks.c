// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's stack: used up, overwritten, its end damaged. */
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include "crash.h"

static size_t overrun = 96;
static int endless = 1;

static noinline int descend(int depth)
{
	volatile char frame[512];

	frame[0] = depth;
	frame[511] = depth + 1;
	if (READ_ONCE(endless))
		return descend(depth + 1) + frame[0] + frame[511];
	return frame[0];
}

static noinline void vexfs_crash_recursion(void)
{
	WRITE_ONCE(endless, 1 + (descend(0) & 1));
}

static noinline void vexfs_crash_stack_protector(void)
{
	char local[32];
	char *behind = local;

	OPTIMIZER_HIDE_VAR(behind);
	memset(behind, 'x', READ_ONCE(overrun));
	barrier_data(local);
}

static noinline void vexfs_crash_stack_end(void)
{
	*end_of_stack(current) = 0;
	msleep(20);
}

const struct crash_way crash_stacks[] = {
	CRASH_WAY(recursion),
	CRASH_WAY(stack_protector),
	CRASH_WAY(stack_end),
	{}
};
