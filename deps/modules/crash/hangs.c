// SPDX-License-Identifier: GPL-2.0-or-later
/* No progress: busy processors, sleepers that nobody wakes. They end after a while if they can. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "crash.h"

#define BUSY_MS 7000

static DEFINE_MUTEX(a_mutex);
static DEFINE_SPINLOCK(a_lock);
static DECLARE_RWSEM(a_rwsem);
static DECLARE_COMPLETION(never);
static struct semaphore a_semaphore = __SEMAPHORE_INITIALIZER(a_semaphore, 1);
static int nothing;

static void be_busy(void)
{
	int i;

	/* Not by jiffies: they may stand still while interrupts are off. */
	for (i = 0; i < BUSY_MS; i++)
		udelay(1000);
}

static noinline void vexfs_crash_busy(void)
{
	preempt_disable();
	be_busy();
	preempt_enable();
}

static noinline void vexfs_crash_busy_irq_off(void)
{
	unsigned long flags;

	local_irq_save(flags);
	be_busy();
	local_irq_restore(flags);
}

static noinline void vexfs_crash_busy_reader(void)
{
	rcu_read_lock();
	preempt_disable();
	be_busy();
	preempt_enable();
	rcu_read_unlock();
}

static noinline void vexfs_crash_busy_spinlock(void)
{
	spin_lock(&a_lock);
	be_busy();
	spin_unlock(&a_lock);
}

static noinline void vexfs_crash_mutex_twice(void)
{
	mutex_lock(&a_mutex);
	mutex_lock(&a_mutex);
}

static noinline void vexfs_crash_reads_own_write(void)
{
	down_write(&a_rwsem);
	down_read(&a_rwsem);
}

static noinline void vexfs_crash_never_completed(void)
{
	wait_for_completion(&never);
}

static noinline void vexfs_crash_semaphore_lost(void)
{
	down(&a_semaphore);
	down(&a_semaphore);
}

static noinline void vexfs_crash_never_woken(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
}

static int waiter_function(void *unused)
{
	mutex_lock(&a_mutex);
	mutex_unlock(&a_mutex);
	return 0;
}

/* The lock's owner dies with it held; those behind it wait for ever. */
static noinline void vexfs_crash_oops_with_mutex(void)
{
	int *nowhere = NULL;

	mutex_lock(&a_mutex);
	kthread_run(waiter_function, NULL, "vexfs_waiter/1");
	kthread_run(waiter_function, NULL, "vexfs_waiter/2");
	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

static noinline void vexfs_crash_oops_with_spinlock(void)
{
	int *nowhere = NULL;

	spin_lock(&a_lock);
	OPTIMIZER_HIDE_VAR(nowhere);
	nothing = READ_ONCE(*nowhere);
}

static noinline void vexfs_crash_sleep_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(2);
	preempt_enable();
}

static noinline void vexfs_crash_sleep_spinlock(void)
{
	spin_lock(&a_lock);
	msleep(20);
	spin_unlock(&a_lock);
}

static noinline void vexfs_crash_sleep_reader(void)
{
	rcu_read_lock();
	msleep(20);
	rcu_read_unlock();
}

static void leaking_function(struct work_struct *work)
{
	preempt_disable();
}

static DECLARE_WORK(leaking_work, leaking_function);

static noinline void vexfs_crash_work_leaks(void)
{
	schedule_work(&leaking_work);
	flush_work(&leaking_work);
}

const struct crash_way crash_hangs[] = {
	CRASH_WAY(busy),
	CRASH_WAY(busy_irq_off),
	CRASH_WAY(busy_reader),
	CRASH_WAY(busy_spinlock),
	CRASH_WAY(mutex_twice),
	CRASH_WAY(reads_own_write),
	CRASH_WAY(never_completed),
	CRASH_WAY(semaphore_lost),
	CRASH_WAY(never_woken),
	CRASH_WAY(oops_with_mutex),
	CRASH_WAY(oops_with_spinlock),
	CRASH_WAY(sleep_atomic),
	CRASH_WAY(sleep_spinlock),
	CRASH_WAY(sleep_reader),
	CRASH_WAY(work_leaks),
	{}
};
