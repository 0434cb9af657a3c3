// SPDX-License-Identifier: GPL-2.0-or-later
/* What is in an open file, as facts of the tree: its bytes, its holes, its extended attributes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ops.h"

#define START_LENGTH (16 << 20) /* bytes that are read of a long file's start */
#define END_LENGTH (64 << 10)   /* and of its end */
#define PIECE (1 << 20)
#define ATTRIBUTE_ROOM (1 << 16)

/* As many bytes as there are up to length. Returns their number, or the negative errno. */
static int64_t read_piece(int file, int64_t offset, size_t length)
{
	size_t done = 0;
	ssize_t count;

	pulse();
	do {
		count = pread(file, buffer + done, length - done, offset + (int64_t)done);
		if (count < 0)
			return -errno;
		done += (size_t)count;
	} while (count > 0 && done < length);
	return (int64_t)done;
}

/* Returns 0 or an errno; ENODATA if the file ends before its size. */
static int hash_range(int file, int64_t from, int64_t to, uint64_t *hash)
{
	while (from < to) {
		size_t length = to - from < PIECE ? (size_t)(to - from) : PIECE;
		int64_t count = read_piece(file, from, length);

		if (count < 0)
			return (int)-count;
		if (count < (int64_t)length)
			return ENODATA;
		*hash = hash_more(*hash, buffer, length);
		from += count;
	}
	return 0;
}

/* Whether a range can be read and all its bytes are zero; what lies beyond 16 MiB is believed. */
bool reads_zero(int file, int64_t from, int64_t to)
{
	to = to < from + START_LENGTH ? to : from + START_LENGTH;
	while (from < to) {
		size_t length = to - from < PIECE ? (size_t)(to - from) : PIECE;
		int64_t count = read_piece(file, from, length);

		if (count == -EBADF)
			return true; /* a handle that only writes */
		if (count <= 0)
			return false;
		for (int64_t i = 0; i < count; i++)
			if (buffer[i] != 0)
				return false;
		from += count;
	}
	return true;
}

/* Whether what is no data reads as zero: "ok" or "lie"; NULL if the filesystem does not tell. */
static const char *judge_holes(int file, int64_t size)
{
	int64_t end = size < START_LENGTH ? size : START_LENGTH;
	int64_t place = 0;

	while (place < end) {
		int64_t data = lseek(file, place, SEEK_DATA);

		if (data < 0 && errno != ENXIO)
			return NULL;
		if (data < 0)
			data = size;
		if (data < place || data > size)
			return "lie";
		if (!reads_zero(file, place, data < end ? data : end))
			return "lie";
		if (data >= end)
			break;
		place = lseek(file, data, SEEK_HOLE);
		if (place <= data || place > size)
			return "lie";
	}
	return "ok";
}

/* Returns 0 or an errno. */
int out_contents(int file, int64_t size)
{
	int64_t start = size < START_LENGTH ? size : START_LENGTH;
	int64_t end = size - END_LENGTH < start ? start : size - END_LENGTH;
	uint64_t hash = hash_start((uint64_t)size);
	const char *holes = size == 0 ? NULL : judge_holes(file, size);
	int error = hash_range(file, 0, start, &hash);

	if (error == 0)
		error = hash_range(file, end, size, &hash);
	if (error != 0)
		return error;
	out_text(" hash=");
	out_hash(hash);
	if (holes != NULL) {
		out_text(" holes=");
		out_text(holes);
	}
	return 0;
}

static int out_attribute(int file, const struct name *name)
{
	char full[300];
	ssize_t length;

	snprintf(full, sizeof(full), "user.%s", name->text);
	length = fgetxattr(file, full, buffer, ATTRIBUTE_ROOM);
	if (length < 0)
		return errno;
	out_escaped_word(name->text, strlen(name->text));
	out_text(":");
	out_number(length);
	out_text(":");
	out_hash(hash_bytes(buffer, (size_t)length));
	return 0;
}

/* Sorted: NAME:LENGTH:HASH,... A filesystem without any is no error. Returns 0 or an errno. */
int out_attributes(int file)
{
	struct names names;
	int error = names_of_attributes(file, NULL, &names);

	if (error != 0)
		return error == EOPNOTSUPP ? 0 : error;
	for (size_t i = 0; i < names.count && error == 0; i++) {
		out_text(i == 0 ? " xattrs=" : ",");
		error = out_attribute(file, &names.all[i]);
	}
	names_free(&names);
	return error;
}
