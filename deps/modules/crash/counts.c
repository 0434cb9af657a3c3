// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists and reference counts that do not add up. */
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "crash.h"

struct element {
	struct list_head link;
	refcount_t count;
};

static struct element elements[3];
static LIST_HEAD(head);

static void make_list(void)
{
	int i;

	INIT_LIST_HEAD(&head);
	for (i = 0; i < ARRAY_SIZE(elements); i++)
		list_add(&elements[i].link, &head);
}

static noinline void vexfs_crash_chain_add(void)
{
	make_list();
	head.next->prev = &elements[0].link;
	list_add(&elements[1].link, &head);
}

static noinline void vexfs_crash_chain_add_twice(void)
{
	make_list();
	list_add(&elements[2].link, &head);
}

static noinline void vexfs_crash_chain_del(void)
{
	make_list();
	elements[2].link.next = &elements[0].link; /* the last one added is the first */
	list_del(&elements[1].link);
}

static noinline void vexfs_crash_chain_del_twice(void)
{
	make_list();
	list_del(&elements[1].link);
	list_del(&elements[1].link);
}

static noinline void vexfs_crash_chain_del_null(void)
{
	memset(elements, 0, sizeof(elements));
	list_del(&elements[1].link);
}

static noinline void vexfs_crash_count_zero(void)
{
	refcount_set(&elements[0].count, 0);
	refcount_inc(&elements[0].count);
}

static noinline void vexfs_crash_count_saturated(void)
{
	refcount_set(&elements[0].count, INT_MAX);
	refcount_inc(&elements[0].count);
	refcount_inc(&elements[0].count);
}

static noinline void vexfs_crash_count_underflow(void)
{
	refcount_set(&elements[0].count, 1);
	if (refcount_sub_and_test(2, &elements[0].count))
		refcount_set(&elements[0].count, 0);
}

static noinline void vexfs_crash_count_leak(void)
{
	refcount_set(&elements[0].count, 1);
	refcount_dec(&elements[0].count);
}

const struct crash_way crash_counts[] = {
	CRASH_WAY(chain_add),
	CRASH_WAY(chain_add_twice),
	CRASH_WAY(chain_del),
	CRASH_WAY(chain_del_twice),
	CRASH_WAY(chain_del_null),
	CRASH_WAY(count_zero),
	CRASH_WAY(count_saturated),
	CRASH_WAY(count_underflow),
	CRASH_WAY(count_leak),
	{}
};
