static const char *mountpoint;

static const char *remount_command;

/* The calls are made in a fresh folder of their own. */
static void enter_fresh_folder(void)
{
	umask(0);
	if (chdir(mountpoint) != 0 || mkdir("vexfs-repro", 0755) != 0 || chdir("vexfs-repro") != 0)
		cannot("making a fresh folder vexfs-repro");
}

static uid_t current_user;

/* Takes a user's rights, as the group of the same number; root's are kept to come back to. */
static int become(uid_t user)
{
	if (current_user != 0 && (seteuid(0) != 0 || setegid(0) != 0))
		return -1;
	current_user = 0;
	if (user != 0 && (setegid(user) != 0 || seteuid(user) != 0))
		return -1;
	current_user = user;
	return 0;
}

static int sync_all(void)
{
	sync();
	return 0;
}

static int sync_this_filesystem(void)
{
	int folder = open(".", O_RDONLY | O_DIRECTORY);
	int result = syncfs(folder);

	close(folder);
	return result;
}

static int drop_caches(void)
{
	int file = open("/proc/sys/vm/drop_caches", O_WRONLY);
	ssize_t count;

	sync();
	count = write(file, "3", 1);
	close(file);
	return count == 1 ? 0 : -1;
}

/* Nobody could write between the two. */
static int freeze_and_thaw(void)
{
	int folder = open(".", O_RDONLY | O_DIRECTORY);
	int result = ioctl(folder, FIFREEZE, 0) == 0 ? ioctl(folder, FITHAW, 0) : -1;

	close(folder);
	return result;
}

/* Some calls are root's whoever makes the others. */
static int as_root(int (*call)(void))
{
	uid_t user = current_user;
	int result = become(0) == 0 ? call() : -1;
	int error = errno;

	if (become(user) != 0)
		cannot("switching users");
	errno = error;
	return result;
}

static int remount(void)
{
	int status;

	if (chdir("/") != 0)
		cannot("leaving the folder");
	status = system(remount_command);
	if (status != 0) {
		fprintf(stderr, "\n%s: status %d\n", remount_command, status);
		exit(2);
	}
	if (chdir(mountpoint) != 0 || chdir("vexfs-repro") != 0)
		cannot("coming back to the folder");
	return 0;
}
