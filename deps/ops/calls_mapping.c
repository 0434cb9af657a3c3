// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on mappings; a page that cannot be had is an error like an errno. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "ops.h"

#define PAGE 4096

struct mapping {
	unsigned char *start; /* at a page */
	unsigned char *bytes; /* those of the range */
	size_t whole;         /* bytes from the start to the range's end */
};

static sigjmp_buf escape;
static volatile sig_atomic_t in_mapping;

static void on_fault(int number)
{
	if (in_mapping)
		siglongjmp(escape, number);
	signal(number, SIG_DFL); /* a fault of our own: it comes again, and ends us */
}

void mapping_prepare(void)
{
	const struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* Maps a target's range; its file is closed again. Returns 0 or an errno. */
static int map(const struct argument *arguments, int flags, int protection, struct mapping *mapping)
{
	int64_t offset = arguments[1].number;
	size_t length = (size_t)arguments[2].number;
	size_t skipped = (size_t)(offset & (PAGE - 1));
	int file;
	int error = open_target(&arguments[0], flags, &file);

	if (error != 0)
		return error;
	mapping->whole = length == 0 ? 0 : skipped + length;
	mapping->start = mmap(NULL, mapping->whole, protection, MAP_SHARED, file,
			      offset - (int64_t)skipped);
	mapping->bytes = mapping->start + skipped;
	error = mapping->start == MAP_FAILED ? errno : 0;
	return close_target(&arguments[0], file, error);
}

static int store(const struct mapping *mapping, const struct argument *arguments)
{
	int sync = (int)arguments[4].number;

	fill(mapping->bytes, (uint64_t)arguments[1].number, (size_t)arguments[2].number,
	     (uint32_t)arguments[3].number);
	return sync == 0 || msync(mapping->start, mapping->whole, sync) == 0 ? 0 : errno;
}

int call_mmap_store(const struct argument *arguments)
{
	struct mapping mapping;
	int error = map(arguments, O_RDWR, PROT_READ | PROT_WRITE, &mapping);

	if (error != 0)
		return error;
	in_mapping = 1;
	error = sigsetjmp(escape, 0) == 0 ? store(&mapping, arguments) : ERROR_SIGBUS;
	in_mapping = 0;
	munmap(mapping.start, mapping.whole);
	return error;
}

static int load(const struct mapping *mapping, size_t length)
{
	uint64_t hash = hash_bytes(mapping->bytes, length);

	out_text(" ");
	out_hash(hash);
	return 0;
}

int call_mmap_load(const struct argument *arguments)
{
	struct mapping mapping;
	int error = map(arguments, O_RDONLY, PROT_READ, &mapping);

	if (error != 0)
		return error;
	in_mapping = 1;
	error = sigsetjmp(escape, 0) == 0 ? load(&mapping, (size_t)arguments[2].number)
					  : ERROR_SIGBUS;
	in_mapping = 0;
	munmap(mapping.start, mapping.whole);
	return error;
}
