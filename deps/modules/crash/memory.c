// SPDX-License-Identifier: GPL-2.0-or-later
/* Slabs, pages and copies: what the allocators and the hardening of copies notice. */
#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/delay.h>

#include "crash.h"

#define OBJECT_SIZE 120
#define DEBUGGED (SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

static unsigned long sink;
static size_t object_size = OBJECT_SIZE;

static noinline void vexfs_crash_double_free(void)
{
	void *object = kmalloc(READ_ONCE(object_size), GFP_KERNEL);
	void *same = object;

	OPTIMIZER_HIDE_VAR(same);
	kfree(object);
	kfree(same);
}

static noinline void vexfs_crash_free_area(void)
{
	void *area = vmalloc(PAGE_SIZE);

	OPTIMIZER_HIDE_VAR(area);
	kfree(area);
}

/* A cache of our own, which alone has SLUB's checks. */
static struct kmem_cache *debugged_cache(void)
{
	return kmem_cache_create("vexfs_debugged", OBJECT_SIZE, 0, DEBUGGED, NULL);
}

static noinline void vexfs_crash_cache_double_free(void)
{
	struct kmem_cache *cache = debugged_cache();
	void *object = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;
	void *same = object;

	OPTIMIZER_HIDE_VAR(same);
	if (!object)
		return;
	kmem_cache_free(cache, object);
	kmem_cache_free(cache, same);
	kmem_cache_destroy(cache);
}

static noinline void vexfs_crash_cache_overrun(void)
{
	struct kmem_cache *cache = debugged_cache();
	char *object = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;

	if (!object)
		return;
	OPTIMIZER_HIDE_VAR(object);
	object[OBJECT_SIZE] = 'x';
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

static noinline void vexfs_crash_cache_late_write(void)
{
	struct kmem_cache *cache = debugged_cache();
	char *object = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;
	char *same = object;

	OPTIMIZER_HIDE_VAR(same);
	if (!object)
		return;
	kmem_cache_free(cache, object);
	same[8] = 'x';
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

static noinline void vexfs_crash_cache_remaining(void)
{
	struct kmem_cache *cache = debugged_cache();

	if (cache && kmem_cache_alloc(cache, GFP_KERNEL))
		kmem_cache_destroy(cache);
}

static noinline void vexfs_crash_bad_page(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 4);

	if (!page)
		return;
	page->mapping = (struct address_space *)0xdeadbeef00;
	__free_pages(page, 4);
}

static noinline void vexfs_crash_bad_page_mapped(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 4);

	if (!page)
		return;
	atomic_set(&page->_mapcount, 3);
	__free_pages(page, 4);
}

static noinline void vexfs_crash_copy_heap(void)
{
	char *object = kzalloc(READ_ONCE(object_size), GFP_KERNEL);
	size_t too_much = 4 * READ_ONCE(object_size);

	if (object && !copy_from_user(object, crash_user_buffer, too_much))
		sink = object[0];
	kfree(object);
}

static noinline void vexfs_crash_copy_text(void)
{
	void *text = schedule; /* the kernel's own, not a module's */

	OPTIMIZER_HIDE_VAR(text);
	sink = copy_to_user(crash_user_buffer, text, READ_ONCE(object_size));
}

static noinline void vexfs_crash_copy_stack(void)
{
	char local[32];
	char *behind = local;

	memset(local, 0, sizeof(local));
	OPTIMIZER_HIDE_VAR(behind);
	sink = copy_to_user(crash_user_buffer, behind, 64 * READ_ONCE(object_size));
}

struct parts {
	char first[16];
	char second[48];
};

static noinline void vexfs_crash_fortify(void)
{
	struct parts *parts = kmalloc(sizeof(*parts), GFP_KERNEL);

	if (parts)
		memset(parts, 0, READ_ONCE(object_size));
	sink = (unsigned long)parts;
}

static noinline void vexfs_crash_fortify_name(void)
{
	static char name[8] = "1234567";
	static const char source[] = "a name that is longer";
	const char *from = source;

	OPTIMIZER_HIDE_VAR(from);
	strcpy(name, from);
	sink = name[0];
}

static noinline void vexfs_crash_fortify_field(void)
{
	struct parts *parts = kzalloc(sizeof(*parts), GFP_KERNEL);
	char source[64] = {};

	if (parts)
		memcpy(parts->first, source, READ_ONCE(object_size) / 3);
	sink = (unsigned long)parts;
	kfree(parts);
}

/* An object that KFENCE watches; NULL on a kernel without it. */
static char *fenced(void)
{
	int i;

	for (i = 0; i < 2000; i++) {
		char *object = kmalloc(READ_ONCE(object_size), GFP_KERNEL);

		if (is_kfence_address(object))
			return object;
		kfree(object);
		if (i % 64 == 63)
			msleep(1);
	}
	return NULL;
}

static noinline void vexfs_crash_fenced_overrun(void)
{
	char *object = fenced();
	int i;

	/* It may lie at either end of its page; the guard pages are one page away. */
	for (i = 0; object && i < PAGE_SIZE; i++)
		sink = READ_ONCE(object[i]);
	kfree(object);
}

static noinline void vexfs_crash_fenced_use_after_free(void)
{
	char *object = fenced();
	char *same = object;

	OPTIMIZER_HIDE_VAR(same);
	kfree(object);
	if (same)
		sink = READ_ONCE(*same);
}

static noinline void vexfs_crash_fenced_double_free(void)
{
	char *object = fenced();
	char *same = object;

	OPTIMIZER_HIDE_VAR(same);
	kfree(object);
	kfree(same);
}

static noinline void vexfs_crash_fenced_corruption(void)
{
	char *object = fenced();

	if (!object)
		return;
	OPTIMIZER_HIDE_VAR(object);
	WRITE_ONCE(object[(unsigned long)object % PAGE_SIZE ? -1 : OBJECT_SIZE], 'x');
	kfree(object);
}

const struct crash_way crash_memory[] = {
	CRASH_WAY(double_free),
	CRASH_WAY(free_area),
	CRASH_WAY(cache_double_free),
	CRASH_WAY(cache_overrun),
	CRASH_WAY(cache_late_write),
	CRASH_WAY(cache_remaining),
	CRASH_WAY(bad_page),
	CRASH_WAY(bad_page_mapped),
	CRASH_WAY(copy_heap),
	CRASH_WAY(copy_text),
	CRASH_WAY(copy_stack),
	CRASH_WAY(fortify),
	CRASH_WAY(fortify_name),
	CRASH_WAY(fortify_field),
	CRASH_WAY(fenced_overrun),
	CRASH_WAY(fenced_use_after_free),
	CRASH_WAY(fenced_double_free),
	CRASH_WAY(fenced_corruption),
	{}
};
