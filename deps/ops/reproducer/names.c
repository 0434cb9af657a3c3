struct listed_name {
	char text[NAME_MAX + 1];
	unsigned char type;
};

static struct listed_name *names;

static int name_count;

static int in_order(const void *one, const void *other)
{
	return strcmp(((const struct listed_name *)one)->text, ((const struct listed_name *)other)->text);
}

static void sort_names(void)
{
	qsort(names, name_count, sizeof(*names), in_order);
}

static void add_name(const char *text, unsigned char type)
{
	names = realloc(names, (name_count + 1) * sizeof(*names));
	if (names == NULL)
		cannot("memory for names");
	snprintf(names[name_count].text, sizeof(names->text), "%s", text);
	names[name_count++].type = type;
}

/* The number of names and their hash, each name with its final zero. */
static void tell_names(void)
{
	size_t length = 0;

	for (int i = 0; i < name_count; i++)
		length += sprintf((char *)buffer + length, "%s", names[i].text) + 1;
	tell("%d %016" PRIx64, name_count, hash_more(length, buffer, length));
}

/* Sets names to those in a folder, sorted. */
static int list_names(const char *path)
{
	int file = open(path, O_RDONLY | O_DIRECTORY);
	DIR *stream = file < 0 ? NULL : fdopendir(file);
	const struct dirent *entry;
	int error;

	if (stream == NULL)
		return -1;
	name_count = 0;
	while (errno = 0, (entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			add_name(entry->d_name, entry->d_type);
	error = errno;
	closedir(stream);
	sort_names();
	errno = error;
	return error == 0 ? 0 : -1;
}

static int read_folder(const char *path)
{
	struct stat status;
	char child[2 * PATH_MAX];
	bool lies = false;

	if (list_names(path) != 0)
		return -1;
	tell_names();
	for (int i = 0; i < name_count; i++) {
		snprintf(child, sizeof(child), "%s/%s", path, names[i].text);
		if (names[i].type != DT_UNKNOWN && lstat(child, &status) == 0)
			lies = lies || names[i].type != IFTODT(status.st_mode);
	}
	if (lies)
		tell(" lie"); /* a name's type is not what lstat(2) says */
	return 0;
}
