// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on a file's ranges: their blocks, holes and copies. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ops.h"

int call_fallocate(const struct argument *arguments)
{
	int mode = (int)arguments[1].number;
	int file;
	int error = open_target(&arguments[0], O_WRONLY, &file);

	if (error != 0)
		return error;
	if (fallocate(file, mode, arguments[2].number, arguments[3].number) != 0)
		error = errno;
	return close_target(&arguments[0], file, error);
}

/*
 * Where data or a hole begins is the filesystem's own business, but data must not be passed over.
 * "No more data" before the end of the file is such a place too, its end.
 */
static int seek(int file, int64_t offset, int whence)
{
	int64_t place = lseek(file, offset, whence);
	int error = place < 0 ? errno : 0;
	struct stat status;
	bool lies;

	if (fstat(file, &status) != 0)
		return errno;
	if (S_ISDIR(status.st_mode))
		return EISDIR; /* places in a folder are its own numbers */
	if (error == ENXIO && whence == SEEK_DATA && offset >= 0 && offset < status.st_size)
		place = status.st_size;
	else if (error != 0)
		return error;
	lies = place < offset || place > status.st_size;
	if (!lies && whence == SEEK_DATA)
		lies = !reads_zero(file, offset, place);
	if (lies)
		out_text(" lie");
	return 0;
}

int call_seek(const struct argument *arguments)
{
	int file;
	int error = open_target(&arguments[0], O_RDONLY, &file);

	if (error != 0)
		return error;
	error = seek(file, arguments[1].number, (int)arguments[2].number);
	return close_target(&arguments[0], file, error);
}

/* Of a length, what the file has now: one that is copied onto its own end grows with every call. */
static size_t length_there(int file, off_t from, size_t length)
{
	struct stat status;

	if (fstat(file, &status) != 0 || status.st_size <= from)
		return length;
	return (off_t)length < status.st_size - from ? length : (size_t)(status.st_size - from);
}

/* As with write(2), an error is told only if nothing has been copied before. */
static int copy(int source, int target, const struct argument *arguments)
{
	off_t from = arguments[1].number, to = arguments[3].number;
	size_t length = length_there(source, from, (size_t)arguments[4].number);
	size_t left = length;
	ssize_t count;

	do {
		count = copy_file_range(source, &from, target, &to, left, 0);
		if (count > 0)
			left -= (size_t)count;
	} while (count > 0 && left > 0);
	if (count < 0 && left == length)
		return errno;
	out_text(" ");
	out_number((int64_t)(length - left));
	return 0;
}

int call_copy_range(const struct argument *arguments)
{
	int source, target;
	int error = open_target(&arguments[0], O_RDONLY, &source);

	if (error != 0)
		return error;
	error = open_target(&arguments[2], O_WRONLY, &target);
	if (error == 0) {
		error = copy(source, target, arguments);
		error = close_target(&arguments[2], target, error);
	}
	return close_target(&arguments[0], source, error);
}

int call_clone(const struct argument *arguments)
{
	int source, target;
	int error = open_target(&arguments[0], O_RDONLY, &source);

	if (error != 0)
		return error;
	error = open_target(&arguments[1], O_WRONLY, &target);
	if (error == 0) {
		error = ioctl(target, FICLONE, source) == 0 ? 0 : errno;
		error = close_target(&arguments[1], target, error);
	}
	return close_target(&arguments[0], source, error);
}
