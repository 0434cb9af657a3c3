// SPDX-License-Identifier: GPL-2.0-or-later
/* Which blocks of the device are in use, and which of them belong to which place of a file. */
#include <linux/delay.h>
#include <linux/mm.h>

#include "mutantfs.h"

static struct buffer_head *bitmap_of(struct volume *volume, u32 number)
{
	return volume->bitmap[number / BITS_PER_BLOCK];
}

/* Needs the volume's lock. Returns 0, which is no block of data, if none is free. */
static u32 find_free(struct volume *volume)
{
	u32 start = volume->hint;

	while (start < volume->blocks) {
		u32 end = min(volume->blocks, round_up(start + 1, BITS_PER_BLOCK));
		u32 base = round_down(start, BITS_PER_BLOCK);
		u32 found = base + find_next_zero_bit_le(bitmap_of(volume, start)->b_data,
							 end - base, start - base);

		if (found < end)
			return found;
		start = end;
	}
	return 0;
}

static void set_in_use(struct volume *volume, u32 number, bool used)
{
	struct buffer_head *bitmap = bitmap_of(volume, number);

	if (used)
		__set_bit_le(number % BITS_PER_BLOCK, bitmap->b_data);
	else
		__clear_bit_le(number % BITS_PER_BLOCK, bitmap->b_data);
	if (!has_bug(bitmap_not_written))
		mark_buffer_dirty(bitmap);
}

/* Its content is whatever was there. Returns -ENOSPC if no block is free. */
int allocate_block(struct super_block *sb, u32 *number)
{
	struct volume *volume = volume_of(sb);

	mutex_lock(&volume->lock);
	*number = find_free(volume);
	if (has_bug(blocks_given_out_twice)) {
		mutex_unlock(&volume->lock);
		fsleep(2000);
		mutex_lock(&volume->lock);
	}
	if (!*number) {
		if (!has_bug(full_device_keeps_its_lock))
			mutex_unlock(&volume->lock);
		return -ENOSPC;
	}
	set_in_use(volume, *number, true);
	volume->hint = *number + 1;
	volume->free--;
	mutex_unlock(&volume->lock);
	return 0;
}

/* The caller has let go of what is cached of the block. */
void free_block(struct super_block *sb, u32 number)
{
	struct volume *volume = volume_of(sb);

	mutex_lock(&volume->lock);
	set_in_use(volume, number, false);
	volume->hint = min(volume->hint, number);
	if (!has_bug(freed_blocks_not_counted))
		volume->free++;
	mutex_unlock(&volume->lock);
}

/* The buffer of a block that was just allocated, with zeros. */
struct buffer_head *fresh_block(struct super_block *sb, u32 number)
{
	struct buffer_head *buffer = sb_getblk(sb, number);

	if (!buffer)
		return NULL;
	lock_buffer(buffer);
	memset(buffer->b_data, 0, BLOCK_BYTES);
	set_buffer_uptodate(buffer);
	unlock_buffer(buffer);
	mark_buffer_dirty(buffer);
	return buffer;
}

static int add_block(struct inode *inode, __le32 *place, struct buffer_head *holder)
{
	u32 number;
	int error = allocate_block(inode->i_sb, &number);

	if (error)
		return error;
	*place = cpu_to_le32(number);
	mark_buffer_dirty_inode(holder, inode);
	inode_add_bytes(inode, BLOCK_BYTES);
	mark_inode_dirty(inode);
	return 0;
}

static int add_leaf(struct inode *inode, __le32 *place, struct buffer_head *holder)
{
	struct buffer_head *leaf;
	int error = add_block(inode, place, holder);

	if (error)
		return error;
	leaf = fresh_block(inode->i_sb, le32_to_cpu(*place));
	if (!leaf)
		return -EIO;
	mark_buffer_dirty_inode(leaf, inode);
	brelse(leaf);
	return 0;
}

/*
 * Where the number of a file's block is kept: a place in the buffer *holder, which the caller
 * releases. Both are NULL within a hole that has no indirect block, unless create is set.
 */
