/* A FIFO must not stop us; a block device's node leads to a real device, which is left alone. */
static int open_file(const char *path, int flags, mode_t mode)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISBLK(status.st_mode)) {
		errno = ENXIO;
		return -1;
	}
	return open(path, flags | O_NONBLOCK, mode);
}
