// SPDX-License-Identifier: GPL-2.0-or-later
/* Names: made, found, moved and removed. The VFS holds the locks of the directories. */
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "mutantfs.h"

static DEFINE_SPINLOCK(useless_lock);

static struct dentry *lookup(struct inode *folder, struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = NULL;
	struct buffer_head *holder;
	struct disk_entry *entry;

	if (dentry->d_name.len > MOST_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	entry = find_entry(folder, &dentry->d_name, &holder);
	if (entry)
		inode = get_inode(folder->i_sb, le32_to_cpu(entry->inode));
	brelse(holder);
	return d_splice_alias(inode, dentry);
}

/* Give a new inode its first name, or drop it. */
static int name_inode(struct inode *folder, struct dentry *dentry, struct inode *inode)
{
	int error = add_entry(folder, &dentry->d_name, inode);

	if (error) {
		clear_nlink(inode);
		discard_new_inode(inode);
		return error;
	}
	d_instantiate_new(dentry, inode);
	return 0;
}

static int make_node(struct mnt_idmap *idmap, struct inode *folder, struct dentry *dentry,
		     umode_t mode, dev_t device)
{
	struct inode *inode = make_inode(folder, mode, device);

	return IS_ERR(inode) ? PTR_ERR(inode) : name_inode(folder, dentry, inode);
}

static int create(struct mnt_idmap *idmap, struct inode *folder, struct dentry *dentry,
		  umode_t mode, bool exclusive)
{
	return make_node(idmap, folder, dentry, mode, 0);
}

static int make_folder(struct mnt_idmap *idmap, struct inode *folder, struct dentry *dentry,
		       umode_t mode)
{
	struct inode *inode = make_inode(folder, S_IFDIR | mode, 0);
	int error;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inc_nlink(inode);
	error = name_inode(folder, dentry, inode);
	if (error)
		return error;
	inc_nlink(folder);
	mark_inode_dirty(folder);
	return 0;
}

static int make_symlink(struct mnt_idmap *idmap, struct inode *folder, struct dentry *dentry,
			const char *target)
{
	struct inode *inode = make_inode(folder, S_IFLNK | 0777, 0);
	int error;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	error = page_symlink(inode, target, strlen(target) + 1);
	if (error) {
		clear_nlink(inode);
		discard_new_inode(inode);
		return error;
	}
	if (has_bug(symlink_frees_twice)) {
		char *copy = kstrdup(target, GFP_KERNEL);

		kfree(copy);
		kfree(copy);
	}
	return name_inode(folder, dentry, inode);
}

static int make_link(struct dentry *old, struct inode *folder, struct dentry *dentry)
{
	struct inode *inode = d_inode(old);
	int error = add_entry(folder, &dentry->d_name, inode);

	if (error)
		return error;
	if (has_bug(third_link_warns))
		WARN_ON(inode->i_nlink > 1);
	inode_set_ctime_current(inode);
	inc_nlink(inode);
	mark_inode_dirty(inode);
	ihold(inode);
	if (has_bug(linked_inodes_stay_busy))
		ihold(inode);
	d_instantiate(dentry, inode);
	return 0;
}

static void drop_link(struct inode *inode)
{
	inode_set_ctime_current(inode);
	drop_nlink(inode);
	mark_inode_dirty(inode);
}

static int remove_name(struct inode *folder, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct buffer_head *holder;
	struct disk_entry *entry = find_entry(folder, &dentry->d_name, &holder);

	if (!entry)
		return -ENOENT;
	set_entry(folder, entry, holder, NULL);
	if (!has_bug(removal_keeps_the_folders_times))
		set_changed(folder);
	brelse(holder);
	drop_link(inode);
	if (has_bug(unlinked_blocks_freed_at_once) && S_ISREG(inode->i_mode) && !inode->i_nlink)
		return release_blocks(inode, 0);
	return 0;
}

static int remove_folder(struct inode *folder, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int error;

	if (!is_empty(inode))
		return has_bug(full_folders_are_busy) ? -EBUSY : -ENOTEMPTY;
	if (has_bug(rmdir_hits_a_bug_check))
		BUG_ON(folder->i_nlink > 2);
	error = remove_name(folder, dentry);
	if (error)
		return error;
	drop_link(inode);
	if (!has_bug(rmdir_keeps_the_parents_link))
		drop_link(folder);
	return 0;
}

/* Have a name that is there lead to another inode; what it led to loses a link. */
static int replace(struct inode *folder, struct dentry *dentry, struct inode *inode)
{
	struct inode *replaced = d_inode(dentry);
	struct buffer_head *holder;
	struct disk_entry *entry;
	u8 type;

	if (S_ISDIR(replaced->i_mode) && !is_empty(replaced))
		return -ENOTEMPTY;
	if (has_bug(replacing_oopses))
		replaced = NULL;
	entry = find_entry(folder, &dentry->d_name, &holder);
	if (!entry)
		return -ENOENT;
	type = entry->type;
	set_entry(folder, entry, holder, inode);
	if (has_bug(replaced_names_keep_their_type))
		entry->type = type;
	if (!has_bug(replacing_keeps_the_folders_times))
		set_changed(folder);
	brelse(holder);
	if (S_ISDIR(replaced->i_mode)) {
		drop_link(replaced);
		drop_link(folder);
	}
	if (has_bug(replaced_files_keep_their_link) ||
	    (has_bug(replaced_hard_links_still_count) && replaced->i_nlink > 1))
		return 0;
	drop_link(replaced);
	return 0;
}

static int rename_name(struct mnt_idmap *idmap, struct inode *old_folder, struct dentry *old,
		       struct inode *new_folder, struct dentry *new, unsigned int flags)
{
	struct inode *inode = d_inode(old);
	struct buffer_head *holder;
	struct disk_entry *entry;
	int error;

	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	if (d_really_is_positive(new))
		error = replace(new_folder, new, inode);
	else
		error = add_entry(new_folder, &new->d_name, inode);
	if (error)
		return error;
	if (has_bug(rename_sleeps_under_a_spinlock)) {
		spin_lock(&useless_lock);
		msleep(20);
		spin_unlock(&useless_lock);
	}
	entry = find_entry(old_folder, &old->d_name, &holder);
	if (entry)
		set_entry(old_folder, entry, holder, NULL);
	set_changed(old_folder);
	brelse(holder);
	if (S_ISDIR(inode->i_mode)) {
		drop_link(old_folder);
		inc_nlink(new_folder);
		mark_inode_dirty(new_folder);
	}
	if (!S_ISDIR(inode->i_mode) || !has_bug(moved_folders_keep_their_ctime))
		inode_set_ctime_current(inode);
	mark_inode_dirty(inode);
	return 0;
}

const struct inode_operations folder_inode_operations = {
	.lookup = lookup,
	.create = create,
	.mknod = make_node,
	.mkdir = make_folder,
	.symlink = make_symlink,
	.link = make_link,
	.unlink = remove_name,
	.rmdir = remove_folder,
	.rename = rename_name,
};

const struct inode_operations special_inode_operations = {};

const struct inode_operations symlink_inode_operations = {
	.get_link = page_get_link,
};
