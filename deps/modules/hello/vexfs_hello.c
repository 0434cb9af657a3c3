// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The smallest module: proves that modules built by "avocado vexfs module build" load in the
 * guest's kernel. It says who it greets when it is loaded and when it goes.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

static char *whom = "world";
module_param(whom, charp, 0444);
MODULE_PARM_DESC(whom, "whom to greet");

static int __init hello_init(void)
{
	pr_info("vexfs_hello: hello, %s\n", whom);
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("vexfs_hello: goodbye, %s\n", whom);
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_DESCRIPTION("Greets: a test of the module builder");
MODULE_LICENSE("GPL");
