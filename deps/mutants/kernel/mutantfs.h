/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the module share. */
#ifndef MUTANTFS_H
#define MUTANTFS_H

#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/mutex.h>

#include "compat.h"
#include "layout.h"
#include "mutants.h"

/* A mounted filesystem. The lock guards the bitmap and all counts. */
struct volume {
	struct mutex lock;
	struct buffer_head *super;
	struct buffer_head *bitmap[MOST_BITMAP_BLOCKS];
	u32 blocks;
	u32 free;
	u32 hint; /* no block below it is free */
};

/* The lock guards the numbers of the blocks that the inode has. */
struct seeded_inode {
	struct inode inode;
	struct mutex lock;
};

static inline struct volume *volume_of(struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline struct disk_super *disk_super(struct volume *volume)
{
	return (struct disk_super *)volume->super->b_data;
}

static inline struct seeded_inode *seeded(struct inode *inode)
{
	return container_of(inode, struct seeded_inode, inode);
}

static inline void set_changed(struct inode *inode)
{
	inode_set_mtime_to_ts(inode, inode_set_ctime_current(inode));
	mark_inode_dirty(inode);
}

/* blocks.c */
int allocate_block(struct super_block *sb, u32 *number);
void free_block(struct super_block *sb, u32 number);
struct buffer_head *fresh_block(struct super_block *sb, u32 number);
int map_block(struct inode *inode, sector_t block, struct buffer_head *result, int create);
int release_blocks(struct inode *inode, u32 first);

/* inodes.c */
extern const struct super_operations super_operations;
struct inode *get_inode(struct super_block *sb, u32 number);
struct inode *make_inode(struct inode *folder, umode_t mode, dev_t device);
void close_volume(struct super_block *sb);
int create_inode_cache(void);
void destroy_inode_cache(void);

/* files.c */
extern const struct inode_operations file_inode_operations;
extern const struct file_operations file_operations;
extern const struct address_space_operations file_mapping_operations;

/* folders.c: the entries of directories, "." and ".." not among them */
extern const struct file_operations folder_operations;
struct disk_entry *find_entry(struct inode *folder, const struct qstr *name,
			      struct buffer_head **holder);
int add_entry(struct inode *folder, const struct qstr *name, struct inode *inode);
void set_entry(struct inode *folder, struct disk_entry *entry, struct buffer_head *holder,
	       struct inode *inode);
bool is_empty(struct inode *folder);

/* names.c */
extern const struct inode_operations folder_inode_operations;
extern const struct inode_operations special_inode_operations;
extern const struct inode_operations symlink_inode_operations;

#endif
