// SPDX-License-Identifier: GPL-2.0-or-later
/* Sorted lists of names: a folder's, and those of a file's extended attributes "user.*". */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ops.h"

#define PREFIX "user."
#define LIST_ROOM (1 << 16) /* bytes; the kernel gives no longer list */

static void add(struct names *names, const char *text, unsigned char type)
{
	/* The room doubles whenever the count reaches a power of two. */
	if ((names->count & (names->count - 1)) == 0)
		names->all = realloc(names->all, (2 * names->count + 1) * sizeof(*names->all));
	if (names->all == NULL || (text = strdup(text)) == NULL)
		bad_program("no memory", "names");
	names->all[names->count].text = (char *)text;
	names->all[names->count].type = type;
	names->count++;
}

static int in_order(const void *one, const void *other)
{
	return strcmp(((const struct name *)one)->text, ((const struct name *)other)->text);
}

static void sort(struct names *names)
{
	if (names->count > 0)
		qsort(names->all, names->count, sizeof(*names->all), in_order);
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->all[i].text);
	free(names->all);
	*names = (struct names){ 0 };
}

/* All but "." and "..". Returns 0 or an errno; then there is nothing to free. */
int names_of_folder(int folder, struct names *names)
{
	DIR *stream = fdopendir(dup(folder));
	const struct dirent *entry;
	int error;

	*names = (struct names){ 0 };
	if (stream == NULL)
		return errno;
	while (errno = 0, (entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			add(names, entry->d_name, entry->d_type);
	error = errno;
	closedir(stream);
	sort(names);
	if (error != 0)
		names_free(names);
	return error;
}

/* Without the prefix; of an open file, or of a path if file is -1. Returns 0 or an errno. */
int names_of_attributes(int file, const char *path, struct names *names)
{
	static char text[LIST_ROOM];
	ssize_t length = file >= 0 ? flistxattr(file, text, sizeof(text))
				   : listxattr(path, text, sizeof(text));

	*names = (struct names){ 0 };
	if (length < 0)
		return errno;
	for (const char *name = text; name < text + length; name += strlen(name) + 1)
		if (strncmp(name, PREFIX, strlen(PREFIX)) == 0)
			add(names, name + strlen(PREFIX), 0);
	sort(names);
	return 0;
}

/* Of the names one after another, each with its final zero. */
uint64_t names_hash(const struct names *names)
{
	unsigned char *to = buffer;

	for (size_t i = 0; i < names->count; i++) {
		size_t length = strlen(names->all[i].text) + 1;

		if (length > (size_t)(buffer + MAX_LENGTH - to))
			break;
		memcpy(to, names->all[i].text, length);
		to += length;
	}
	return hash_bytes(buffer, (size_t)(to - buffer));
}
