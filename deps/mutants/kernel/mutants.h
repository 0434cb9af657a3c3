/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bugs that can be switched on, one at a time, by the module's parameter "bug". */
#ifndef MUTANTFS_MUTANTS_H
#define MUTANTFS_MUTANTS_H

enum mutant {
	NO_MUTANT,
#define MUTANT(name, scenario, bug, survives) MUTANT_##name,
#include "mutants.def"
#undef MUTANT
};

extern enum mutant active_mutant;

#define has_bug(name) unlikely(active_mutant == MUTANT_##name)

#endif
