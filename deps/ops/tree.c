// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The canonical tree of a list's folder, a line for each name, parents first, names in order:
 *
 *     entry PATH kind=KIND mode=OCTAL user=N group=N nlink=N [size=N] [device=N:N] mtime=T ctime=T
 *           [target=TEXT] [hash=HASH] [holes=ok|lie] [xattrs=NAME:LENGTH:HASH,...] [same=PATH]
 *           [type=lie] [length=lie] [listed=N] [error=ERROR]
 *
 * "same" is the first path of the same inode. "type" tells that readdir(3) was wrong, "length"
 * that a symbolic link's size was, "listed" that a folder has a name more than once. "error" is the
 * first thing that could not be read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

#define MAX_DEPTH 128 /* deeper folders are not entered: in a broken tree there may be no end */

struct inode {
	dev_t device;
	ino_t number;
	size_t length;
	char path[]; /* of its first name, in no written form */
};

struct walk {
	void *inodes; /* a tree of tsearch(3) */
	char *path;   /* of what is being described */
	size_t length;
	size_t room;
	int depth;
};

static void *have(void *memory)
{
	if (memory == NULL)
		bad_program("no memory", "tree");
	return memory;
}

/* Append a name to the path; returns the length to come back to. */
static size_t descend(struct walk *walk, const char *name)
{
	size_t before = walk->length;
	size_t more = strlen(name) + 2;

	if (walk->length + more > walk->room)
		walk->path = have(realloc(walk->path, walk->room = 2 * (walk->length + more)));
	if (before > 0)
		walk->path[walk->length++] = '/';
	strcpy(walk->path + walk->length, name);
	walk->length += more - 2;
	return before;
}

static int same_order(const void *one, const void *other)
{
	const struct inode *a = one, *b = other;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->device < b->device ? -1 : a->device > b->device;
}

static void out_path(const char *path, size_t length)
{
	out_escaped(length == 0 ? "." : path, length == 0 ? 1 : length);
}

/* Remember an inode by its first path, or tell that; returns whether it is new. */
static bool out_same(struct walk *walk, const struct stat *status)
{
	struct inode *fresh = have(malloc(sizeof(*fresh) + walk->length));
	const struct inode *known;

	fresh->device = status->st_dev;
	fresh->number = status->st_ino;
	fresh->length = walk->length;
	memcpy(fresh->path, walk->path, walk->length);
	known = *(struct inode **)have(tsearch(fresh, &walk->inodes, same_order));
	if (known == fresh)
		return true;
	out_text(" same=");
	out_path(known->path, known->length);
	free(fresh);
	return false;
}

/*
 * The facts of a name. A file or a folder is left open, with the names in a folder.
 * Returns 0 or an errno, the first.
 */
static int out_name(struct walk *walk, int folder, const struct name *name, int *file,
		    struct names *inside)
{
	const int flags = O_RDONLY | O_NOATIME | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int error = 0, folder_error = 0;
	struct stat status;
	bool fresh;

	if (fstatat(folder, name->text, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	out_facts(&status);
	out_text(type_lies(name->type, status.st_mode) ? " type=lie" : "");
	fresh = out_same(walk, &status);
	if (S_ISLNK(status.st_mode))
		return out_target(folder, name->text, status.st_size);
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return 0;
	*file = openat(folder, name->text, flags);
	if (*file < 0)
		return errno;
	if (S_ISREG(status.st_mode))
		error = out_contents(*file, status.st_size);
	else if (fresh && walk->depth < MAX_DEPTH)
		folder_error = names_of_folder(*file, inside);
	else
		folder_error = ELOOP;
	if (error == 0)
		error = out_attributes(*file);
	return error == 0 ? folder_error : error;
}

static void out_entry(struct walk *walk, int folder, const struct name *name, int listed);

static void out_names(struct walk *walk, int folder, const struct names *names)
{
	int listed = 1;

	walk->depth++;
	for (size_t i = 0; i < names->count; i++, listed++) {
		size_t before;

		if (i + 1 < names->count && strcmp(names->all[i].text, names->all[i + 1].text) == 0)
			continue;
		before = descend(walk, names->all[i].text);
		out_entry(walk, folder, &names->all[i], listed);
		walk->length = before;
		listed = 0;
	}
	walk->depth--;
}

static void out_entry(struct walk *walk, int folder, const struct name *name, int listed)
{
	struct names inside = { 0 };
	int file = -1;
	int error;

	pulse();
	out_text("entry ");
	out_path(walk->path, walk->length);
	error = out_name(walk, folder, name, &file, &inside);
	if (listed > 1) {
		out_text(" listed=");
		out_number(listed);
	}
	if (error != 0) {
		out_text(" error=");
		out_error(error);
	}
	out_text("\n");
	out_commit();
	if (file >= 0) {
		out_names(walk, file, &inside);
		close(file);
	}
	names_free(&inside);
}

void out_tree(void)
{
	const struct name top = { .text = (char *)".", .type = DT_UNKNOWN };
	struct walk walk = { .room = 1, .path = have(malloc(1)) };

	out_entry(&walk, AT_FDCWD, &top, 1);
	tdestroy(walk.inodes, free);
	free(walk.path);
}
