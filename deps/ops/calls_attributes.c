// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on what is known of a file beside its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ops.h"

#define ATTRIBUTE_ROOM (1 << 16) /* bytes; no extended attribute is longer */

static int result(int value)
{
	return value == 0 ? 0 : errno;
}

int call_stat(const struct argument *arguments)
{
	struct stat status;

	if (fstatat(AT_FDCWD, arguments[0].text, &status, (int)arguments[1].number) != 0)
		return errno;
	out_facts(&status);
	if (S_ISLNK(status.st_mode))
		return out_target(AT_FDCWD, arguments[0].text, status.st_size);
	return 0;
}

int call_statx(const struct argument *arguments)
{
	struct statx status;
	int error = call_stat(arguments);

	if (error != 0)
		return error;
	if (statx(AT_FDCWD, arguments[0].text, (int)arguments[1].number, STATX_BTIME, &status) != 0)
		return errno;
	if (status.stx_mask & STATX_BTIME) {
		out_text(" btime=");
		out_time(status.stx_btime.tv_sec);
	}
	return 0;
}

int call_chmod(const struct argument *arguments)
{
	return result(chmod(arguments[0].text, (mode_t)arguments[1].number));
}

int call_chown(const struct argument *arguments)
{
	uid_t user = (uid_t)arguments[1].number;
	gid_t group = (gid_t)arguments[2].number;

	return result(lchown(arguments[0].text, user, group));
}

/* The value is the atime, which trees leave out, since reading them changes it. */
int call_utimens(const struct argument *arguments)
{
	const struct timespec times[2] = {
		{ .tv_sec = arguments[1].number },
		{ .tv_sec = arguments[2].number },
	};
	struct stat status;

	if (utimensat(AT_FDCWD, arguments[0].text, times, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	if (lstat(arguments[0].text, &status) != 0)
		return errno;
	out_text(" ");
	out_number(status.st_atim.tv_sec);
	return 0;
}

/* The name in its namespace; it may be too long, which is the kernel's to say. */
static const char *full_name(const struct argument *name)
{
	static char text[PATH_MAX + sizeof("user.")];

	snprintf(text, sizeof(text), "user.%s", name->text);
	return text;
}

int call_setxattr(const struct argument *arguments)
{
	size_t length = (size_t)arguments[2].number;

	fill(buffer, 0, length, (uint32_t)arguments[3].number);
	return result(setxattr(arguments[0].text, full_name(&arguments[1]), buffer, length,
			       (int)arguments[4].number));
}

int call_getxattr(const struct argument *arguments)
{
	ssize_t length =
		getxattr(arguments[0].text, full_name(&arguments[1]), buffer, ATTRIBUTE_ROOM);

	if (length < 0)
		return errno;
	out_text(" ");
	out_number(length);
	out_text(" ");
	out_hash(hash_bytes(buffer, (size_t)length));
	return 0;
}

int call_removexattr(const struct argument *arguments)
{
	return result(removexattr(arguments[0].text, full_name(&arguments[1])));
}

int call_listxattr(const struct argument *arguments)
{
	struct names names;
	int error = names_of_attributes(-1, arguments[0].text, &names);

	if (error != 0)
		return error;
	out_text(" ");
	out_number((int64_t)names.count);
	out_text(" ");
	out_hash(names_hash(&names));
	names_free(&names);
	return 0;
}
