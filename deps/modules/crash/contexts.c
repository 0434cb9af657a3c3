// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a way goes wrong: who is interrupted shapes the report as much as what is done. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "crash.h"

static const struct crash_way *wanted;
static DECLARE_COMPLETION(done);

#define PATIENCE (20 * HZ)

static noinline void provoke_wanted(void)
{
	wanted->provoke();
	complete(&done);
}

static void wait_for_it(void)
{
	wait_for_completion_killable_timeout(&done, PATIENCE);
}

static int thread_function(void *unused)
{
	provoke_wanted();
	return 0;
}

static void enter_kthread(void)
{
	if (!IS_ERR(kthread_run(thread_function, NULL, "vexfs_crash")))
		wait_for_it();
}

static void work_function(struct work_struct *work)
{
	provoke_wanted();
}

static DECLARE_WORK(the_work, work_function);

static void enter_work(void)
{
	schedule_work(&the_work);
	wait_for_it();
}

static void timer_function(struct timer_list *timer)
{
	provoke_wanted();
}

static DEFINE_TIMER(the_timer, timer_function);

static void enter_timer(void)
{
	mod_timer(&the_timer, jiffies + 1);
	wait_for_it();
}

static void tasklet_function(struct tasklet_struct *tasklet)
{
	provoke_wanted();
}

static DECLARE_TASKLET(the_tasklet, tasklet_function);

static void enter_tasklet(void)
{
	tasklet_schedule(&the_tasklet);
	wait_for_it();
}

static void irq_function(struct irq_work *work)
{
	provoke_wanted();
}

static struct irq_work the_irq_work = IRQ_WORK_INIT_HARD(irq_function);

static void enter_irq_context(void)
{
	irq_work_queue(&the_irq_work);
	wait_for_it();
}

static enum hrtimer_restart hrtimer_function(struct hrtimer *timer)
{
	provoke_wanted();
	return HRTIMER_NORESTART;
}

static struct hrtimer the_hrtimer;

static void enter_hrtimer(void)
{
	hrtimer_init(&the_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	the_hrtimer.function = hrtimer_function;
	hrtimer_start(&the_hrtimer, ms_to_ktime(1), HRTIMER_MODE_REL);
	wait_for_it();
}

static void ipi_function(void *unused)
{
	provoke_wanted();
}

/* On another processor if there is one. */
static void enter_ipi(void)
{
	int cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	smp_call_function_single(cpu < nr_cpu_ids ? cpu : 0, ipi_function, NULL, 0);
	wait_for_it();
}

static void rcu_function(struct rcu_head *head)
{
	provoke_wanted();
}

static struct rcu_head the_rcu_head;

static void enter_rcu_callback(void)
{
	call_rcu(&the_rcu_head, rcu_function);
	wait_for_it();
}

/* Threads that fill the console from every processor while something goes wrong on one. */
static int noisy_function(void *number)
{
	int i;

	for (i = 0; i < 60; i++) {
		pr_info("vexfs_noise: worker %ld, item %d of a list that is long enough to be cut\n",
			(long)number, i);
		if (i % 4 == 0)
			schedule_timeout_interruptible(1);
	}
	return 0;
}

static void enter_noise(void)
{
	long i;

	for (i = 0; i < 2 * num_online_cpus(); i++)
		kthread_run(noisy_function, (void *)i, "vexfs_noise/%ld", i);
	schedule_timeout_interruptible(2);
	wanted->provoke();
}

static void enter_task(void)
{
	wanted->provoke();
}

/* The guest has its kernel's modules on ext4, and its root is an overlay. */
static void enter_ext4(void)
{
	crash_in_directory("/lib/modules", enter_task);
}

static void enter_overlay(void)
{
	crash_in_directory("/", enter_task);
}

static void enter_proc(void)
{
	crash_in_directory("/proc", enter_task);
}

static const struct {
	const char *name;
	void (*enter)(void);
} contexts[] = {
	{ "task", enter_task },	   { "kthread", enter_kthread }, { "work", enter_work },
	{ "timer", enter_timer },	   { "tasklet", enter_tasklet }, { "irq", enter_irq_context },
	{ "hrtimer", enter_hrtimer }, { "ipi", enter_ipi },	      { "rcu", enter_rcu_callback },
	{ "noise", enter_noise },   { "ext4", enter_ext4 },	 { "overlay", enter_overlay },
	{ "proc", enter_proc },
};

int crash_in_context(const struct crash_way *way, const char *context)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		if (strcmp(contexts[i].name, context))
			continue;
		wanted = way;
		reinit_completion(&done);
		contexts[i].enter();
		return 0;
	}
	return -EINVAL;
}
