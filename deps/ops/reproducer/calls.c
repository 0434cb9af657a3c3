static char outcome[16384]; /* of the last call, in words */

static char answer[16384]; /* what it gave besides its success */

static int open_error; /* why the file for it could not be opened */

/* The number of an operation and its line; said before the call, for what a crash leaves. */
static void begin(int number, const char *operation)
{
	answer[0] = '\0';
	open_error = 0;
	printf("%d %s", number, operation);
	fflush(stdout);
}

/* Its result. */
static void end(long long result)
{
	int error = open_error != 0 ? open_error : errno;

	if (result >= 0 && open_error == 0)
		strcpy(outcome, answer[0] != '\0' ? answer : "success");
	else if (strerrorname_np(error) != NULL)
		strcpy(outcome, strerrorname_np(error));
	else
		sprintf(outcome, "E%d", error);
	printf(": %s\n", outcome);
	fflush(stdout);
}

/* Adds words to what the call gave. */
__attribute__((format(printf, 1, 2)))
static void tell(const char *format, ...)
{
	size_t length = strlen(answer);
	va_list words;

	va_start(words, format);
	vsnprintf(answer + length, sizeof(answer) - length, format, words);
	va_end(words);
}

/* Bytes as the list of operations writes them. */
static void tell_escaped(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = bytes[i];

		if (byte < 128 && (isalnum(byte) || strchr("/._-+,:=~", byte ? byte : '%')))
			tell("%c", byte);
		else
			tell("%%%02X", byte);
	}
}

static int found; /* the exit status: whether the finding was seen */

static void expect(const char *what, const char *expected, const char *actual)
{
	found = strcmp(expected, actual) != 0;
	printf("%s: %s\n", found ? "FINDING" : "no finding", what);
	printf("    expected: %s\n    actual:   %s\n", expected, actual);
	fflush(stdout);
}

static void cannot(const char *what)
{
	fflush(stdout);
	perror(what);
	exit(2);
}

static char fact[16384]; /* the last one that was looked up, in words */

/* One of the facts NAME=VALUE that a call gave. */
static const char *fact_in(const char *words, const char *name)
{
	for (const char *word = words; word != NULL; word = strchr(word, ' ')) {
		word += *word == ' ';
		if (strncmp(word, name, strlen(name)) == 0 && word[strlen(name)] == '=') {
			strcpy(fact, word + strlen(name) + 1);
			fact[strcspn(fact, " ")] = '\0';
			return fact;
		}
	}
	return "absent";
}
