// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on the whole filesystem, or on what is around it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ops.h"

static int result(int value)
{
	return value == 0 ? 0 : errno;
}

/* Take a user's rights, as the group of the same number; root's are kept to come back to. */
int become(int64_t user)
{
	static int64_t current;

	if (user == current)
		return 0;
	if (current != 0 && (seteuid(0) != 0 || setegid(0) != 0))
		return errno;
	current = 0;
	if (user != 0 && (setegid((gid_t)user) != 0 || seteuid((uid_t)user) != 0))
		return errno;
	current = user;
	return 0;
}

int call_user(const struct argument *arguments)
{
	int error = become(arguments[0].number);

	if (error == 0)
		list.user = arguments[0].number;
	return error;
}

int call_syncfs(const struct argument *arguments)
{
	(void)arguments;
	return result(syncfs(list.folder));
}

int call_sync(const struct argument *arguments)
{
	(void)arguments;
	sync();
	return 0;
}

static int drop_caches(void)
{
	int file = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	int error;

	if (file < 0)
		return errno;
	sync();
	error = write(file, "3", 1) == 1 ? 0 : errno;
	close(file);
	return error;
}

static int freeze(void)
{
	if (ioctl(list.folder, FIFREEZE, 0) != 0)
		return errno;
	return result(ioctl(list.folder, FITHAW, 0));
}

/* What is no filesystem call of a list's user is done as root. */
static int as_root(int (*call)(void))
{
	int error = become(0);

	if (error == 0)
		error = call();
	become(list.user);
	return error;
}

int call_drop_caches(const struct argument *arguments)
{
	(void)arguments;
	return as_root(drop_caches);
}

int call_freeze(const struct argument *arguments)
{
	(void)arguments;
	return as_root(freeze);
}

int call_crash_point(const struct argument *arguments)
{
	(void)arguments;
	return 0;
}
