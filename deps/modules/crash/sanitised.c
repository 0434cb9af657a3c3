// SPDX-License-Identifier: GPL-2.0-or-later
/* What only a sanitizer sees: KASAN, UBSAN, KCSAN, kmemleak. Harmless enough elsewhere. */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "crash.h"

#define SIZE 120

static char global_array[16];
static unsigned long sink;
static int index_behind = 16;
static int too_far = 40;
static int negative = -1;
static int shared;

static char *object(void)
{
	return kzalloc(SIZE, GFP_KERNEL);
}

static noinline void vexfs_crash_heap_read_behind(void)
{
	char *data = object();

	OPTIMIZER_HIDE_VAR(data);
	sink = READ_ONCE(data[SIZE]);
	kfree(data);
}

static noinline void vexfs_crash_heap_write_behind(void)
{
	char *data = object();

	OPTIMIZER_HIDE_VAR(data);
	WRITE_ONCE(data[SIZE + 1], 1);
	kfree(data);
}

static noinline void vexfs_crash_heap_copy_behind(void)
{
	char *data = object();
	char local[64];
	char *from = data;

	OPTIMIZER_HIDE_VAR(from);
	memcpy(local, from + SIZE - 8, READ_ONCE(index_behind));
	sink = local[0];
	kfree(data);
}

static noinline void vexfs_crash_heap_read_freed(void)
{
	char *data = object();
	char *same = data;

	OPTIMIZER_HIDE_VAR(same);
	kfree(data);
	sink = READ_ONCE(same[8]);
}

static noinline void vexfs_crash_heap_write_freed(void)
{
	char *data = object();
	char *same = data;

	OPTIMIZER_HIDE_VAR(same);
	kfree(data);
	WRITE_ONCE(same[8], 1);
}

static noinline void vexfs_crash_stack_read_behind(void)
{
	char local[16] = {};
	char *data = local;

	OPTIMIZER_HIDE_VAR(data);
	sink = READ_ONCE(data[index_behind]);
}

static noinline void vexfs_crash_global_read_behind(void)
{
	char *data = global_array;

	OPTIMIZER_HIDE_VAR(data);
	sink = READ_ONCE(data[index_behind + 4]);
}

static noinline void vexfs_crash_index(void)
{
	static int values[4];

	sink = values[READ_ONCE(index_behind) & 7] + values[READ_ONCE(index_behind) - 10];
}

static noinline void vexfs_crash_shift(void)
{
	sink = 1 << READ_ONCE(too_far);
}

static noinline void vexfs_crash_shift_negative(void)
{
	sink = 1 << READ_ONCE(negative);
}

static noinline void vexfs_crash_leak(void)
{
	int i;

	for (i = 0; i < 8; i++)
		sink += (unsigned long)object() & 1;
}

static int racing_function(void *unused)
{
	int i;

	for (i = 0; i < 200000; i++)
		shared++;
	return 0;
}

static noinline void vexfs_crash_race(void)
{
	kthread_run(racing_function, NULL, "vexfs_race/1");
	kthread_run(racing_function, NULL, "vexfs_race/2");
	msleep(2000);
}

const struct crash_way crash_sanitised[] = {
	CRASH_WAY(heap_read_behind),
	CRASH_WAY(heap_write_behind),
	CRASH_WAY(heap_copy_behind),
	CRASH_WAY(heap_read_freed),
	CRASH_WAY(heap_write_freed),
	CRASH_WAY(stack_read_behind),
	CRASH_WAY(global_read_behind),
	CRASH_WAY(index),
	CRASH_WAY(shift),
	CRASH_WAY(shift_negative),
	CRASH_WAY(leak),
	CRASH_WAY(race),
	{}
};
