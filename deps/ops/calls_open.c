// SPDX-License-Identifier: GPL-2.0-or-later
/* Handles and targets, and the operations that open, close and lock. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "ops.h"

/* A block device's node leads to a device that all filesystems of the guest share. */
static bool is_block_device(const char *path)
{
	struct stat status;

	return list.block_nodes && stat(path, &status) == 0 && S_ISBLK(status.st_mode);
}

/* Returns 0 or an errno. A FIFO that nobody else has opened must not stop us. */
static int open_path(const char *path, int flags, mode_t mode, int *file)
{
	if (is_block_device(path))
		return ENXIO;
	*file = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
	return *file < 0 ? errno : 0;
}

static void keep(int handle, int file)
{
	if (list.handles[handle] >= 0)
		close(list.handles[handle]);
	list.handles[handle] = file;
}

/* The file of a target: a handle's own, or the path opened with flags. Returns 0 or an errno. */
int open_target(const struct argument *target, int flags, int *file)
{
	if (target->handle < 0)
		return open_path(target->text, flags, 0, file);
	*file = list.handles[target->handle];
	return *file < 0 ? EBADF : 0;
}

/* Returns the error that there was before, else that of close(2). */
int close_target(const struct argument *target, int file, int error)
{
	int result = target->handle < 0 ? close(file) : 0;

	return error == 0 && result != 0 ? errno : error;
}

int call_open(const struct argument *arguments)
{
	int file;
	int flags = (int)arguments[2].number;
	mode_t mode = (mode_t)arguments[3].number;
	int error = open_path(arguments[1].text, flags, mode, &file);

	if (error == 0)
		keep(arguments[0].handle, file);
	return error;
}

int call_tmpfile(const struct argument *arguments)
{
	int file;
	mode_t mode = (mode_t)arguments[2].number;
	int error = open_path(arguments[1].text, O_TMPFILE | O_RDWR, mode, &file);

	if (error == 0)
		keep(arguments[0].handle, file);
	return error;
}

int call_close(const struct argument *arguments)
{
	int file = list.handles[arguments[0].handle];

	list.handles[arguments[0].handle] = -1;
	return close(file) == 0 ? 0 : errno;
}

int call_create(const struct argument *arguments)
{
	int file;
	mode_t mode = (mode_t)arguments[1].number;
	int error = open_path(arguments[0].text, O_CREAT | O_EXCL | O_WRONLY, mode, &file);

	if (error != 0)
		return error;
	return close(file) == 0 ? 0 : errno;
}

int call_lock(const struct argument *arguments)
{
	int file = list.handles[arguments[0].handle];

	return flock(file, (int)arguments[1].number | LOCK_NB) == 0 ? 0 : errno;
}
