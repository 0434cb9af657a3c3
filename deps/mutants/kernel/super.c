// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small filesystem on a block device, right by itself, that can be given one bug at a time:
 * kernel bugs for the tests to find. Simple before fast, and without a journal: what a power cut
 * leaves behind is undefined.
 */
#include <linux/blkdev.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "mutantfs.h"

#define LEAKED 4000 /* bytes a mount */

static int read_bitmap(struct super_block *sb, struct volume *volume)
{
	u32 count = le32_to_cpu(disk_super(volume)->bitmap_blocks);
	u32 i;

	if (count != DIV_ROUND_UP(volume->blocks, BITS_PER_BLOCK) || count > MOST_BITMAP_BLOCKS)
		return -EINVAL;
	volume->free = volume->blocks;
	for (i = 0; i < count; i++) {
		volume->bitmap[i] = sb_bread(sb, 1 + i);
		if (!volume->bitmap[i])
			return -EIO;
		/* mkfs marks the bits behind the last block. */
		volume->free -= memweight(volume->bitmap[i]->b_data, BLOCK_BYTES);
	}
	volume->free += count * BITS_PER_BLOCK - volume->blocks;
	return 0;
}

static int read_volume(struct super_block *sb, struct volume *volume)
{
	volume->super = sb_bread(sb, 0);
	if (!volume->super)
		return -EIO;
	if (disk_super(volume)->magic != cpu_to_le32(MUTANT_MAGIC))
		return -EINVAL;
	volume->blocks = le32_to_cpu(disk_super(volume)->blocks);
	if (volume->blocks > sb_bdev_nr_blocks(sb))
		return -EINVAL;
	return read_bitmap(sb, volume);
}

static struct dentry *read_root(struct super_block *sb)
{
	struct inode *root = get_inode(sb, le32_to_cpu(disk_super(volume_of(sb))->root));

	if (IS_ERR(root))
		return ERR_CAST(root);
	return d_make_root(root) ?: ERR_PTR(-ENOMEM);
}

static int fill_super(struct super_block *sb, struct fs_context *context)
{
	struct volume *volume = kzalloc(sizeof(*volume), GFP_KERNEL);
	struct dentry *root = ERR_PTR(-EINVAL);
	int error = -EINVAL;

	if (!volume)
		return -ENOMEM;
	mutex_init(&volume->lock);
	sb->s_fs_info = volume;
	sb->s_magic = MUTANT_MAGIC;
	sb->s_op = &super_operations;
	sb->s_maxbytes = (loff_t)MOST_BLOCKS * BLOCK_BYTES;
	sb->s_max_links = 32000;
	sb->s_time_gran = 1;
	if (sb_set_blocksize(sb, BLOCK_BYTES))
		error = read_volume(sb, volume);
	if (!error)
		root = read_root(sb);
	if (IS_ERR(root)) {
		close_volume(sb); /* put_super is called only where there is a root */
		return error ?: PTR_ERR(root);
	}
	sb->s_root = root;
	if (has_bug(mount_leaks_memory))
		memset(kmalloc(LEAKED, GFP_KERNEL | __GFP_NOFAIL), 0, LEAKED);
	if (has_bug(mount_keeps_the_module))
		__module_get(THIS_MODULE);
	return 0;
}

static int get_tree(struct fs_context *context)
{
	return get_tree_bdev(context, fill_super);
}

static const struct fs_context_operations context_operations = {
	.get_tree = get_tree,
};

static int init_context(struct fs_context *context)
{
	context->ops = &context_operations;
	return 0;
}

static struct file_system_type mutantfs_type = {
	.name = "mutantfs",
	.init_fs_context = init_context,
	.kill_sb = kill_block_super,
	.fs_flags = FS_REQUIRES_DEV,
	.owner = THIS_MODULE,
};

static int __init mutantfs_init(void)
{
	int error = create_inode_cache();

	if (error)
		return error;
	error = register_filesystem(&mutantfs_type);
	if (error)
		destroy_inode_cache();
	return error;
}

static void __exit mutantfs_exit(void)
{
	unregister_filesystem(&mutantfs_type);
	destroy_inode_cache();
}

module_init(mutantfs_init);
module_exit(mutantfs_exit);
MODULE_ALIAS_FS("mutantfs");
MODULE_DESCRIPTION("A small filesystem that can be given a bug");
MODULE_LICENSE("GPL");