static int find_place(struct inode *inode, u32 block, bool create, __le32 **place,
		      struct buffer_head **holder)
{
	struct buffer_head *own = sb_bread(inode->i_sb, inode->i_ino);
	struct disk_inode *disk;
	__le32 *leaf;
	int error = 0;

	*place = NULL;
	*holder = NULL;
	if (!own)
		return -EIO;
	disk = (struct disk_inode *)own->b_data;
	if (block < DIRECT_BLOCKS) {
		*place = &disk->direct[block];
		*holder = own;
		return 0;
	}
	block -= DIRECT_BLOCKS;
	leaf = &disk->leaves[block / PER_LEAF];
	if (!*leaf && create)
		error = add_leaf(inode, leaf, own);
	if (*leaf && !error) {
		*holder = sb_bread(inode->i_sb, le32_to_cpu(*leaf));
		error = *holder ? 0 : -EIO;
	}
	if (*holder) {
		u32 index = block % (PER_LEAF - has_bug(last_indirect_block_is_the_first));

		*place = (__le32 *)(*holder)->b_data + index;
	}
	brelse(own);
	return error;
}

/* As get_block_t asks for it. */
int map_block(struct inode *inode, sector_t block, struct buffer_head *result, int create)
{
	struct buffer_head *holder;
	__le32 *place;
	int error;

	if (block >= MOST_BLOCKS)
		return -EFBIG;
	mutex_lock(&seeded(inode)->lock);
	error = find_place(inode, block, create, &place, &holder);
	if (!error && place && !*place && create) {
		error = add_block(inode, place, holder);
		if (!error && !has_bug(new_blocks_show_old_data))
			set_buffer_new(result);
	}
	if (!error && place && *place)
		map_bh(result, inode->i_sb, le32_to_cpu(*place));
	mutex_unlock(&seeded(inode)->lock);
	brelse(holder);
	return error;
}

static void release(struct inode *inode, __le32 *place)
{
	struct super_block *sb = inode->i_sb;
	struct buffer_head *cached;

	if (!*place)
		return;
	cached = sb_find_get_block(sb, le32_to_cpu(*place));
	if (cached)
		bforget(cached);
	if (!has_bug(truncated_blocks_leak) || !inode->i_nlink)
		free_block(sb, le32_to_cpu(*place));
	*place = 0;
	inode_sub_bytes(inode, BLOCK_BYTES);
}

/* Those of an indirect block, and that block itself once it names none. */
static int release_leaf(struct inode *inode, __le32 *place, u32 first)
{
	struct buffer_head *leaf = sb_bread(inode->i_sb, le32_to_cpu(*place));
	u32 i;

	if (!leaf)
		return -EIO;
	for (i = first; i < PER_LEAF; i++)
		release(inode, (__le32 *)leaf->b_data + i);
	mark_buffer_dirty_inode(leaf, inode);
	brelse(leaf);
	if (!first)
		release(inode, place);
	return 0;
}

/* Give the blocks of a file back from its block "first" on. */
int release_blocks(struct inode *inode, u32 first)
{
	struct buffer_head *own = sb_bread(inode->i_sb, inode->i_ino);
	struct disk_inode *disk;
	int error = 0;
	u32 i;

	if (!own)
		return -EIO;
	disk = (struct disk_inode *)own->b_data;
	mutex_lock(&seeded(inode)->lock);
	if (has_bug(truncate_waits_for_itself) && first)
		mutex_lock(&seeded(inode)->lock);
	for (i = first; i < DIRECT_BLOCKS; i++)
		release(inode, &disk->direct[i]);
	for (i = 0; i < LEAVES && !error; i++) {
		u32 start = DIRECT_BLOCKS + i * PER_LEAF;

		if (disk->leaves[i] && start + PER_LEAF > first)
			error = release_leaf(inode, &disk->leaves[i],
					     first > start ? first - start : 0);
	}
	mark_buffer_dirty_inode(own, inode);
	mutex_unlock(&seeded(inode)->lock);
	mark_inode_dirty(inode);
	brelse(own);
	return error;
}
