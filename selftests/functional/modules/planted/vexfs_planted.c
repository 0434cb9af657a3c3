// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A filesystem in memory with vector ioctls, for the self-tests of scenarios about modules: right by
 * itself, wrong in the one way that the parameter "fault" names. Written to the kernel API of 6.1.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#define MAX_DIMENSION 64
#define MAX_VECTORS 1024
#define LEAKED 24 /* objects a mount: more than the processors keep of a cache, which counts as used */
#define SLOW_MS 100 /* a new file takes with fault=busy or contended */

enum metric { EUCLIDEAN = 1, MANHATTAN = 2 };

struct vector {
	__u32 id;
	__u32 dimension;
	const float __user *data;
	char label[16];
};

struct search {
	__u32 dimension;
	__u32 k;
	__u32 metric;
	const float __user *data;
};

struct result {
	__u32 id;
	__u32 distance;
	char label[16];
};

#define IOC_ADD _IOW('P', 1, struct vector)
#define IOC_SEARCH _IOWR('P', 2, struct search)

struct entry {
	struct list_head list;
	struct vector vector;
	int components[MAX_DIMENSION];
};

struct planted_inode {
	struct inode inode;
	struct mutex lock;
	struct list_head entries;
	u32 count;
};

static DEFINE_MUTEX(order_lock); /* taken in two orders by fault=order */
static DEFINE_MUTEX(slow_lock); /* one of the whole kernel, kept for long by fault=contended */

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "what goes wrong");

static struct kmem_cache *inodes;
static LIST_HEAD(shared_entries);

static bool faulty(const char *name)
{
	return !strcmp(fault, name);
}

static struct planted_inode *planted(struct inode *inode)
{
	return container_of(inode, struct planted_inode, inode);
}

/* A float that holds a small whole number, as that number; the kernel does not use the FPU. */
static int whole_number(u32 bits)
{
	int exponent = (int)((bits >> 23) & 0xff) - 127;
	int magnitude = exponent < 0 ? 0 : ((bits & 0x7fffff) | 0x800000) >> (23 - min(exponent, 23));

	return bits >> 31 ? -magnitude : magnitude;
}

static int get_components(int *to, const float __user *from, u32 dimension)
{
	u32 bits[MAX_DIMENSION];
	u32 i;

	if (!dimension || dimension > MAX_DIMENSION)
		return faulty("dimension") ? 0 : -EINVAL;
	if (copy_from_user(bits, from, dimension * sizeof(*bits)))
		return faulty("pointer") ? 0 : -EFAULT;
	for (i = 0; i < dimension; i++)
		to[i] = whole_number(bits[i]);
	return 0;
}

static long add_vector(struct planted_inode *in, void __user *argument)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int error = -EFAULT;

	if (!entry)
		return -ENOMEM;
	if (!copy_from_user(&entry->vector, argument, sizeof(entry->vector)))
		error = get_components(entry->components, entry->vector.data,
				       entry->vector.dimension);
	mutex_lock(&in->lock);
	if (faulty("order")) {
		mutex_lock(&order_lock);
		mutex_unlock(&order_lock);
	}
	if (!error && in->count == MAX_VECTORS)
		error = -ENOSPC;
	if (!error) {
		list_add_tail(&entry->list, faulty("shared") ? &shared_entries : &in->entries);
		in->count++;
	}
	mutex_unlock(&in->lock);
	if (error)
		kfree(entry);
	return error;
}

static u32 distance(const struct entry *entry, const int *query, u32 metric)
{
	u32 sum = 0, i;

	if (faulty("constant"))
		return 1000;
	for (i = 0; i < entry->vector.dimension; i++) {
		int difference = entry->components[i] - query[i];

		sum += metric == EUCLIDEAN ? difference * difference : abs(difference);
	}
	return sum;
}

static int nearer(const void *a, const void *b)
{
	const struct result *first = a, *second = b;

	return first->distance < second->distance ? -1 : first->distance > second->distance;
}

static long find(struct planted_inode *in, const struct search *request, const int *query,
		 struct result __user *to)
{
	struct result *all = kvcalloc(MAX_VECTORS, sizeof(*all), GFP_KERNEL);
	struct list_head *entries = faulty("shared") ? &shared_entries : &in->entries;
	struct entry *entry;
	u32 count = 0, returned;

	if (!all)
		return -ENOMEM;
	if (faulty("order"))
		mutex_lock(&order_lock);
	mutex_lock(&in->lock);
	list_for_each_entry(entry, entries, list) {
		if (entry->vector.dimension != request->dimension && !faulty("mixed"))
			continue;
		all[count].id = entry->vector.id;
		all[count].distance = distance(entry, query, request->metric);
		if (!faulty("label"))
			memcpy(all[count].label, entry->vector.label, sizeof(all[count].label));
		count++;
	}
	mutex_unlock(&in->lock);
	if (faulty("order"))
		mutex_unlock(&order_lock);
	if (!faulty("unsorted"))
		sort(all, count, sizeof(*all), nearer, NULL);
	count = min(count, request->k);
	returned = count;
	if (faulty("behind")) {
		memset(&all[count], 0x42, sizeof(*all));
		count++;
	}
	if (copy_to_user(to, all, count * sizeof(*all)))
		returned = -EFAULT;
	kvfree(all);
	return (int)returned;
}

