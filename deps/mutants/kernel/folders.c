// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What directories hold: blocks of entries. An entry stays where it is until it is removed, so that
 * its place is a good offset for readdir. "." and ".." are on no device, the dcache knows them.
 */
#include <linux/mm.h>

#include "mutantfs.h"

static u32 blocks_of(struct inode *folder)
{
	return i_size_read(folder) >> BLOCK_BITS;
}

static struct disk_entry *entries_in(struct buffer_head *buffer)
{
	return (struct disk_entry *)buffer->b_data;
}

/* One block of a directory, NULL if it cannot be read. */
static struct buffer_head *read_block(struct inode *folder, u32 block)
{
	struct buffer_head map = {};

	if (map_block(folder, block, &map, false) || !buffer_mapped(&map))
		return NULL;
	return sb_bread(folder->i_sb, map.b_blocknr);
}

/* One block more, all of its entries free; its pointer or an error. */
static struct buffer_head *append_block(struct inode *folder)
{
	struct buffer_head map = {};
	struct buffer_head *buffer;
	int error = map_block(folder, blocks_of(folder), &map, true);

	if (error)
		return ERR_PTR(error);
	buffer = fresh_block(folder->i_sb, map.b_blocknr);
	if (!buffer)
		return ERR_PTR(-EIO);
	i_size_write(folder, i_size_read(folder) + BLOCK_BYTES);
	mark_inode_dirty(folder);
	return buffer;
}

static bool is_called(const struct disk_entry *entry, const struct qstr *name)
{
	return entry->inode && entry->length == name->len &&
	       !memcmp(entry->name, name->name, name->len);
}

/*
 * The entry of that name, of none the first free one. It lies in the buffer *holder, which the
 * caller releases. NULL if there is no such entry.
 */
struct disk_entry *find_entry(struct inode *folder, const struct qstr *name,
			      struct buffer_head **holder)
{
	u32 block, i;

	for (block = 0; block < blocks_of(folder); block++) {
		struct buffer_head *buffer = read_block(folder, block);

		if (!buffer)
			continue;
		for (i = 0; i < ENTRIES_PER_BLOCK; i++) {
			struct disk_entry *entry = entries_in(buffer) + i;

			if (name ? is_called(entry, name) : !entry->inode) {
				*holder = buffer;
				return entry;
			}
		}
		brelse(buffer);
	}
	*holder = NULL;
	return NULL;
}

/* Have an entry lead to another inode; to none, which frees it, if that is NULL. */
void set_entry(struct inode *folder, struct disk_entry *entry, struct buffer_head *holder,
	       struct inode *inode)
{
	entry->inode = cpu_to_le32(inode ? inode->i_ino : 0);
	entry->type = inode ? fs_umode_to_dtype(inode->i_mode) : DT_UNKNOWN;
	mark_buffer_dirty_inode(holder, folder);
}

/* A new entry; the name must not be there. */
int add_entry(struct inode *folder, const struct qstr *name, struct inode *inode)
{
	struct buffer_head *holder;
	struct disk_entry *entry = find_entry(folder, NULL, &holder);

	if (!entry) {
		holder = append_block(folder);
		if (IS_ERR(holder))
			return PTR_ERR(holder);
		entry = entries_in(holder);
	}
	entry->length = name->len;
	memcpy(entry->name, name->name, name->len);
	set_entry(folder, entry, holder, inode);
	set_changed(folder);
	brelse(holder);
	return 0;
}

bool is_empty(struct inode *folder)
{
	u32 block, i;

	for (block = 0; block < blocks_of(folder); block++) {
		struct buffer_head *buffer = read_block(folder, block);
		bool used = false;

		if (!buffer)
			continue;
		for (i = 0; i < ENTRIES_PER_BLOCK; i++)
			used |= entries_in(buffer)[i].inode != 0;
		brelse(buffer);
		if (used)
			return false;
	}
	return true;
}

/* Whether all of a block's entries, from the context's position on, were taken. */
static bool list_block(struct inode *folder, u32 block, struct dir_context *context)
{
	struct buffer_head *buffer = read_block(folder, block);
	u32 first = (context->pos - 2) % ENTRIES_PER_BLOCK;
	u32 end = ENTRIES_PER_BLOCK - has_bug(last_entry_of_a_block_not_listed);
	bool taken = true;
	u32 i;

	for (i = first; buffer && i < end && taken; i++) {
		struct disk_entry *entry = entries_in(buffer) + i;

		if (!entry->inode) {
			context->pos++;
			continue;
		}
		taken = dir_emit(context, entry->name, entry->length, le32_to_cpu(entry->inode),
				 entry->type);
		context->pos += taken;
	}
	if (taken)
		context->pos = 2 + (loff_t)(block + 1) * ENTRIES_PER_BLOCK;
	if (!has_bug(readdir_keeps_its_buffers))
		brelse(buffer);
	return taken;
}

static int list_folder(struct file *file, struct dir_context *context)
{
	struct inode *folder = file_inode(file);
	u32 block;

	if (!dir_emit_dots(file, context))
		return 0;
	for (block = (context->pos - 2) / ENTRIES_PER_BLOCK; block < blocks_of(folder); block++)
		if (!list_block(folder, block, context))
			break;
	return 0;
}

const struct file_operations folder_operations = {
	.llseek = generic_file_llseek,
	.read = generic_read_dir,
	.iterate_shared = list_folder,
	.fsync = generic_file_fsync,
};
