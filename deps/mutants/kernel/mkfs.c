// SPDX-License-Identifier: GPL-2.0-or-later
/* mkfs.mutantfs DEVICE: an empty filesystem, as layout.h describes it. */
#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "layout.h"

static void write_block(int device, __u32 number, const void *block)
{
	if (pwrite(device, block, BLOCK_BYTES, (off_t)number << BLOCK_BITS) != BLOCK_BYTES)
		err(1, "write of block %u", number);
}

/* In use are the first blocks, and in the last bitmap block the bits that no block belongs to. */
static void write_bitmap(int device, __u32 number, __u32 used, __u32 blocks)
{
	unsigned char bitmap[BLOCK_BYTES] = {};
	__u32 bit, block;

	for (bit = 0; bit < BITS_PER_BLOCK; bit++) {
		block = number * BITS_PER_BLOCK + bit;
		if (block < used || block >= blocks)
			bitmap[bit / 8] |= 1 << bit % 8;
	}
	write_block(device, 1 + number, bitmap);
}

static void write_root(int device, __u32 number)
{
	struct disk_time now = { .seconds = htole64(time(NULL)) };
	struct disk_inode root = {
		.mode = htole32(S_IFDIR | 0755),
		.links = htole32(2),
		.accessed = now,
		.modified = now,
		.changed = now,
	};
	unsigned char block[BLOCK_BYTES] = {};

	memcpy(block, &root, sizeof(root));
	write_block(device, number, block);
}

int main(int argc, char **argv)
{
	unsigned char block[BLOCK_BYTES] = {};
	struct disk_super super = { .magic = htole32(MUTANT_MAGIC), .inodes = htole32(1) };
	__u32 blocks, bitmap_blocks, root, i;
	off_t size;
	int device;

	if (argc != 2)
		errx(2, "usage: mkfs.mutantfs DEVICE");
	device = open(argv[1], O_RDWR | O_EXCL);
	if (device < 0)
		err(1, "%s", argv[1]);
	size = lseek(device, 0, SEEK_END) >> BLOCK_BITS;
	if (size < 16 || size > (off_t)MOST_BITMAP_BLOCKS * BITS_PER_BLOCK)
		errx(1, "%s: %lld blocks of 4096 bytes; allowed: 16 to %u", argv[1],
		     (long long)size, MOST_BITMAP_BLOCKS * BITS_PER_BLOCK);
	blocks = size;
	bitmap_blocks = (blocks + BITS_PER_BLOCK - 1) / BITS_PER_BLOCK;
	root = 1 + bitmap_blocks;
	super.blocks = htole32(blocks);
	super.bitmap_blocks = htole32(bitmap_blocks);
	super.root = htole32(root);
	for (i = 0; i < bitmap_blocks; i++)
		write_bitmap(device, i, root + 1, blocks);
	write_root(device, root);
	memcpy(block, &super, sizeof(super));
	write_block(device, 0, block);
	if (fsync(device))
		err(1, "%s", argv[1]);
	return 0;
}
