// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of locking that are broken; only a kernel with PROVE_LOCKING and its like says so. */
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "crash.h"

static DEFINE_MUTEX(first_mutex);
static DEFINE_MUTEX(second_mutex);
static DEFINE_SPINLOCK(first_lock);
static DEFINE_SPINLOCK(second_lock);
static DEFINE_SPINLOCK(irq_lock);
static int __rcu *protected;
static unsigned long sink;

static noinline void vexfs_crash_lock_order(void)
{
	mutex_lock(&first_mutex);
	mutex_lock(&second_mutex);
	mutex_unlock(&second_mutex);
	mutex_unlock(&first_mutex);
	mutex_lock(&second_mutex);
	mutex_lock(&first_mutex);
	mutex_unlock(&first_mutex);
	mutex_unlock(&second_mutex);
}

static noinline void vexfs_crash_spinlock_order(void)
{
	spin_lock(&first_lock);
	spin_lock(&second_lock);
	spin_unlock(&second_lock);
	spin_unlock(&first_lock);
	spin_lock(&second_lock);
	spin_lock(&first_lock);
	spin_unlock(&first_lock);
	spin_unlock(&second_lock);
}

static noinline void vexfs_crash_lock_recursive(void)
{
	static DEFINE_SPINLOCK(outer);
	static spinlock_t nested[2];
	int i;

	spin_lock(&outer);
	for (i = 0; i < 2; i++)
		spin_lock_init(&nested[i]); /* both of one class */
	spin_lock(&nested[0]);
	spin_lock(&nested[1]);
	spin_unlock(&nested[1]);
	spin_unlock(&nested[0]);
	spin_unlock(&outer);
}

static void locking_timer_function(struct timer_list *timer)
{
	spin_lock(&irq_lock);
	spin_unlock(&irq_lock);
}

static DEFINE_TIMER(locking_timer, locking_timer_function);

static noinline void vexfs_crash_lock_irq(void)
{
	mod_timer(&locking_timer, jiffies + 1);
	schedule_timeout_uninterruptible(5);
	spin_lock(&irq_lock);
	spin_unlock(&irq_lock);
}

static noinline void vexfs_crash_lock_kept(void)
{
	mutex_lock(&first_mutex);
}

static noinline void vexfs_crash_unlock_unlocked(void)
{
	mutex_unlock(&second_mutex);
}

static noinline void vexfs_crash_rcu_unprotected(void)
{
	sink = (unsigned long)rcu_dereference(protected);
}

static noinline void vexfs_crash_mutex_in_atomic(void)
{
	spin_lock(&first_lock);
	mutex_lock(&first_mutex);
	mutex_unlock(&first_mutex);
	spin_unlock(&first_lock);
}

static noinline void vexfs_crash_allocation_in_atomic(void)
{
	spin_lock(&first_lock);
	kfree(kmalloc(100, GFP_KERNEL));
	spin_unlock(&first_lock);
}

static noinline void vexfs_crash_processor_preemptible(void)
{
	sink = smp_processor_id();
}

const struct crash_way crash_locks[] = {
	CRASH_WAY(lock_order),
	CRASH_WAY(spinlock_order),
	CRASH_WAY(lock_recursive),
	CRASH_WAY(lock_irq),
	CRASH_WAY(lock_kept),
	CRASH_WAY(unlock_unlocked),
	CRASH_WAY(rcu_unprotected),
	CRASH_WAY(mutex_in_atomic),
	CRASH_WAY(allocation_in_atomic),
	CRASH_WAY(processor_preemptible),
	{}
};
