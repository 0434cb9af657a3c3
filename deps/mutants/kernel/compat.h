/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of kernel 6.12 for what older kernels, down to 6.1, call or pass otherwise. */
#ifndef MUTANTFS_COMPAT_H
#define MUTANTFS_COMPAT_H

#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define mnt_idmap user_namespace
#define nop_mnt_idmap init_user_ns
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define filemap_splice_read generic_file_splice_read
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define fill_attributes(idmap, mask, inode, stat) generic_fillattr(idmap, inode, stat)
#else
#define fill_attributes generic_fillattr
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define inode_get_atime(inode) ((inode)->i_atime)
#define inode_get_mtime(inode) ((inode)->i_mtime)
#define inode_set_atime_to_ts(inode, time) ((inode)->i_atime = (time))
#define inode_set_mtime_to_ts(inode, time) ((inode)->i_mtime = (time))
#endif

/* What write_begin and write_end pass. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
typedef struct page cache_page;
#define folio_of(page) page_folio(page)
#else
typedef struct folio cache_page;
#define folio_of(page) (page)
#endif

#endif
