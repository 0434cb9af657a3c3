static unsigned char buffer[1 << 26] __attribute__((aligned(4096)));

/* Bytes follow from a seed and their place in the file; none is zero. */
static void fill(unsigned char *bytes, uint64_t offset, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length; i++) {
		uint64_t place = offset + i;
		uint64_t word = (seed << 32 ^ place / 8) + 0x9E3779B97F4A7C15; /* splitmix64 */

		word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9;
		word = (word ^ word >> 27) * 0x94D049BB133111EB;
		word = (word ^ word >> 31) | 0x0101010101010101;
		bytes[i] = word >> place % 8 * 8;
	}
}

/* Starts with the whole length; all pieces but the last are multiples of 8 bytes. */
static uint64_t hash_more(uint64_t hash, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i += 8) {
		uint64_t word = 0;

		memcpy(&word, (const char *)bytes + i, length - i < 8 ? length - i : 8);
		hash = (hash ^ word) * 0x9E3779B97F4A7C15;
		hash ^= hash >> 32;
	}
	return hash;
}
