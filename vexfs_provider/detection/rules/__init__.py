"""The rules, one module a family; within a family and between them the first that matches wins."""

from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.rules import (
    block,
    bug,
    filesystem,
    hang,
    lockdep,
    memory,
    oops,
    panic,
    reboot,
    sanitizer,
    warning,
)
from vexfs_provider.detection.rules.harmless import HARMLESS

# Special before general: the last rules are for any "BUG: ", "WARNING: " and "INFO: ".
RULES: tuple[Rule, ...] = (
    *sanitizer.RULES,
    *oops.RULES,
    *hang.RULES,
    *lockdep.RULES,
    *panic.RULES,
    *warning.CHECKS,
    *memory.RULES,
    *filesystem.RULES,
    *block.RULES,
    *reboot.RULES,
    *bug.RULES,
    *warning.MESSAGES,
)

INTERRUPTIONS = (
    "vmalloc: allocation failure:",
    "FAULT_INJECTION: forcing a failure",
    "FAULT_FLAG_ALLOW_RETRY missing",
)
"""Messages that are no reports, but print a stack that must not be taken for another's."""

HINTS = tuple(dict.fromkeys([*(rule.hint for rule in RULES), *INTERRUPTIONS]))
"""Literals of which each line that matters has one."""

__all__ = ["HARMLESS", "HINTS", "INTERRUPTIONS", "RULES"]
