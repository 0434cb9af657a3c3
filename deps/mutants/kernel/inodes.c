// SPDX-License-Identifier: GPL-2.0-or-later
/* Inodes, in memory and on the device. */
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/writeback.h>

#include "mutantfs.h"

static struct kmem_cache *nodes;

static struct timespec64 get_time(const struct disk_time *time)
{
	struct timespec64 found = {
		.tv_sec = le64_to_cpu(time->seconds),
		.tv_nsec = le32_to_cpu(time->nanoseconds),
	};

	return found;
}

static void put_time(struct disk_time *to, struct timespec64 time)
{
	if (has_bug(times_kept_in_32_bits))
		time.tv_sec = (s32)time.tv_sec;
	to->seconds = cpu_to_le64(time.tv_sec);
	to->nanoseconds = cpu_to_le32(time.tv_nsec);
}

static void set_operations(struct inode *inode, dev_t device)
{
	if (S_ISREG(inode->i_mode)) {
		inode->i_op = &file_inode_operations;
		inode->i_fop = &file_operations;
		inode->i_mapping->a_ops = &file_mapping_operations;
	} else if (S_ISDIR(inode->i_mode)) {
		inode->i_op = &folder_inode_operations;
		inode->i_fop = &folder_operations;
	} else if (S_ISLNK(inode->i_mode)) {
		inode->i_op = &symlink_inode_operations;
		inode->i_mapping->a_ops = &file_mapping_operations;
		inode_nohighmem(inode);
	} else {
		inode->i_op = &special_inode_operations;
		init_special_inode(inode, inode->i_mode, device);
	}
}

static void read_inode(struct inode *inode, const struct disk_inode *disk)
{
	inode->i_mode = le32_to_cpu(disk->mode);
	set_nlink(inode, le32_to_cpu(disk->links));
	i_uid_write(inode, le32_to_cpu(disk->user));
	i_gid_write(inode, le32_to_cpu(disk->group));
	i_size_write(inode, le64_to_cpu(disk->size));
	inode->i_blocks = le64_to_cpu(disk->sectors);
	inode_set_atime_to_ts(inode, get_time(&disk->accessed));
	inode_set_mtime_to_ts(inode, get_time(&disk->modified));
	inode_set_ctime_to_ts(inode, get_time(&disk->changed));
	set_operations(inode, huge_decode_dev(le64_to_cpu(disk->device)));
}

/* The inode of that number, which is in use; its pointer or an error. */
struct inode *get_inode(struct super_block *sb, u32 number)
{
	struct inode *inode = iget_locked(sb, number);
	struct buffer_head *buffer;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	buffer = sb_bread(sb, number);
	if (!buffer) {
		iget_failed(inode);
		return ERR_PTR(-EIO);
	}
	read_inode(inode, (struct disk_inode *)buffer->b_data);
	brelse(buffer);
	unlock_new_inode(inode);
	return inode;
}

static void count_inodes(struct super_block *sb, int more)
{
	struct volume *volume = volume_of(sb);

	mutex_lock(&volume->lock);
	le32_add_cpu(&disk_super(volume)->inodes, more);
	mark_buffer_dirty(volume->super);
	mutex_unlock(&volume->lock);
}

/* A new inode without a name, locked until d_instantiate_new; its pointer or an error. */
struct inode *make_inode(struct inode *folder, umode_t mode, dev_t device)
{
	struct super_block *sb = folder->i_sb;
	struct inode *inode = new_inode(sb);
	u32 number;
	int error;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	error = allocate_block(sb, &number);
	if (error)
		goto drop;
	brelse(fresh_block(sb, number));
	inode->i_ino = number;
	error = insert_inode_locked(inode);
	if (error)
		goto drop;
	inode_init_owner(&nop_mnt_idmap, inode, folder, mode);
	inode_set_mtime_to_ts(inode, inode_set_ctime_current(inode));
	inode_set_atime_to_ts(inode, inode_get_mtime(inode));
	set_operations(inode, device);
	count_inodes(sb, 1);
	mark_inode_dirty(inode);
	return inode;
drop:
	iput(inode); /* it has a link, so that this frees nothing on the device */
	return ERR_PTR(error);
}

