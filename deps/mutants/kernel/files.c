// SPDX-License-Identifier: GPL-2.0-or-later
/* The content of files, and of symbolic links: in the page cache, from there to the device. */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mpage.h>
#include <linux/uio.h>

#include "mutantfs.h"

static int read_folio(struct file *file, struct folio *folio)
{
	return mpage_read_folio(folio, map_block);
}

static void readahead(struct readahead_control *control)
{
	mpage_readahead(control, map_block);
}

static int writepages(struct address_space *mapping, struct writeback_control *control)
{
	return mpage_writepages(mapping, control, map_block);
}

static bool dirty_folio(struct address_space *mapping, struct folio *folio)
{
	if (has_bug(mapped_writes_stay_clean))
		return false;
	return block_dirty_folio(mapping, folio);
}

static int write_begin(struct file *file, struct address_space *mapping, loff_t position,
		       unsigned int length, cache_page **page, void **data)
{
	struct inode *inode = mapping->host;
	int error = block_write_begin(mapping, position, length, page, map_block);

	if (error && position + length > i_size_read(inode)) {
		truncate_pagecache(inode, i_size_read(inode));
		release_blocks(inode, DIV_ROUND_UP(i_size_read(inode), BLOCK_BYTES));
	}
	return error;
}

static int write_end(struct file *file, struct address_space *mapping, loff_t position,
		     unsigned int length, unsigned int copied, cache_page *page, void *data)
{
	struct folio *folio = folio_of(page);

	if (has_bug(overwrites_stay_clean) && folio_test_uptodate(folio) &&
	    position + copied <= i_size_read(mapping->host)) {
		folio_unlock(folio);
		folio_put(folio);
		return copied;
	}
	return generic_write_end(file, mapping, position, length, copied, page, data);
}

const struct address_space_operations file_mapping_operations = {
	.read_folio = read_folio,
	.readahead = readahead,
	.writepages = writepages,
	.write_begin = write_begin,
	.write_end = write_end,
	.dirty_folio = dirty_folio,
	.invalidate_folio = block_invalidate_folio,
	.migrate_folio = buffer_migrate_folio,
	.is_partially_uptodate = block_is_partially_uptodate,
};

static ssize_t write_iter(struct kiocb *call, struct iov_iter *from)
{
	struct inode *inode = file_inode(call->ki_filp);
	ssize_t written;

	if (!has_bug(end_found_without_lock))
		return generic_file_write_iter(call, from);
	written = generic_write_checks(call, from);
	if (written <= 0)
		return written;
	if (call->ki_flags & IOCB_APPEND)
		fsleep(1000);
	inode_lock(inode);
	written = __generic_file_write_iter(call, from);
	inode_unlock(inode);
	return written > 0 ? generic_write_sync(call, written) : written;
}

static int sync_file(struct file *file, loff_t start, loff_t end, int data_only)
{
	if (has_bug(fsync_does_nothing))
		return 0;
	return generic_file_fsync(file, start, end, data_only);
}

const struct file_operations file_operations = {
	.llseek = generic_file_llseek,
	.read_iter = generic_file_read_iter,
	.write_iter = write_iter,
	.mmap = generic_file_mmap,
	.open = generic_file_open,
	.fsync = sync_file,
	.splice_read = filemap_splice_read,
	.splice_write = iter_file_splice_write,
};

static int resize(struct inode *inode, loff_t size)
{
	int error = 0;

	if (!has_bug(truncate_spares_the_last_block))
		error = block_truncate_page(inode->i_mapping, size, map_block);
	if (error)
		return error;
	if (has_bug(truncate_keeps_the_pages))
		i_size_write(inode, size);
	else
		truncate_setsize(inode, size);
	set_changed(inode);
	return release_blocks(inode, DIV_ROUND_UP(size, BLOCK_BYTES));
}

static bool changes_no_owner(struct mnt_idmap *idmap, struct inode *inode,
			     const struct iattr *wanted)
{
	return wanted->ia_valid & (ATTR_UID | ATTR_GID) &&
	       !i_uid_needs_update(idmap, wanted, inode) &&
	       !i_gid_needs_update(idmap, wanted, inode);
}

static int set_attributes(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *wanted)
{
	struct inode *inode = d_inode(dentry);
	int error = setattr_prepare(idmap, dentry, wanted);

	if (!error && wanted->ia_valid & ATTR_SIZE && wanted->ia_size != i_size_read(inode))
		error = resize(inode, wanted->ia_size);
	if (error)
		return error;
	if (has_bug(chown_to_the_same_owner_ignored) && changes_no_owner(idmap, inode, wanted))
		wanted->ia_valid &= ~ATTR_CTIME;
	setattr_copy(idmap, inode, wanted);
	mark_inode_dirty(inode);
	return 0;
}

static int get_attributes(struct mnt_idmap *idmap, const struct path *path, struct kstat *found,
			  u32 mask, unsigned int flags)
{
	fill_attributes(idmap, mask, d_inode(path->dentry), found);
	if (has_bug(inode_numbers_lose_a_bit))
		found->ino &= ~1ull;
	return 0;
}

const struct inode_operations file_inode_operations = {
	.setattr = set_attributes,
	.getattr = get_attributes,
};
