// SPDX-License-Identifier: GPL-2.0-or-later
/* What code says when it finds something wrong itself: assertions, warnings, panics. */
#include <linux/bug.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/panic.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "crash.h"

static int one = 1;

static noinline void vexfs_crash_warning(void)
{
	WARN(1, "planted warning\n");
}

static noinline void vexfs_crash_warn_on(void)
{
	WARN_ON(READ_ONCE(one));
}

static noinline void vexfs_crash_warn_once(void)
{
	int i;

	for (i = 0; i < 3; i++)
		WARN_ON_ONCE(READ_ONCE(one));
}

static noinline void vexfs_crash_warn_numbers(void)
{
	WARN(READ_ONCE(one), "inode %lu of %s: %d links but %u names, state %#lx\n", 4711UL, "vdb",
	     -2, 17u, jiffies);
}

static noinline void vexfs_crash_warn_lines(void)
{
	WARN(READ_ONCE(one), "first line of a message\nsecond line, with BUG: in it\nand a third\n");
}

static noinline void vexfs_crash_bug(void)
{
	BUG();
}

static noinline void vexfs_crash_bug_on(void)
{
	BUG_ON(READ_ONCE(one));
	one = 2;
}

static noinline void vexfs_crash_panic(void)
{
	panic("vexfs: the journal of %s has no end at block %d", "vdb", 1234);
}

static noinline void vexfs_crash_panic_short(void)
{
	panic("out of ideas");
}

static noinline void vexfs_crash_unborn_object(void)
{
	struct kobject *object = kzalloc(sizeof(*object), GFP_KERNEL);

	kobject_put(object);
}

static noinline void vexfs_crash_entry_twice(void)
{
	proc_mkdir("vexfs_crash_same", NULL);
	proc_mkdir("vexfs_crash_same", NULL);
	remove_proc_entry("vexfs_crash_same", NULL);
}

static noinline void vexfs_crash_entry_missing(void)
{
	remove_proc_entry("vexfs_crash_missing", NULL);
}

static noinline void vexfs_crash_area_twice(void)
{
	void *area = vmalloc(PAGE_SIZE);
	void *same = area;

	OPTIMIZER_HIDE_VAR(same);
	vfree(area);
	vfree(same);
}

static noinline void vexfs_crash_free_irq(void)
{
	free_irq(5, &one);
}

static noinline void vexfs_crash_irq_enabled(void)
{
	enable_irq(5);
	enable_irq(5);
}

static noinline void vexfs_crash_unborn_item(void)
{
	static struct work_struct work;

	flush_work(&work);
}

static void never(struct timer_list *timer)
{
}

static noinline void vexfs_crash_timer_twice(void)
{
	static struct timer_list timer;

	timer_setup(&timer, never, 0);
	timer.expires = jiffies + HZ * 100;
	add_timer(&timer);
	add_timer(&timer);
	del_timer_sync(&timer);
}

const struct crash_way crash_reports[] = {
	CRASH_WAY(warning),
	CRASH_WAY(warn_on),
	CRASH_WAY(warn_once),
	CRASH_WAY(warn_numbers),
	CRASH_WAY(warn_lines),
	CRASH_WAY(bug),
	CRASH_WAY(bug_on),
	CRASH_WAY(panic),
	CRASH_WAY(panic_short),
	CRASH_WAY(unborn_object),
	CRASH_WAY(entry_twice),
	CRASH_WAY(entry_missing),
	CRASH_WAY(area_twice),
	CRASH_WAY(free_irq),
	CRASH_WAY(irq_enabled),
	CRASH_WAY(unborn_item),
	CRASH_WAY(timer_twice),
	{}
};
