// SPDX-License-Identifier: GPL-2.0-or-later
/* What stat(2) and readlink(2) tell of a file, as facts " name=value". */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ops.h"

static void out_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		out_text("file");
		break;
	case S_IFDIR:
		out_text("folder");
		break;
	case S_IFLNK:
		out_text("symlink");
		break;
	case S_IFIFO:
		out_text("fifo");
		break;
	case S_IFSOCK:
		out_text("socket");
		break;
	case S_IFCHR:
		out_text("char");
		break;
	case S_IFBLK:
		out_text("block");
		break;
	default:
		out_octal(mode & S_IFMT);
	}
}

static void out_number_fact(const char *name, int64_t number)
{
	out_text(name);
	out_number(number);
}

void out_facts(const struct stat *status)
{
	out_text(" kind=");
	out_kind(status->st_mode);
	out_text(" mode=");
	out_octal(status->st_mode & 07777);
	out_number_fact(" user=", status->st_uid);
	out_number_fact(" group=", status->st_gid);
	out_number_fact(" nlink=", (int64_t)status->st_nlink);
	if (S_ISREG(status->st_mode) || S_ISLNK(status->st_mode))
		out_number_fact(" size=", status->st_size);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) {
		out_number_fact(" device=", major(status->st_rdev));
		out_number_fact(":", minor(status->st_rdev));
	}
	out_text(" mtime=");
	out_time(status->st_mtim.tv_sec);
	out_text(" ctime=");
	out_time(status->st_ctim.tv_sec);
}

/* A symbolic link's text, and whether the link's size lies about it. Returns 0 or an errno. */
int out_target(int folder, const char *name, int64_t size)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(folder, name, text, sizeof(text));

	if (length < 0)
		return errno;
	out_text(" target=");
	out_escaped(text, (size_t)length);
	if (length != size)
		out_text(" length=lie");
	return 0;
}

/* Whether readdir(3) told another type than lstat(2); it may tell none. */
bool type_lies(unsigned char type, mode_t mode)
{
	return type != DT_UNKNOWN && type != IFTODT(mode);
}
