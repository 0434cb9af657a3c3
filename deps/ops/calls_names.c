// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on names and folders. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ops.h"

#define NODE_DEVICE makedev(1, 3)

static int result(int value)
{
	return value == 0 ? 0 : errno;
}

int call_rename(const struct argument *arguments)
{
	unsigned int flags = (unsigned int)arguments[2].number;

	return result(renameat2(AT_FDCWD, arguments[0].text, AT_FDCWD, arguments[1].text, flags));
}

int call_link(const struct argument *arguments)
{
	return result(link(arguments[0].text, arguments[1].text));
}

int call_linkfd(const struct argument *arguments)
{
	int file = list.handles[arguments[0].handle];
	char path[32];

	if (file < 0)
		return EBADF;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return result(linkat(AT_FDCWD, path, AT_FDCWD, arguments[1].text, AT_SYMLINK_FOLLOW));
}

int call_symlink(const struct argument *arguments)
{
	return result(symlink(arguments[0].text, arguments[1].text));
}

int call_readlink(const struct argument *arguments)
{
	char text[PATH_MAX];
	ssize_t length = readlink(arguments[0].text, text, sizeof(text));

	if (length < 0)
		return errno;
	out_text(" ");
	out_escaped(text, (size_t)length);
	return 0;
}

int call_mknod(const struct argument *arguments)
{
	mode_t kind = (mode_t)arguments[1].number;

	if (S_ISBLK(kind))
		list.block_nodes = true;
	return result(mknod(arguments[0].text, kind | (mode_t)arguments[2].number, NODE_DEVICE));
}

int call_mkdir(const struct argument *arguments)
{
	return result(mkdir(arguments[0].text, (mode_t)arguments[1].number));
}

int call_rmdir(const struct argument *arguments)
{
	return result(rmdir(arguments[0].text));
}

int call_unlink(const struct argument *arguments)
{
	return result(unlink(arguments[0].text));
}

/* Whether a name's type is what lstat(2) says; a name that is gone again has none. */
static bool one_lies(int folder, const struct name *name)
{
	struct stat status;

	return fstatat(folder, name->text, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       type_lies(name->type, status.st_mode);
}

int call_readdir(const struct argument *arguments)
{
	struct names names;
	int folder = open(arguments[0].text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = folder < 0 ? errno : names_of_folder(folder, &names);
	bool lies = false;

	if (folder < 0)
		return error;
	if (error == 0) {
		for (size_t i = 0; i < names.count; i++)
			lies = lies || one_lies(folder, &names.all[i]);
		out_text(" ");
		out_number((int64_t)names.count);
		out_text(" ");
		out_hash(names_hash(&names));
		out_text(lies ? " lie" : "");
		names_free(&names);
	}
	close(folder);
	return error;
}
