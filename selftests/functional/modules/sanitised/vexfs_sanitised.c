// SPDX-License-Identifier: GPL-2.0-or-later
/* Does, while it is being inserted, what the parameter "how" names: a mistake that only a debug
 * kernel reports. Each one stands in a function of its own, which a report should name: no name is
 * like those of generic code (rcu, list_del), which is never to blame.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define SIZE 120
#define RACE_MS 4000

static char *how = "";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "the mistake's name");

/* The elements behind belong to the same object, so that only the bounds of the array are broken. */
static struct {
	int values[4];
	int behind[16];
} table;

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinning);
static struct mutex twins[2];
static int __rcu *published;
static int index = 6;
static int distance = 40;
static unsigned long sink;
static int raced;

static noinline void vexfs_read_freed(void)
{
	char *data = kzalloc(SIZE, GFP_KERNEL);
	char *same = data;

	OPTIMIZER_HIDE_VAR(same);
	kfree(data);
	sink = READ_ONCE(same[8]);
}

static noinline void vexfs_write_behind(void)
{
	char *data = kzalloc(SIZE, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(data);
	WRITE_ONCE(data[SIZE], 1);
	kfree(data);
}

static noinline void vexfs_free_twice(void)
{
	char *data = kzalloc(SIZE, GFP_KERNEL);
	char *same = data;

	OPTIMIZER_HIDE_VAR(same);
	kfree(data);
	kfree(same);
}

static noinline void vexfs_lock_forwards(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
}

static noinline void vexfs_lock_backwards(void)
{
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void vexfs_lock_order(void)
{
	vexfs_lock_forwards();
	vexfs_lock_backwards();
}

static noinline void vexfs_lock_twins(void)
{
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&twins[i]); /* one place, so one class */
	mutex_lock(&twins[0]);
	mutex_lock(&twins[1]);
	mutex_unlock(&twins[1]);
	mutex_unlock(&twins[0]);
}

static noinline void vexfs_sleep_atomic(void)
{
	spin_lock(&spinning);
	might_sleep();
	spin_unlock(&spinning);
}

static noinline void vexfs_unprotected(void)
{
	sink = (unsigned long)rcu_dereference(published);
}

static noinline void vexfs_index(void)
{
	sink = table.values[READ_ONCE(index)];
}

static noinline void vexfs_shift(void)
{
	sink = 1 << READ_ONCE(distance);
}

static noinline void vexfs_remove_twice(void)
{
	LIST_HEAD(list);
	struct list_head entry;

	list_add(&entry, &list);
	list_del(&entry);
	list_del(&entry);
}

static noinline void vexfs_leak(void)
{
	int i;

	for (i = 0; i < 8; i++)
		sink ^= (unsigned long)kzalloc(SIZE, GFP_KERNEL) & 1;
}

static int vexfs_racer(void *unused)
{
	while (!kthread_should_stop()) {
		raced++;
		cond_resched();
	}
	return 0;
}

static void vexfs_race(void)
{
	struct task_struct *racers[2];
	int i;

	for (i = 0; i < 2; i++)
		racers[i] = kthread_run(vexfs_racer, NULL, "vexfs_racer/%d", i);
	msleep(RACE_MS);
	for (i = 0; i < 2; i++)
		if (!IS_ERR(racers[i]))
			kthread_stop(racers[i]);
}

static const struct {
	const char *name;
	void (*function)(void);
} mistakes[] = {
	{ "read_freed", vexfs_read_freed },
	{ "write_behind", vexfs_write_behind },
	{ "free_twice", vexfs_free_twice },
	{ "lock_order", vexfs_lock_order },
	{ "lock_twins", vexfs_lock_twins },
	{ "sleep_atomic", vexfs_sleep_atomic },
	{ "unprotected", vexfs_unprotected },
	{ "index", vexfs_index },
	{ "shift", vexfs_shift },
	{ "remove_twice", vexfs_remove_twice },
	{ "leak", vexfs_leak },
	{ "race", vexfs_race },
};

static int __init vexfs_sanitised_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(how, mistakes[i].name)) {
			mistakes[i].function();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit vexfs_sanitised_exit(void)
{
}

module_init(vexfs_sanitised_init);
module_exit(vexfs_sanitised_exit);
MODULE_DESCRIPTION("Makes mistakes that a debug kernel reports, for the self-tests");
MODULE_LICENSE("GPL");
