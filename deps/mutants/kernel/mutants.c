// SPDX-License-Identifier: GPL-2.0-or-later
/* The parameter "bug": the name of a mutant, or nothing. */
#include <linux/module.h>
#include <linux/string.h>

#include "mutants.h"

enum mutant active_mutant;

static const char *const names[] = {
	"",
#define MUTANT(name, scenario, bug, survives) #name,
#include "mutants.def"
#undef MUTANT
};

static int set_mutant(const char *value, const struct kernel_param *parameter)
{
	int found = __sysfs_match_string(names, ARRAY_SIZE(names), value);

	if (found < 0)
		return found;
	active_mutant = found;
	return 0;
}

static int get_mutant(char *buffer, const struct kernel_param *parameter)
{
	return sysfs_emit(buffer, "%s\n", names[active_mutant]);
}

static const struct kernel_param_ops mutant_operations = {
	.set = set_mutant,
	.get = get_mutant,
};

module_param_cb(bug, &mutant_operations, NULL, 0444);
MODULE_PARM_DESC(bug, "the bug that the filesystem is to have, see mutants.def");
