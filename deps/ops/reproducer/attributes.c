static int set_attribute(const char *path, const char *name, size_t length, unsigned int seed,
			 int flags)
{
	fill(buffer, 0, length, seed);
	return setxattr(path, name, buffer, length, flags);
}

static int get_attribute(const char *path, const char *name)
{
	ssize_t length = getxattr(path, name, buffer, 1 << 16);

	if (length < 0)
		return -1;
	tell("%zd %016" PRIx64, length, hash_more(length, buffer, length));
	return 0;
}

/* Those of users, without the prefix. */
static int list_attributes(const char *path)
{
	static char list[1 << 16];
	ssize_t length = listxattr(path, list, sizeof(list));

	if (length < 0)
		return -1;
	name_count = 0;
	for (const char *name = list; name < list + length; name += strlen(name) + 1)
		if (strncmp(name, "user.", 5) == 0)
			add_name(name + 5, 0);
	sort_names();
	tell_names();
	return 0;
}

/* Gives back the atime that the call has set. */
static int set_times(const char *path, time_t atime, time_t mtime)
{
	const struct timespec times[2] = { { .tv_sec = atime }, { .tv_sec = mtime } };
	struct stat status;

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) != 0 || lstat(path, &status) != 0)
		return -1;
	tell("%lld", (long long)status.st_atim.tv_sec);
	return 0;
}

static const char *kind_name(mode_t mode)
{
	return S_ISREG(mode)  ? "file" :
	       S_ISDIR(mode)  ? "folder" :
	       S_ISLNK(mode)  ? "symlink" :
	       S_ISFIFO(mode) ? "fifo" :
	       S_ISSOCK(mode) ? "socket" :
	       S_ISCHR(mode)  ? "char" :
	       S_ISBLK(mode)  ? "block" :
				"unknown";
}

static int read_link(const char *path)
{
	char text[PATH_MAX];
	ssize_t length = readlink(path, text, sizeof(text));

	if (length >= 0)
		tell_escaped(text, length);
	return length < 0 ? -1 : 0;
}

static int describe(const char *path, int flags)
{
	struct stat status;

	if (fstatat(AT_FDCWD, path, &status, flags) != 0)
		return -1;
	tell("kind=%s mode=%04o", kind_name(status.st_mode), status.st_mode & 07777);
	tell(" user=%u group=%u", status.st_uid, status.st_gid);
	tell(" nlink=%lu", (unsigned long)status.st_nlink);
	if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode))
		tell(" size=%lld", (long long)status.st_size);
	if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
		tell(" device=%u:%u", major(status.st_rdev), minor(status.st_rdev));
	if (!S_ISLNK(status.st_mode))
		return 0;
	tell(" target=");
	return read_link(path);
}

static int describe_with_times(const char *path, int flags)
{
	struct stat status;

	if (describe(path, flags) != 0 || fstatat(AT_FDCWD, path, &status, flags) != 0)
		return -1;
	tell(" mtime=%s", time_name(status.st_mtim.tv_sec));
	tell(" ctime=%s", time_name(status.st_ctim.tv_sec));
	return 0;
}

static int describe_birth(const char *path, int flags)
{
	struct statx status;

	if (describe(path, flags) != 0)
		return -1;
	return statx(AT_FDCWD, path, flags, STATX_BTIME, &status);
}

static int describe_birth_with_times(const char *path, int flags)
{
	struct statx status;

	if (describe_with_times(path, flags) != 0)
		return -1;
	if (statx(AT_FDCWD, path, flags, STATX_BTIME, &status) != 0)
		return -1;
	if (status.stx_mask & STATX_BTIME)
		tell(" btime=%s", time_name(status.stx_btime.tv_sec));
	return 0;
}
