/* A path or a fact that is not there is "absent". */
static const char *failure(void)
{
	return errno == ENOENT ? "absent" : strerrorname_np(errno);
}

static const char *kind_of(const char *path)
{
	struct stat status;

	return lstat(path, &status) != 0 ? failure() : kind_name(status.st_mode);
}

static const char *mode_of(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return failure();
	sprintf(fact, "%04o", status.st_mode & 07777);
	return fact;
}

static const char *user_of(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return failure();
	sprintf(fact, "%u", status.st_uid);
	return fact;
}

static const char *group_of(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return failure();
	sprintf(fact, "%u", status.st_gid);
	return fact;
}

static const char *nlink_of(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return failure();
	sprintf(fact, "%lu", (unsigned long)status.st_nlink);
	return fact;
}

static const char *size_of(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return failure();
	sprintf(fact, "%lld", (long long)status.st_size);
	return fact;
}

static const char *device_of(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return failure();
	sprintf(fact, "%u:%u", major(status.st_rdev), minor(status.st_rdev));
	return fact;
}

static const char *mtime_of(const char *path)
{
	struct stat status;

	return lstat(path, &status) != 0 ? failure() : time_name(status.st_mtim.tv_sec);
}

static const char *ctime_of(const char *path)
{
	struct stat status;

	return lstat(path, &status) != 0 ? failure() : time_name(status.st_ctim.tv_sec);
}

static const char *btime_of(const char *path)
{
	struct statx status;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) != 0)
		return failure();
	return status.stx_mask & STATX_BTIME ? time_name(status.stx_btime.tv_sec) : "absent";
}

static const char *target_of(const char *path)
{
	answer[0] = '\0';
	return read_link(path) != 0 ? failure() : answer;
}

/* Whether the size of a symbolic link is that of its text. */
static const char *length_of(const char *path)
{
	struct stat status;
	char text[PATH_MAX];

	if (lstat(path, &status) != 0)
		return failure();
	return readlink(path, text, sizeof(text)) == status.st_size ? "absent" : "lie";
}

static int hash_range(int file, off_t from, off_t to, uint64_t *hash)
{
	while (from < to) {
		size_t length = to - from < 1 << 20 ? to - from : 1 << 20;
		ssize_t count = pread(file, buffer, length, from);

		if (count < 0)
			return -1;
		if ((size_t)count < length) {
			errno = ENODATA; /* it ends before its size */
			return -1;
		}
		*hash = hash_more(*hash, buffer, length);
		from += count;
	}
	return 0;
}

/* Of the first 16 MiB and, in a longer file, the last 64 KiB. */
static int hash_file(int file, off_t size, uint64_t *hash)
{
	off_t start = size < 1 << 24 ? size : 1 << 24;
	off_t end = size - (1 << 16) > start ? size - (1 << 16) : start;

	*hash = size;
	return hash_range(file, 0, start, hash) != 0 ? -1 : hash_range(file, end, size, hash);
}

static const char *hash_of(const char *path)
{
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME);
	struct stat status;
	uint64_t hash;

	if (file < 0 || fstat(file, &status) != 0 || hash_file(file, status.st_size, &hash) != 0)
		return failure();
	close(file);
	sprintf(fact, "%016" PRIx64, hash);
	return fact;
}

/* Whether all that is said to be a hole, in the first 16 MiB, reads as zero. */
static const char *holes_of(const char *path)
{
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME);
	off_t place = 0, data, end;
	struct stat status;

	if (file < 0 || fstat(file, &status) != 0)
		return failure();
	end = status.st_size < 1 << 24 ? status.st_size : 1 << 24;
	while (place < end) {
		data = lseek(file, place, SEEK_DATA);
		if (data < 0 && errno != ENXIO)
			return "absent";
		if (data < 0)
			data = status.st_size;
		if (data < place || data > status.st_size)
			return "lie";
		if (!reads_zero(file, place, data < end ? data : end))
			return "lie";
		if (data >= end)
			break;
		place = lseek(file, data, SEEK_HOLE);
		if (place <= data || place > status.st_size)
			return "lie";
	}
	close(file);
	return "ok";
}

/* An extended attribute's length and hash. */
static const char *attribute_of(const char *path, const char *name)
{
	ssize_t length = lgetxattr(path, name, buffer, 1 << 16);

	if (length < 0)
		return errno == ENODATA ? "absent" : failure();
	sprintf(fact, "%zd:%016" PRIx64, length, hash_more(length, buffer, length));
	return fact;
}

/* The other path if both are the same file. */
static const char *same_as(const char *path, const char *other)
{
	struct stat one, two;

	if (lstat(path, &one) != 0 || lstat(other, &two) != 0)
		return failure();
	return one.st_ino == two.st_ino ? other : "absent";
}

static int times_listed(const char *folder, const char *name)
{
	int times = 0;

	if (list_names(folder) != 0)
		return 0;
	for (int i = 0; i < name_count; i++)
		times += strcmp(names[i].text, name) == 0;
	return times;
}

/* How often a folder lists a name, if more than once. */
static const char *listed_of(const char *folder, const char *name)
{
	int times = times_listed(folder, name);

	sprintf(fact, "%d", times);
	return times <= 1 ? "absent" : fact;
}

/* A name that its folder does not list is not there. */
static const char *kind_of_listed(const char *folder, const char *name, const char *path)
{
	return times_listed(folder, name) == 0 ? "absent" : kind_of(path);
}

/* Whether the type that a folder lists a name with is what lstat(2) says. */
static const char *type_of(const char *folder, const char *name, const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0 || list_names(folder) != 0)
		return failure();
	for (int i = 0; i < name_count; i++)
		if (strcmp(names[i].text, name) == 0 && names[i].type != DT_UNKNOWN)
			return names[i].type == IFTODT(status.st_mode) ? "absent" : "lie";
	return "absent";
}

/* The first error in reading all of it. */
static const char *error_of(const char *path)
{
	struct stat status;
	char text[1 << 16];
	ssize_t length;
	uint64_t hash;
	int file;

	if (lstat(path, &status) != 0)
		return strerrorname_np(errno);
	if (S_ISLNK(status.st_mode))
		return readlink(path, text, sizeof(text)) < 0 ? strerrorname_np(errno) : "absent";
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return "absent";
	file = open(path, O_RDONLY | O_NOFOLLOW | O_NOATIME);
	if (file < 0)
		return strerrorname_np(errno);
	if (S_ISREG(status.st_mode) && hash_file(file, status.st_size, &hash) != 0)
		return strerrorname_np(errno);
	length = flistxattr(file, text, sizeof(text));
	if (length < 0 && errno != EOPNOTSUPP)
		return strerrorname_np(errno);
	for (const char *name = text; name < text + length; name += strlen(name) + 1)
		if (strncmp(name, "user.", 5) == 0 && fgetxattr(file, name, buffer, 1 << 16) < 0)
			return strerrorname_np(errno);
	if (S_ISDIR(status.st_mode) && list_names(path) != 0)
		return strerrorname_np(errno);
	close(file);
	return "absent";
}
