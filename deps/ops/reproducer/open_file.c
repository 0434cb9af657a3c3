/* A FIFO must not stop us. */
static int open_file(const char *path, int flags, mode_t mode)
{
	return open(path, flags | O_NONBLOCK, mode);
}
