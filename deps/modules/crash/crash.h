/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to go wrong, by name. A table for each subject; main.c looks through all of them. */
#ifndef VEXFS_CRASH_H
#define VEXFS_CRASH_H

#include <linux/types.h>

struct crash_way {
	const char *name;
	void (*provoke)(void);
};

#define CRASH_WAY(way) { #way, vexfs_crash_##way }

extern const struct crash_way crash_access[];
extern const struct crash_way crash_reports[];
extern const struct crash_way crash_counts[];
extern const struct crash_way crash_memory[];
extern const struct crash_way crash_stacks[];
extern const struct crash_way crash_hangs[];
extern const struct crash_way crash_locks[];
extern const struct crash_way crash_sanitised[];

/* Run a way in the context of that name; returns 0, or -EINVAL for a context that is not known. */
int crash_in_context(const struct crash_way *way, const char *context);

/* Call a function from within the filesystem that lists the directory. */
void crash_in_directory(const char *path, void (*function)(void));

/* What user space gave with a request: a buffer of its own, for copies that go wrong. */
extern char __user *crash_user_buffer;

#endif
