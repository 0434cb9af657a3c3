// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What operations write, and the hash of what they read; vexfs_provider/ops/content.py says the
 * same in Python.
 *
 * Bytes follow from a seed and their offset in the file, and none is zero; they are made in words
 * of 8 bytes by splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014).
 */
#include <string.h>
#include <sys/mman.h>

#include "ops.h"

#define GOLDEN 0x9E3779B97F4A7C15u
#define NO_ZERO 0x0101010101010101u
#define WORD sizeof(uint64_t)

unsigned char *buffer;

void content_prepare(void)
{
	buffer = mmap(NULL, MAX_LENGTH, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buffer == MAP_FAILED)
		bad_program("no memory", "content");
}

static uint64_t content_word(uint32_t seed, uint64_t number)
{
	uint64_t word = (((uint64_t)seed << 32) ^ number) + GOLDEN;

	word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
	word = (word ^ word >> 27) * 0x94D049BB133111EBu;
	return (word ^ word >> 31) | NO_ZERO;
}

/* In ascending order, and a word at once: what came before a fault in a mapping is stored. */
void fill(void *to, uint64_t offset, size_t length, uint32_t seed)
{
	unsigned char *place = to;

	while (length > 0) {
		uint64_t word = content_word(seed, offset / WORD);
		size_t skipped = offset % WORD;
		size_t part = WORD - skipped < length ? WORD - skipped : length;

		if (part == WORD)
			memcpy(place, &word, WORD);
		else
			memcpy(place, (unsigned char *)&word + skipped, part);
		place += part;
		offset += part;
		length -= part;
	}
}

uint64_t hash_start(uint64_t length)
{
	return length;
}

/* Pieces but the last are whole words. */
uint64_t hash_more(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *place = bytes;
	uint64_t word;

	for (; length >= WORD; length -= WORD, place += WORD) {
		memcpy(&word, place, WORD);
		hash = (hash ^ word) * GOLDEN;
		hash ^= hash >> 32;
	}
	if (length > 0) {
		word = 0;
		memcpy(&word, place, length);
		hash = (hash ^ word) * GOLDEN;
		hash ^= hash >> 32;
	}
	return hash;
}

uint64_t hash_bytes(const void *bytes, size_t length)
{
	return hash_more(hash_start(length), bytes, length);
}
