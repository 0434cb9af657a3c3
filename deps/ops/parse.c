// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of a program, as vexfs_provider/ops/text.py writes them; the host has checked them.
 *
 * Kinds of arguments: i a whole number, o an octal one, n a path or another name, h a handle,
 * t a path or a handle; capitals are words that stand for flags.
 */
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ops.h"

struct flag {
	char kind;
	const char *word;
	int64_t value;
};

static const struct flag flags[] = {
	{ 'F', "RDONLY", O_RDONLY },
	{ 'F', "WRONLY", O_WRONLY },
	{ 'F', "RDWR", O_RDWR },
	{ 'F', "CREAT", O_CREAT },
	{ 'F', "EXCL", O_EXCL },
	{ 'F', "TRUNC", O_TRUNC },
	{ 'F', "APPEND", O_APPEND },
	{ 'F', "DIRECTORY", O_DIRECTORY },
	{ 'F', "NOFOLLOW", O_NOFOLLOW },
	{ 'F', "DIRECT", O_DIRECT },
	{ 'F', "SYNC", O_SYNC },
	{ 'R', "PLAIN", 0 },
	{ 'R', "NOREPLACE", RENAME_NOREPLACE },
	{ 'R', "EXCHANGE", RENAME_EXCHANGE },
	{ 'R', "WHITEOUT", RENAME_WHITEOUT },
	{ 'A', "ALLOCATE", 0 },
	{ 'A', "KEEP_SIZE", FALLOC_FL_KEEP_SIZE },
	{ 'A', "PUNCH_HOLE", FALLOC_FL_PUNCH_HOLE },
	{ 'A', "ZERO_RANGE", FALLOC_FL_ZERO_RANGE },
	{ 'A', "COLLAPSE_RANGE", FALLOC_FL_COLLAPSE_RANGE },
	{ 'A', "INSERT_RANGE", FALLOC_FL_INSERT_RANGE },
	{ 'M', "NONE", 0 },
	{ 'M', "ASYNC", MS_ASYNC },
	{ 'M', "SYNC", MS_SYNC },
	{ 'W', "DATA", SEEK_DATA },
	{ 'W', "HOLE", SEEK_HOLE },
	{ 'N', "FIFO", S_IFIFO },
	{ 'N', "SOCKET", S_IFSOCK },
	{ 'N', "CHAR", S_IFCHR },
	{ 'N', "BLOCK", S_IFBLK },
	{ 'L', "FOLLOW", 0 },
	{ 'L', "NOFOLLOW", AT_SYMLINK_NOFOLLOW },
	{ 'X', "ANY", 0 },
	{ 'X', "CREATE", XATTR_CREATE },
	{ 'X', "REPLACE", XATTR_REPLACE },
	{ 'K', "SHARED", LOCK_SH },
	{ 'K', "EXCLUSIVE", LOCK_EX },
	{ 'K', "UNLOCK", LOCK_UN },
};

char *next_word(char **rest)
{
	char *word;

	do
		word = strsep(rest, " ");
	while (word != NULL && *word == '\0');
	return word;
}

int64_t parse_number(const char *word)
{
	char *end = NULL;
	long long number = word == NULL ? 0 : strtoll(word, &end, 10);

	if (end == NULL || end == word || *end != '\0')
		bad_program("no number", word);
	return number;
}

static int digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	bad_program("no hexadecimal digit in a name", "%");
}

/* Undo %XX in place. */
char *parse_name(char *word)
{
	char *to = word;

	for (const char *from = word; *from != '\0'; to++) {
		if (*from == '%') {
			*to = (char)(digit(from[1]) << 4 | digit(from[2]));
			from += 3;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return word;
}

static int64_t parse_flag(char kind, const char *word)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].kind == kind && strcmp(flags[i].word, word) == 0)
			return flags[i].value;
	bad_program("unknown flag", word);
}

static int64_t parse_flags(char kind, char *word)
{
	int64_t value = 0;

	while (word != NULL)
		value |= parse_flag(kind, strsep(&word, "|"));
	return value;
}

static int parse_handle(const char *word)
{
	if (word[0] != '@' || word[1] < '0' || word[1] > '9' || word[2] != '\0')
		bad_program("no handle", word);
	return word[1] - '0';
}

void parse_argument(char kind, char *word, struct argument *argument)
{
	argument->handle = -1;
	argument->text = word;
	argument->number = 0;
	if (kind == 'h' || (kind == 't' && *word == '@'))
		argument->handle = parse_handle(word);
	else if (kind == 'i')
		argument->number = parse_number(word);
	else if (kind == 'o')
		argument->number = strtol(word, NULL, 8);
	else if (kind == 'n' || kind == 't')
		argument->text = parse_name(word);
	else
		argument->number = parse_flags(kind, word);
}