static int write_inode(struct inode *inode, struct writeback_control *control)
{
	struct buffer_head *buffer = sb_bread(inode->i_sb, inode->i_ino);
	struct disk_inode *disk;
	int error = 0;

	if (!buffer)
		return -EIO;
	disk = (struct disk_inode *)buffer->b_data;
	disk->mode = cpu_to_le32(inode->i_mode);
	disk->links = cpu_to_le32(inode->i_nlink);
	disk->user = cpu_to_le32(i_uid_read(inode));
	disk->group = cpu_to_le32(i_gid_read(inode));
	if (!has_bug(growth_not_written) || i_size_read(inode) < le64_to_cpu(disk->size) ||
	    !disk->size)
		disk->size = cpu_to_le64(i_size_read(inode));
	disk->sectors = cpu_to_le64(inode->i_blocks);
	disk->device = cpu_to_le64(huge_encode_dev(inode->i_rdev));
	put_time(&disk->accessed, inode_get_atime(inode));
	put_time(&disk->modified, inode_get_mtime(inode));
	put_time(&disk->changed, inode_get_ctime(inode));
	mark_buffer_dirty(buffer);
	if (control->sync_mode == WB_SYNC_ALL)
		error = sync_dirty_buffer(buffer);
	brelse(buffer);
	return error;
}

/* The inode leaves the memory; without a name it leaves the device as well. */
static void evict_inode(struct inode *inode)
{
	bool gone = !inode->i_nlink;
	struct buffer_head *own;

	truncate_inode_pages_final(&inode->i_data);
	if (gone)
		release_blocks(inode, 0);
	invalidate_inode_buffers(inode);
	clear_inode(inode);
	if (!gone)
		return;
	own = sb_find_get_block(inode->i_sb, inode->i_ino);
	if (own)
		bforget(own);
	count_inodes(inode->i_sb, -1);
	free_block(inode->i_sb, inode->i_ino);
}

static int tell_space(struct dentry *dentry, struct kstatfs *found)
{
	struct super_block *sb = dentry->d_sb;
	struct volume *volume = volume_of(sb);

	mutex_lock(&volume->lock);
	found->f_type = MUTANT_MAGIC;
	found->f_bsize = BLOCK_BYTES;
	found->f_blocks = volume->blocks;
	found->f_bfree = volume->free;
	found->f_bavail = volume->free;
	found->f_ffree = volume->free; /* an inode takes a block */
	found->f_files = volume->free + le32_to_cpu(disk_super(volume)->inodes);
	found->f_fsid = u64_to_fsid(huge_encode_dev(sb->s_bdev->bd_dev));
	found->f_namelen = MOST_NAME;
	mutex_unlock(&volume->lock);
	return 0;
}

void close_volume(struct super_block *sb)
{
	struct volume *volume = volume_of(sb);
	int i;

	for (i = 0; i < MOST_BITMAP_BLOCKS; i++)
		brelse(volume->bitmap[i]);
	brelse(volume->super);
	kfree(volume);
}

static struct inode *alloc_inode(struct super_block *sb)
{
	struct seeded_inode *made = alloc_inode_sb(sb, nodes, GFP_KERNEL);

	if (!made)
		return NULL;
	mutex_init(&made->lock);
	return &made->inode;
}

static void free_inode(struct inode *inode)
{
	kmem_cache_free(nodes, seeded(inode));
}

const struct super_operations super_operations = {
	.alloc_inode = alloc_inode,
	.free_inode = free_inode,
	.write_inode = write_inode,
	.evict_inode = evict_inode,
	.put_super = close_volume,
	.statfs = tell_space,
};

static void init_once(void *object)
{
	inode_init_once(&((struct seeded_inode *)object)->inode);
}

int create_inode_cache(void)
{
	nodes = kmem_cache_create("mutantfs_inode", sizeof(struct seeded_inode), 0, SLAB_ACCOUNT,
				  init_once);
	return nodes ? 0 : -ENOMEM;
}

void destroy_inode_cache(void)
{
	rcu_barrier(); /* inodes are freed behind a grace period */
	kmem_cache_destroy(nodes);
}
