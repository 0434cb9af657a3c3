// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that write and read. */
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ops.h"

#define MAX_PIECES 64

static void out_count(ssize_t count)
{
	out_text(" ");
	out_number(count);
}

int call_write(const struct argument *arguments)
{
	int64_t offset = arguments[1].number;
	size_t length = (size_t)arguments[2].number;
	ssize_t count;
	int file;
	int error = open_target(&arguments[0], O_WRONLY, &file);

	if (error != 0)
		return error;
	fill(buffer, (uint64_t)offset, length, (uint32_t)arguments[3].number);
	count = pwrite(file, buffer, length, offset);
	error = count < 0 ? errno : 0;
	out_count(count);
	return close_target(&arguments[0], file, error);
}

int call_writev(const struct argument *arguments)
{
	int64_t offset = arguments[1].number;
	size_t length = (size_t)arguments[2].number;
	size_t pieces = (size_t)arguments[4].number;
	struct iovec vector[MAX_PIECES];
	ssize_t count;
	int file;
	int error = open_target(&arguments[0], O_WRONLY, &file);

	if (error != 0)
		return error;
	fill(buffer, (uint64_t)offset, length, (uint32_t)arguments[3].number);
	for (size_t i = 0; i < pieces; i++) {
		size_t start = length * i / pieces;

		vector[i].iov_base = buffer + start;
		vector[i].iov_len = length * (i + 1) / pieces - start;
	}
	count = pwritev(file, vector, (int)pieces, offset);
	error = count < 0 ? errno : 0;
	out_count(count);
	return close_target(&arguments[0], file, error);
}

int call_append(const struct argument *arguments)
{
	size_t length = (size_t)arguments[1].number;
	ssize_t count = -1;
	off_t place;
	int file;
	int error = open_target(&arguments[0], O_WRONLY | O_APPEND, &file);

	if (error != 0)
		return error;
	place = lseek(file, 0, SEEK_END);
	if (place >= 0) {
		fill(buffer, (uint64_t)place, length, (uint32_t)arguments[2].number);
		count = write(file, buffer, length);
	}
	error = count < 0 ? errno : 0;
	out_count(count);
	return close_target(&arguments[0], file, error);
}

int call_read(const struct argument *arguments)
{
	ssize_t count;
	int file;
	int error = open_target(&arguments[0], O_RDONLY, &file);

	if (error != 0)
		return error;
	count = pread(file, buffer, (size_t)arguments[2].number, arguments[1].number);
	error = count < 0 ? errno : 0;
	out_count(count);
	out_text(" ");
	out_hash(hash_bytes(buffer, count < 0 ? 0 : (size_t)count));
	return close_target(&arguments[0], file, error);
}

int call_truncate(const struct argument *arguments)
{
	int64_t size = arguments[1].number;
	int handle = arguments[0].handle;
	int result = handle < 0 ? truncate(arguments[0].text, size)
				: ftruncate(list.handles[handle], size);

	return result == 0 ? 0 : errno;
}

static int synchronize(const struct argument *target, int (*how)(int))
{
	int file;
	int error = open_target(target, O_RDONLY, &file);

	if (error != 0)
		return error;
	error = how(file) == 0 ? 0 : errno;
	return close_target(target, file, error);
}

int call_fsync(const struct argument *arguments)
{
	return synchronize(&arguments[0], fsync);
}

int call_fdatasync(const struct argument *arguments)
{
	return synchronize(&arguments[0], fdatasync);
}
