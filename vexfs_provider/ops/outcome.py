"""Lists of operations that have a name, and what running one gave."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vexfs_provider.ops.operations import Operation

Tree = Mapping[str, Mapping[str, str]]
"""The facts of each entry by its path; the list's own folder is ``.``"""

LIST_NAME = re.compile("[a-z0-9_-]+")


@dataclass(frozen=True)
class OpList:
    """Operations that run in a fresh folder of that name. Raises ``ValueError`` for a bad name."""

    name: str
    operations: tuple[Operation, ...]

    def __post_init__(self) -> None:
        if not LIST_NAME.fullmatch(self.name):
            raise ValueError(f"a list's name {self.name!r}; allowed: {LIST_NAME.pattern}")


@dataclass(frozen=True)
class Outcome:
    """What one operation gave; ``error`` is ``""`` if it succeeded, or ``ENOENT`` and the like."""

    error: str
    value: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One line of the canonical tree; the facts include ``kind``."""

    path: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class ListOutcome:
    """Each operation's outcome, the tree after the last, and once more after a remount if asked."""

    results: tuple[Outcome, ...]
    tree: Tree
    after_remount: Tree | None = None
