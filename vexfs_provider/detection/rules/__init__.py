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
    sanitizer,
    warning,
)

# Special before general: ``bug`` ends with a rule for any "BUG: ".
RULES: tuple[Rule, ...] = (
    *sanitizer.RULES,
    *oops.RULES,
    *hang.RULES,
    *lockdep.RULES,
    *panic.RULES,
    *warning.RULES,
    *memory.RULES,
    *filesystem.RULES,
    *block.RULES,
    *bug.RULES,
)
