// SPDX-License-Identifier: GPL-2.0-or-later
/* Below a filesystem's own functions: it calls back for each name while it lists a directory. */
#include <linux/err.h>
#include <linux/fs.h>

#include "crash.h"

static void (*wanted_in_directory)(void);

static bool each_name(struct dir_context *context, const char *name, int size, loff_t at,
		      u64 inode, unsigned int type)
{
	wanted_in_directory();
	return false;
}

void crash_in_directory(const char *path, void (*function)(void))
{
	struct dir_context context = { .actor = each_name };
	struct file *directory = filp_open(path, O_RDONLY | O_DIRECTORY, 0);

	if (IS_ERR(directory))
		return;
	wanted_in_directory = function;
	iterate_dir(directory, &context);
	filp_close(directory, NULL);
}