static long search_vectors(struct planted_inode *in, void __user *argument)
{
	struct search request;
	int query[MAX_DIMENSION];
	int error;

	if (copy_from_user(&request, argument, sizeof(request)))
		return -EFAULT;
	if (request.metric != EUCLIDEAN && request.metric != MANHATTAN)
		return faulty("metric") ? 0 : -EINVAL;
	error = get_components(query, request.data, request.dimension);
	if (error)
		return error;
	return find(in, &request, query, argument + sizeof(request));
}

static long planted_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct planted_inode *in = planted(file_inode(file));

	if (command == IOC_ADD)
		return add_vector(in, (void __user *)argument);
	if (command == IOC_SEARCH && !faulty("search"))
		return search_vectors(in, (void __user *)argument);
	return faulty("unknown") ? 0 : -ENOTTY;
}

static const struct file_operations file_operations = {
	.llseek = generic_file_llseek,
	.read_iter = generic_file_read_iter,
	.write_iter = generic_file_write_iter,
	.fsync = noop_fsync,
	.unlocked_ioctl = planted_ioctl,
};

static const struct inode_operations folder_operations;

static struct inode *new_inode_of(struct super_block *sb, struct inode *folder, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode_init_owner(&init_user_ns, inode, folder, mode);
	inode->i_mapping->a_ops = &ram_aops;
	mapping_set_unevictable(inode->i_mapping);
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	if (S_ISDIR(mode)) {
		inode->i_op = &folder_operations;
		inode->i_fop = &simple_dir_operations;
		inc_nlink(inode);
	} else {
		inode->i_fop = &file_operations;
	}
	return inode;
}

static int add_name(struct inode *folder, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = new_inode_of(folder->i_sb, folder, mode);

	if (!inode)
		return -ENOSPC;
	d_instantiate(dentry, inode);
	dget(dentry); /* the cache is the only place where it is kept */
	return 0;
}

static noinline void stay_busy(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(SLOW_MS);

	while (time_before(jiffies, end))
		cpu_relax();
}

static noinline void keep_slow_lock(void)
{
	mutex_lock(&slow_lock);
	msleep(SLOW_MS);
	mutex_unlock(&slow_lock);
}

static int planted_create(struct user_namespace *ns, struct inode *folder, struct dentry *dentry,
			  umode_t mode, bool exclusive)
{
	if (faulty("busy"))
		stay_busy();
	if (faulty("contended"))
		keep_slow_lock();
	return add_name(folder, dentry, mode | S_IFREG);
}

static int planted_mkdir(struct user_namespace *ns, struct inode *folder, struct dentry *dentry,
			 umode_t mode)
{
	int error = add_name(folder, dentry, mode | S_IFDIR);

	if (!error)
		inc_nlink(folder);
	return error;
}

static const struct inode_operations folder_operations = {
	.create = planted_create,
	.lookup = simple_lookup,
	.unlink = simple_unlink,
	.mkdir = planted_mkdir,
	.rmdir = simple_rmdir,
	.rename = simple_rename,
};

static struct inode *alloc_inode(struct super_block *sb)
{
	struct planted_inode *in = alloc_inode_sb(sb, inodes, GFP_KERNEL);

	if (!in)
		return NULL;
	mutex_init(&in->lock);
	INIT_LIST_HEAD(&in->entries);
	in->count = 0;
	return &in->inode;
}

static void free_inode(struct inode *inode)
{
	struct planted_inode *in = planted(inode);
	struct entry *entry, *next;

	list_for_each_entry_safe(entry, next, &in->entries, list)
		kfree(entry);
	kmem_cache_free(inodes, in);
}

static const struct super_operations super_operations = {
	.alloc_inode = alloc_inode,
	.free_inode = free_inode,
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
};

static int fill_super(struct super_block *sb, struct fs_context *context)
{
	int i;

	sb->s_magic = 0x504c414e;
	sb->s_op = &super_operations;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	for (i = 0; faulty("leak") && i < LEAKED; i++)
		if (!kmalloc(3000, GFP_KERNEL))
			return -ENOMEM;
	if (faulty("held"))
		__module_get(THIS_MODULE);
	sb->s_root = d_make_root(new_inode_of(sb, NULL, S_IFDIR | 0755));
	return sb->s_root ? 0 : -ENOMEM;
}

static int get_tree(struct fs_context *context)
{
	return get_tree_nodev(context, fill_super);
}

static const struct fs_context_operations context_operations = {
	.get_tree = get_tree,
};

static int init_fs_context(struct fs_context *context)
{
	context->ops = &context_operations;
	return 0;
}

static struct file_system_type planted_type = {
	.name = "vexfs_planted",
	.init_fs_context = init_fs_context,
	.kill_sb = kill_litter_super,
	.owner = THIS_MODULE,
};

static void init_once(void *object)
{
	inode_init_once(&((struct planted_inode *)object)->inode);
}

static int __init planted_init(void)
{
	inodes = kmem_cache_create("vexfs_planted_inode", sizeof(struct planted_inode), 0,
				   SLAB_ACCOUNT, init_once);
	if (!inodes)
		return -ENOMEM;
	if (faulty("ownerless"))
		planted_type.owner = NULL;
	return register_filesystem(&planted_type);
}

static void __exit planted_exit(void)
{
	unregister_filesystem(&planted_type);
	rcu_barrier(); /* inodes are freed behind a grace period */
	kmem_cache_destroy(inodes);
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("A filesystem with planted faults for the self-tests");
MODULE_LICENSE("GPL");
