// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Goes wrong on purpose: "NAME" or "NAME CONTEXT", written to vexfs_crash/provoke in debugfs, or
 * given as the parameter "how" to go wrong while the module is being inserted.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "crash.h"

#define REQUEST_SIZE 64

static char *how = "";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "what to do at once, as in debugfs; empty: nothing");

char __user *crash_user_buffer;
static struct dentry *folder;

static const struct crash_way *const subjects[] = {
	crash_access, crash_reports, crash_counts, crash_memory,
	crash_stacks, crash_hangs, crash_locks,	   crash_sanitised,
};

static const struct crash_way *find_way(const char *name)
{
	const struct crash_way *way;
	int i;

	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		for (way = subjects[i]; way->name; way++)
			if (!strcmp(way->name, name))
				return way;
	return NULL;
}

static int provoke(char *request)
{
	char *context = request;
	const char *name = strsep(&context, " ");
	const struct crash_way *way = find_way(name);

	if (!way)
		return -EINVAL;
	return crash_in_context(way, context ? context : "task");
}

static ssize_t provoke_write(struct file *file, const char __user *data, size_t size, loff_t *at)
{
	char request[REQUEST_SIZE];
	int error;

	if (size >= sizeof(request))
		return -EINVAL;
	if (copy_from_user(request, data, size))
		return -EFAULT;
	request[size] = '\0';
	crash_user_buffer = (char __user *)data;
	error = provoke(strim(request));
	return error ? error : size;
}

static const struct file_operations provoke_operations = {
	.owner = THIS_MODULE,
	.write = provoke_write,
};

static int __init vexfs_crash_init(void)
{
	char request[REQUEST_SIZE];

	if (*how) {
		strscpy(request, how, sizeof(request));
		return provoke(request);
	}
	folder = debugfs_create_dir("vexfs_crash", NULL);
	debugfs_create_file("provoke", 0200, folder, NULL, &provoke_operations);
	return 0;
}

static void __exit vexfs_crash_exit(void)
{
	debugfs_remove(folder);
}

module_init(vexfs_crash_init);
module_exit(vexfs_crash_exit);
MODULE_DESCRIPTION("Crashes the kernel for the self-tests and for the corpus of crash logs");
MODULE_LICENSE("GPL");
