// SPDX-License-Identifier: GPL-2.0-or-later
/* Goes wrong on purpose, in the way that the parameter "how" names, while it is being inserted. */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/module.h>

static char *how = "";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "warning, oops or bug");

static int *nowhere;

static noinline void vexfs_crash_warning(void)
{
	WARN(1, "planted warning\n");
}

static noinline void vexfs_crash_oops(void)
{
	WRITE_ONCE(*READ_ONCE(nowhere), 1);
}

static noinline void vexfs_crash_bug(void)
{
	BUG();
}

static int __init vexfs_crash_init(void)
{
	if (!strcmp(how, "warning"))
		vexfs_crash_warning();
	else if (!strcmp(how, "oops"))
		vexfs_crash_oops();
	else if (!strcmp(how, "bug"))
		vexfs_crash_bug();
	else
		return -EINVAL;
	return 0;
}

static void __exit vexfs_crash_exit(void)
{
}

module_init(vexfs_crash_init);
module_exit(vexfs_crash_exit);
MODULE_DESCRIPTION("Crashes the kernel for the self-tests");
MODULE_LICENSE("GPL");
