// SPDX-License-Identifier: GPL-2.0-or-later
/* The operations: keyword, kinds of arguments (parse.c), function. */
#include <string.h>

#include "ops.h"

#define OPERATION(name, kinds) { #name, kinds, call_##name }

static const struct operation operations[] = {
	OPERATION(write, "tiii"),
	OPERATION(open, "hnFo"),
	OPERATION(close, "h"),
	OPERATION(create, "no"),
	OPERATION(read, "tii"),
	OPERATION(append, "tii"),
	OPERATION(truncate, "ti"),
	OPERATION(rename, "nnR"),
	OPERATION(unlink, "n"),
	OPERATION(mkdir, "no"),
	OPERATION(rmdir, "n"),
	OPERATION(link, "nn"),
	OPERATION(symlink, "nn"),
	OPERATION(readlink, "n"),
	OPERATION(readdir, "n"),
	OPERATION(stat, "nL"),
	OPERATION(statx, "nL"),
	OPERATION(chmod, "no"),
	OPERATION(chown, "nii"),
	OPERATION(utimens, "nii"),
	OPERATION(setxattr, "nniiX"),
	OPERATION(getxattr, "nn"),
	OPERATION(removexattr, "nn"),
	OPERATION(listxattr, "n"),
	OPERATION(writev, "tiiii"),
	OPERATION(fallocate, "tAii"),
	OPERATION(mmap_store, "tiiiM"),
	OPERATION(mmap_load, "tii"),
	OPERATION(seek, "tiW"),
	OPERATION(copy_range, "titii"),
	OPERATION(clone, "tt"),
	OPERATION(fsync, "t"),
	OPERATION(fdatasync, "t"),
	OPERATION(syncfs, ""),
	OPERATION(sync, ""),
	OPERATION(tmpfile, "hno"),
	OPERATION(linkfd, "hn"),
	OPERATION(mknod, "nNo"),
	OPERATION(lock, "hK"),
	OPERATION(user, "i"),
	OPERATION(drop_caches, ""),
	OPERATION(freeze, ""),
	OPERATION(crash_point, ""),
};

const struct operation *find_operation(const char *keyword)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strcmp(operations[i].keyword, keyword) == 0)
			return &operations[i];
	return NULL;
}
