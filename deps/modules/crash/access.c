// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses and instructions that the processor refuses. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "crash.h"

struct member {
	char before[64];
	long value;
};

static int *nowhere;
static struct member *no_structure;
static void (*no_function)(void);
static unsigned long sink;
static const unsigned long read_only = 0x5a;
static u8 data_to_execute[16] = { 0xc3 };

/* User addresses, holes and what is no address at all, so that the compiler knows none of them. */
static unsigned long user_address = 0x13370000;
static unsigned long hole = 0xffffc90fdead0000;
static unsigned long text_address;
static unsigned long not_canonical = 0xdead4ead00000000;
static unsigned long trap_list = 0xdead000000000100;
static int zero;

static noinline void vexfs_crash_null_read(void)
{
	sink = READ_ONCE(*READ_ONCE(nowhere));
}

static noinline void vexfs_crash_null_write(void)
{
	WRITE_ONCE(*READ_ONCE(nowhere), 1);
}

/* The name that the self-tests know it by. */
static noinline void vexfs_crash_oops(void)
{
	WRITE_ONCE(*READ_ONCE(nowhere), 1);
}

static noinline void vexfs_crash_null_member(void)
{
	sink = READ_ONCE(READ_ONCE(no_structure)->value);
}

static noinline void vexfs_crash_null_exec(void)
{
	READ_ONCE(no_function)();
	sink++;
}

static noinline void vexfs_crash_user_read(void)
{
	sink = READ_ONCE(*(int *)READ_ONCE(user_address));
}

static noinline void vexfs_crash_user_write(void)
{
	WRITE_ONCE(*(int *)READ_ONCE(user_address), 1);
}

static noinline void vexfs_crash_user_exec(void)
{
	((void (*)(void))READ_ONCE(user_address))();
	sink++;
}

static noinline void vexfs_crash_hole_read(void)
{
	sink = READ_ONCE(*(int *)READ_ONCE(hole));
}

static noinline void vexfs_crash_hole_write(void)
{
	WRITE_ONCE(*(int *)READ_ONCE(hole), 1);
}

static noinline void vexfs_crash_hole_exec(void)
{
	((void (*)(void))READ_ONCE(hole))();
	sink++;
}

static noinline void vexfs_crash_area_freed(void)
{
	char *area = vmalloc(PAGE_SIZE);

	WRITE_ONCE(sink, (unsigned long)area);
	vfree(area);
	vm_unmap_aliases();
	sink = READ_ONCE(*area);
}

static noinline void vexfs_crash_area_end(void)
{
	char *area = vmalloc(PAGE_SIZE);
	int i;

	/* Whatever lies behind, the guard page comes first. */
	for (i = 0; area && i < 2 * PAGE_SIZE; i += 512)
		WRITE_ONCE(area[i], 1);
	vfree(area);
}

static noinline void vexfs_crash_error_value(void)
{
	int *result = ERR_PTR(-ENOMEM + READ_ONCE(zero));

	sink = READ_ONCE(*result);
}

static noinline void vexfs_crash_not_canonical_read(void)
{
	sink = READ_ONCE(*(int *)READ_ONCE(not_canonical));
}

static noinline void vexfs_crash_not_canonical_write(void)
{
	WRITE_ONCE(*(int *)READ_ONCE(not_canonical), 1);
}

static noinline void vexfs_crash_stale_link(void)
{
	sink = READ_ONCE(((struct list_head *)READ_ONCE(trap_list))->next) != NULL;
}

static noinline void vexfs_crash_divide(void)
{
	sink = 100 / READ_ONCE(zero);
}

static noinline void vexfs_crash_divide_overflow(void)
{
	u32 low = 1, high = 0xffff, by = 1;

	asm volatile("divl %2" : "+a"(low), "+d"(high) : "r"(by));
	sink = low;
}

static noinline void vexfs_crash_opcode(void)
{
	unsigned long field = 0;

	/* Undefined unless a hypervisor runs; ud2 would be taken for a BUG(). */
	asm volatile("vmread %1, %0" : "=r"(sink) : "r"(field) : "cc");
}

static noinline void vexfs_crash_breakpoint(void)
{
	asm volatile("int3");
	sink++;
}

static noinline void vexfs_crash_exec_data(void)
{
	void *code = data_to_execute;

	OPTIMIZER_HIDE_VAR(code);
	((void (*)(void))code)();
	sink++;
}

static noinline void vexfs_crash_exec_heap(void)
{
	u8 *code = kmalloc(64, GFP_KERNEL);

	if (!code)
		return;
	code[0] = 0xc3;
	((void (*)(void))code)();
	kfree(code);
}

static noinline void vexfs_crash_write_rodata(void)
{
	unsigned long *target = (unsigned long *)&read_only;

	OPTIMIZER_HIDE_VAR(target);
	WRITE_ONCE(*target, 1);
}

static noinline void vexfs_crash_write_text(void)
{
	text_address = (unsigned long)vexfs_crash_null_read;
	WRITE_ONCE(*(u8 *)READ_ONCE(text_address), 0xcc);
}

const struct crash_way crash_access[] = {
	CRASH_WAY(null_read),
	CRASH_WAY(null_write),
	CRASH_WAY(oops),
	CRASH_WAY(null_member),
	CRASH_WAY(null_exec),
	CRASH_WAY(user_read),
	CRASH_WAY(user_write),
	CRASH_WAY(user_exec),
	CRASH_WAY(hole_read),
	CRASH_WAY(hole_write),
	CRASH_WAY(hole_exec),
	CRASH_WAY(area_freed),
	CRASH_WAY(area_end),
	CRASH_WAY(error_value),
	CRASH_WAY(not_canonical_read),
	CRASH_WAY(not_canonical_write),
	CRASH_WAY(stale_link),
	CRASH_WAY(divide),
	CRASH_WAY(divide_overflow),
	CRASH_WAY(opcode),
	CRASH_WAY(breakpoint),
	CRASH_WAY(exec_data),
	CRASH_WAY(exec_heap),
	CRASH_WAY(write_rodata),
	CRASH_WAY(write_text),
	{}
};
