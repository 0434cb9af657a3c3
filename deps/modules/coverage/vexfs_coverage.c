// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notes which functions of a kernel module were called, by ftrace: distributions' kernels are built
 * without its function profile (CONFIG_FUNCTION_PROFILER).
 *
 * The functions of the module "watch" are followed from its load on, its own initialisation included.
 * For code that is loaded already, or built in, the addresses of its functions are written to
 * /dev/vexfs_coverage (native unsigned longs, in one write). Reading it gives a line with the physical
 * address of the notes, their count and an error (0 or negative), then the functions' names, a line
 * each. The notes are a byte a function, 1 once it was called; the host reads them in the guest's
 * memory, so they are there even when the guest has crashed.
 */
#include <linux/ftrace.h>
#include <linux/io.h>
#include <linux/kallsyms.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define MOST 65536 /* functions */
#define NAME_SIZE 128

static char *watch = "";
module_param(watch, charp, 0444);
MODULE_PARM_DESC(watch, "the module whose functions are followed when it is loaded");

/* The functions, sorted by address; all but the notes is changed only while none is followed. */
static unsigned long *addresses;
static char (*names)[NAME_SIZE];
static u8 *called;
static unsigned int count;
static int failure;
static bool following;
static DEFINE_MUTEX(changing);

/* A function begins at its address; its call of ftrace is there, or behind an endbr64. */
static void notrace note_call(unsigned long ip, unsigned long parent, struct ftrace_ops *ops,
			      struct ftrace_regs *registers)
{
	unsigned int low = 0, high = count;

	while (high - low > 1) {
		unsigned int middle = low + (high - low) / 2;

		if (addresses[middle] <= ip)
			low = middle;
		else
			high = middle;
	}
	if (!READ_ONCE(called[low]))
		WRITE_ONCE(called[low], 1);
}

static struct ftrace_ops calls = { .func = note_call };

static void stop(void)
{
	if (following)
		unregister_ftrace_function(&calls);
	following = false;
}

static void forget(void)
{
	vfree(addresses);
	vfree(names);
	kfree(called);
	addresses = NULL;
	names = NULL;
	called = NULL;
	count = 0;
}

static int by_address(const void *a, const void *b)
{
	unsigned long first = *(const unsigned long *)a, second = *(const unsigned long *)b;

	return first < second ? -1 : first > second;
}

static int make_room(unsigned int wanted)
{
	if (wanted == count)
		return 0; /* the same module again: its notes go on */
	forget();
	addresses = vmalloc(array_size(wanted, sizeof(*addresses)));
	names = vmalloc(array_size(wanted, sizeof(*names)));
	called = kzalloc(wanted, GFP_KERNEL);
	if (!addresses || !names || !called) {
		forget();
		return -ENOMEM;
	}
	count = wanted;
	return 0;
}

static int follow(const unsigned long *given, unsigned int wanted)
{
	unsigned int i;
	int error;

	if (!wanted || wanted > MOST)
		return -EINVAL;
	stop();
	error = make_room(wanted);
	if (error)
		return error;
	memcpy(addresses, given, wanted * sizeof(*addresses));
	sort(addresses, count, sizeof(*addresses), by_address, NULL);
	for (i = 0; i < count; i++)
		snprintf(names[i], NAME_SIZE, "%ps", (void *)addresses[i]);
	error = ftrace_set_filter_ips(&calls, addresses, count, 0, 1);
	if (!error)
		error = register_ftrace_function(&calls);
	following = !error;
	return error;
}

static int module_changes(struct notifier_block *block, unsigned long state, void *data)
{
	struct module *module = data;

	if (strcmp(module->name, watch))
		return NOTIFY_DONE;
	mutex_lock(&changing);
	if (state == MODULE_STATE_COMING)
		failure = follow(module->ftrace_callsites, module->num_ftrace_callsites);
	else if (state == MODULE_STATE_GOING)
		stop(); /* its addresses may become another module's */
	mutex_unlock(&changing);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = module_changes };

static ssize_t device_write(struct file *file, const char __user *from, size_t size, loff_t *place)
{
	unsigned long *given;

	if (size % sizeof(*given) || size / sizeof(*given) > MOST)
		return -EINVAL;
	given = vmemdup_user(from, size);
	if (IS_ERR(given))
		return PTR_ERR(given);
	mutex_lock(&changing);
	failure = follow(given, size / sizeof(*given));
	mutex_unlock(&changing);
	kvfree(given);
	return failure ?: size;
}

static int show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	mutex_lock(&changing);
	seq_printf(seq, "%llu %u %d\n", called ? (u64)virt_to_phys(called) : 0, count, failure);
	for (i = 0; i < count; i++)
		seq_printf(seq, "%s\n", names[i]);
	mutex_unlock(&changing);
	return 0;
}

static int device_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL; /* the misc device, which seq_file does not expect there */
	return single_open(file, show, NULL);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.read = seq_read,
	.write = device_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vexfs_coverage",
	.fops = &operations,
	.mode = 0600,
};

static int __init coverage_init(void)
{
	int error = register_module_notifier(&notifier);

	if (error)
		return error;
	error = misc_register(&device);
	if (error)
		unregister_module_notifier(&notifier);
	return error;
}

static void __exit coverage_exit(void)
{
	misc_deregister(&device);
	unregister_module_notifier(&notifier);
	stop();
	ftrace_free_filter(&calls);
	forget();
}

module_init(coverage_init);
module_exit(coverage_exit);
MODULE_DESCRIPTION("Which functions of a module were called");
MODULE_LICENSE("GPL");
