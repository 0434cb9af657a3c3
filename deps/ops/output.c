// SPDX-License-Identifier: GPL-2.0-or-later
/* The output: made by the process that runs the lists, printed by the one that watches over it. */
#include <err.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.h"

struct output *output;
static size_t written; /* beyond what is committed */

void output_prepare(void)
{
	output = mmap(NULL, sizeof(*output), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (output == MAP_FAILED)
		err(EXIT_BAD, "memory for the output");
}

void pulse(void)
{
	output->pulse++;
}

static char *room(size_t length)
{
	char *place = output->text + written;

	if (length > OUTPUT_ROOM - LAST_LINE - written) {
		output->full = true;
		_exit(EXIT_FULL);
	}
	written += length;
	return place;
}

size_t out_mark(void)
{
	return written;
}

void out_rewind(size_t mark)
{
	written = mark;
}

void out_commit(void)
{
	output->used = written;
}

void out_text(const char *text)
{
	size_t length = strlen(text);

	memcpy(room(length), text, length);
}

static void out_digits(uint64_t number, unsigned int base, int least)
{
	char digits[24];
	int place = sizeof(digits);

	for (; number > 0 || least > 0; number /= base, least--)
		digits[--place] = "0123456789abcdef"[number % base];
	memcpy(room(sizeof(digits) - place), digits + place, sizeof(digits) - place);
}

void out_number(int64_t number)
{
	if (number < 0)
		out_text("-");
	out_digits(number < 0 ? -(uint64_t)number : (uint64_t)number, 10, 1);
}

void out_octal(unsigned int number)
{
	out_digits(number, 8, 4);
}

void out_hash(uint64_t hash)
{
	out_digits(hash, 16, 16);
}

static bool is_plain(char character, const char *others)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
	       (character >= '0' && character <= '9') || strchr(others, character) != NULL;
}

static void escape(const char *bytes, size_t length, const char *plain)
{
	for (; length > 0; length--, bytes++) {
		unsigned char byte = (unsigned char)*bytes;

		if (byte != '\0' && is_plain(*bytes, plain)) {
			*room(1) = *bytes;
		} else {
			char *place = room(3);

			place[0] = '%';
			place[1] = "0123456789ABCDEF"[byte >> 4];
			place[2] = "0123456789ABCDEF"[byte & 15];
		}
	}
}

/* As text.py writes paths. */
void out_escaped(const char *bytes, size_t length)
{
	escape(bytes, length, "/._-+,:=~");
}

/* Without what separates parts of a fact. */
void out_escaped_word(const char *bytes, size_t length)
{
	escape(bytes, length, "._-+");
}

void out_error(int error)
{
	const char *name = error == ERROR_SIGBUS ? "SIGBUS" : strerrorname_np(error);

	if (name != NULL) {
		out_text(name);
	} else {
		out_text("E"); /* the kernel has errors that are never to leave it */
		out_number(error);
	}
}
