"""What the table of allowed differences is made of: its kinds of entries."""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.outcome import Tree


class Judgement(enum.Enum):
    """Of two results: the same; a difference; one that counts only on an empty filesystem; or one
    that is allowed but leaves other states behind."""

    SAME = enum.auto()
    OTHER = enum.auto()
    DOUBTFUL = enum.auto()
    CUT = enum.auto()


@dataclass(frozen=True)
class Entry:
    """One allowed difference."""

    name: str
    reason: str


@dataclass(frozen=True)
class SameErrors(Entry):
    """Errors that stand for the same refusal by these operations."""

    keywords: frozenset[str]
    errors: frozenset[str]


@dataclass(frozen=True)
class EndingErrors(Entry):
    """Errors behind which a list's outcomes cannot be compared, if one side alone has them."""

    errors: frozenset[str]
    applies: Callable[[Operation], bool]
    judgement: Judgement


@dataclass(frozen=True)
class FactLeftOut(Entry):
    """A fact of files of a kind that is not compared, if a profile expects the ``difference``.

    Which profile: that of the filesystem under test, or with ``either`` any.
    """

    kind: str
    fact: str
    difference: str
    either: bool


@dataclass(frozen=True)
class Doubt:
    """A time, ``mtime`` or the like, of a file that differs behind an operation.

    ``before`` and ``after`` are the trees around it, as they should be.
    """

    operation: Operation
    path: str
    time: str
    before: Tree
    after: Tree


@dataclass(frozen=True)
class TimeLeftOpen(Entry):
    """Times that an operation may set or not, if what it did excuses that."""

    applies: Callable[[Operation], bool]
    excuses: Callable[[Doubt], bool]
