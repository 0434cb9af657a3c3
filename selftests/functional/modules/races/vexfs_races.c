// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two planted races for the self-tests, each driven by writing a number of rounds to files of debugfs:
 * "forward" and "backward" take two locks in opposite orders, "careful" and "careless" update one
 * counter with and without its lock. With fixed=1 all four do it right. "create" must be written
 * first. Nothing deadlocks unless "forward" and "backward" are written at the same time.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#define MOST_ROUNDS 100000

struct table {
	struct mutex lock;
	unsigned long entries;
};

static bool fixed;
module_param(fixed, bool, 0444);
MODULE_PARM_DESC(fixed, "do everything right");

static DEFINE_MUTEX(catalogue_lock);
static DEFINE_SPINLOCK(counter_lock);
static unsigned long counter;
static struct table *table;
static struct dentry *folder;

static noinline void create_table(void)
{
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (table)
		mutex_init(&table->lock);
}

static noinline void catalogue_then_table(void)
{
	mutex_lock(&catalogue_lock);
	mutex_lock(&table->lock);
	table->entries++;
	mutex_unlock(&table->lock);
	mutex_unlock(&catalogue_lock);
}

static noinline void table_then_catalogue(void)
{
	mutex_lock(&table->lock);
	mutex_lock(&catalogue_lock);
	table->entries--;
	mutex_unlock(&catalogue_lock);
	mutex_unlock(&table->lock);
}

/* The right way out of the wrong order: who only tries for the second lock waits for nobody. */
static noinline void table_and_perhaps_catalogue(void)
{
	mutex_lock(&table->lock);
	if (mutex_trylock(&catalogue_lock)) {
		table->entries--;
		mutex_unlock(&catalogue_lock);
	}
	mutex_unlock(&table->lock);
}

static noinline void count_locked(void)
{
	spin_lock(&counter_lock);
	WRITE_ONCE(counter, READ_ONCE(counter) + 1);
	spin_unlock(&counter_lock);
}

static noinline void count_unlocked(void)
{
	counter++; /* one instruction that reads and writes */
}

static void backward(void)
{
	if (fixed)
		table_and_perhaps_catalogue();
	else
		table_then_catalogue();
}

static void careless(void)
{
	if (fixed)
		count_locked();
	else
		count_unlocked();
}

static ssize_t repeat(void (*what)(void), const char __user *text, size_t size)
{
	unsigned int rounds;
	int error = kstrtouint_from_user(text, size, 0, &rounds);

	if (error)
		return error;
	if (rounds > MOST_ROUNDS)
		return -EINVAL;
	if (!table && what != create_table)
		return -ENXIO;
	while (rounds--) {
		what();
		usleep_range(100, 200); /* so that two writers take turns */
	}
	return size;
}

#define WRITER(name, what)                                                                       \
	static ssize_t write_##name(struct file *file, const char __user *text, size_t size,     \
				    loff_t *position)                                            \
	{                                                                                        \
		return repeat(what, text, size);                                                 \
	}                                                                                        \
	static const struct file_operations name##_file = {                                      \
		.owner = THIS_MODULE,                                                            \
		.write = write_##name,                                                           \
	}

WRITER(create, create_table);
WRITER(forward, catalogue_then_table);
WRITER(backward, backward);
WRITER(careful, count_locked);
WRITER(careless, careless);

static int __init races_init(void)
{
	counter = 1; /* nobody else can see it yet */
	folder = debugfs_create_dir("vexfs_races", NULL);
	debugfs_create_file("create", 0200, folder, NULL, &create_file);
	debugfs_create_file("forward", 0200, folder, NULL, &forward_file);
	debugfs_create_file("backward", 0200, folder, NULL, &backward_file);
	debugfs_create_file("careful", 0200, folder, NULL, &careful_file);
	debugfs_create_file("careless", 0200, folder, NULL, &careless_file);
	return 0;
}

static void __exit races_exit(void)
{
	debugfs_remove(folder);
	counter = 0; /* nobody else can see it any more */
	kfree(table);
}

module_init(races_init);
module_exit(races_exit);
MODULE_DESCRIPTION("Planted races for the self-tests");
MODULE_LICENSE("GPL");
