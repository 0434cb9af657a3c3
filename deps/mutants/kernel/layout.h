/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies on the device, for the module and for mkfs: blocks of 4096 bytes, numbers little-endian.
 *
 * Block 0 is the superblock, blocks 1 to bitmap_blocks are the bitmap (one bit a block, 1: in use),
 * the next one is the root's inode. An inode fills a block, whose number is the inode's number.
 */
#ifndef MUTANTFS_LAYOUT_H
#define MUTANTFS_LAYOUT_H

#include <linux/types.h>

#define MUTANT_MAGIC 0x4d55544eu /* also what statfs(2) tells */
#define BLOCK_BITS 12
#define BLOCK_BYTES (1u << BLOCK_BITS)
#define BITS_PER_BLOCK (8 * BLOCK_BYTES)
#define MOST_BITMAP_BLOCKS 64 /* 8 GiB */

#define DIRECT_BLOCKS 12
#define PER_LEAF (BLOCK_BYTES / 4) /* block numbers in an indirect block */
#define LEAVES 900
#define MOST_BLOCKS (DIRECT_BLOCKS + LEAVES * PER_LEAF) /* of a file: 3.5 GiB */

#define MOST_NAME 255
#define ENTRIES_PER_BLOCK (BLOCK_BYTES / sizeof(struct disk_entry))

struct disk_super {
	__le32 magic;
	__le32 blocks;
	__le32 bitmap_blocks;
	__le32 root;
	__le32 inodes; /* in use */
};

struct disk_time {
	__le64 seconds;
	__le32 nanoseconds;
	__le32 unused;
};

struct disk_inode {
	__le32 mode;
	__le32 links;
	__le32 user;
	__le32 group;
	__le64 size;
	__le64 sectors; /* of 512 bytes, the inode's own block not counted */
	__le64 device;
	struct disk_time accessed;
	struct disk_time modified;
	struct disk_time changed;
	__le32 direct[DIRECT_BLOCKS]; /* 0: a hole, here as in the leaves */
	__le32 leaves[LEAVES];
};

struct disk_entry {
	__le32 inode; /* 0: free */
	__u8 type; /* as d_type */
	__u8 length;
	char name[MOST_NAME + 3];
};

#endif
