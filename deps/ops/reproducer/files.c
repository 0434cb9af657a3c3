static int handles[10] = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };

static int keep(int number, int file)
{
	if (file < 0)
		return -1;
	if (handles[number] >= 0)
		close(handles[number]);
	return handles[number] = file;
}

static int drop(int number)
{
	int file = handles[number];

	handles[number] = -1;
	return close(file);
}

static void drop_all(void)
{
	for (int i = 0; i < 10; i++)
		if (handles[i] >= 0)
			drop(i);
}

static int handle(int number)
{
	if (handles[number] < 0 && open_error == 0)
		open_error = EBADF;
	return handles[number];
}

static int opened_files[2];

static int opened_count;

/* Opens a file for one call. */
static int opened(const char *path, int flags)
{
	int file = open_error == 0 ? open_file(path, flags, 0) : -1;

	if (file >= 0)
		opened_files[opened_count++] = file;
	else if (open_error == 0)
		open_error = errno;
	return file;
}

/* Closes what was opened for the call that gave this result; the first error is what counts. */
static long long closed(long long result)
{
	int error = errno;

	while (opened_count > 0) {
		if (close(opened_files[--opened_count]) != 0 && result >= 0) {
			error = errno;
			result = -1;
		}
	}
	errno = error;
	return result;
}

static int create(const char *path, mode_t mode)
{
	int file = open_file(path, O_CREAT | O_EXCL | O_WRONLY, mode);

	return file < 0 ? -1 : close(file);
}

static ssize_t write_at(int file, off_t offset, size_t length, unsigned int seed)
{
	ssize_t count;

	fill(buffer, offset, length, seed);
	count = pwrite(file, buffer, length, offset);
	tell("%zd", count);
	return count;
}

static ssize_t writev_at(int file, off_t offset, size_t length, unsigned int seed, int pieces)
{
	struct iovec vector[64];
	ssize_t count;

	fill(buffer, offset, length, seed);
	for (int i = 0; i < pieces; i++) {
		size_t start = length * i / pieces;

		vector[i].iov_base = buffer + start;
		vector[i].iov_len = length * (i + 1) / pieces - start;
	}
	count = pwritev(file, vector, pieces, offset);
	tell("%zd", count);
	return count;
}

static ssize_t append(int file, size_t length, unsigned int seed)
{
	off_t place = lseek(file, 0, SEEK_END);
	ssize_t count;

	if (place < 0)
		return -1;
	fill(buffer, place, length, seed);
	count = write(file, buffer, length);
	tell("%zd", count);
	return count;
}

static ssize_t read_at(int file, off_t offset, size_t length)
{
	ssize_t count = pread(file, buffer, length, offset);

	if (count >= 0)
		tell("%zd %016" PRIx64, count, hash_more(count, buffer, count));
	return count;
}

/* Whether a range can be read and is zero, as a hole must be; only the first 16 MiB of it. */
static bool reads_zero(int file, off_t from, off_t to)
{
	to = to < from + (1 << 24) ? to : from + (1 << 24);
	while (from < to) {
		size_t length = to - from < 1 << 20 ? to - from : 1 << 20;
		ssize_t count = pread(file, buffer, length, from);

		if (count < 0 && errno == EBADF)
			return true; /* open for writing only */
		if (count <= 0)
			return false;
		for (ssize_t i = 0; i < count; i++)
			if (buffer[i] != 0)
				return false;
		from += count;
	}
	return true;
}

/* Where data or a hole begins is the filesystem's own business, as long as that is not a lie. */
static int seek(int file, off_t offset, int whence)
{
	off_t place = lseek(file, offset, whence);
	int error = errno;
	struct stat status;

	if (fstat(file, &status) != 0)
		return -1;
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR; /* places in a folder are its own numbers */
		return -1;
	}
	if (place < 0) {
		errno = error;
		if (error != ENXIO || whence != SEEK_DATA || offset < 0 || offset >= status.st_size)
			return -1;
		place = status.st_size;
	}
	if (place < offset || place > status.st_size)
		tell("lie");
	else if (whence == SEEK_DATA && !reads_zero(file, offset, place))
		tell("lie");
	return 0;
}

static long long copy_range(int source, off_t from, int target, off_t to, size_t length)
{
	struct stat status;
	size_t left;
	ssize_t count;

	/* No more than there is at first: copied onto its own end, a file would grow with every call. */
	if (fstat(source, &status) == 0 && status.st_size > from && (off_t)length > status.st_size - from)
		length = status.st_size - from;
	left = length;
	do {
		count = copy_file_range(source, &from, target, &to, left, 0);
		left -= count > 0 ? count : 0;
	} while (count > 0 && left > 0);
	if (count < 0 && left == length)
		return -1;
	tell("%zu", length - left);
	return length - left;
}

static int link_handle(int number, const char *path)
{
	char name[32];

	sprintf(name, "/proc/self/fd/%d", handle(number));
	return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}
