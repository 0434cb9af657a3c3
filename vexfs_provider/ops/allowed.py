"""Where two sound filesystems may differ: the table of allowed differences, each with its reason.

Some things are not even looked at, for every filesystem has its own: ``NOT_LOOKED_AT``.
"""

import enum
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vexfs_provider.ops.facts import TIMES
from vexfs_provider.ops.fields import RenameFlags
from vexfs_provider.ops.operations import (
    AllocateRange,
    Operation,
    RenamePath,
    Seek,
    SetXattr,
    Truncate,
)
from vexfs_provider.ops.outcome import Outcome, Tree

NOT_LOOKED_AT: Mapping[str, str] = MappingProxyType(
    {
        "atime": "reading the tree would change it; only what utimensat(2) sets is looked at",
        "directory_size": "it tells how names are stored",
        "holes": "where they are depends on the size of blocks; only that none hides data counts",
        "inode_numbers": "only which names share one counts",
        "readdir_order": "POSIX leaves it open; names are sorted",
        "st_blocks": "it tells how content is stored",
        "time_granularity": "the clock moves by 1000 s from one operation to the next",
    }
)


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
class TimeLeftOpen(Entry):
    """Times that an operation may set or not, if what it did excuses that.

    ``excuses`` gets the operation, the path of the file whose time differs, and the trees before
    and after the operation.
    """

    applies: Callable[[Operation], bool]
    excuses: Callable[[Operation, str, Tree, Tree], bool]


def _exchanges(operation: Operation) -> bool:
    return isinstance(operation, RenamePath) and RenameFlags.EXCHANGE in operation.flags


def _is_no_parent(operation: Operation, path: str, _before: Tree, _after: Tree) -> bool:
    assert isinstance(operation, RenamePath)
    parents = (posixpath.dirname(name) or "." for name in (operation.old, operation.new))
    return path not in map(posixpath.normpath, parents)


def _truncates(operation: Operation) -> bool:
    return isinstance(operation, Truncate)


def _sets_attribute(operation: Operation) -> bool:
    return isinstance(operation, SetXattr)


def _allocates(operation: Operation) -> bool:
    return isinstance(operation, AllocateRange)


def _nothing_else_changed(_operation: Operation, _path: str, before: Tree, after: Tree) -> bool:
    return _without_times(before) == _without_times(after)


def _without_times(tree: Tree) -> dict[str, dict[str, str]]:
    return {
        path: {name: value for name, value in facts.items() if name not in TIMES}
        for path, facts in tree.items()
    }


def _is_optional(operation: Operation) -> bool:
    return bool(operation.required())


TABLE: tuple[Entry, ...] = (
    SameErrors(
        "not_empty",
        "POSIX lets either be said of a folder that is not empty; XFS says EEXIST in rename(2)",
        frozenset({"rename", "rmdir"}),
        frozenset({"EEXIST", "ENOTEMPTY"}),
    ),
    EndingErrors(
        "full",
        "how much fits is for each to say; only on an empty filesystem the lists must fit",
        frozenset({"ENOSPC"}),
        lambda _: True,
        Judgement.DOUBTFUL,
    ),
    EndingErrors(
        "unsupported",
        "a capability that was seen need not cover all forms of a call",
        frozenset({"EOPNOTSUPP", "ENOTTY", "ENOSYS"}),
        _is_optional,
        Judgement.CUT,
    ),
    FactLeftOut(
        "directory_nlink",
        "POSIX does not say whether subdirectories count; those of Btrfs do not",
        kind="folder",
        fact="nlink",
        difference="directory_nlink",
        either=True,
    ),
    FactLeftOut(
        "hole_reports",
        "XFS passes over data in SEEK_DATA where it has reserved blocks for a copy on write",
        kind="file",
        fact="holes",
        difference="hole_reports",
        either=False,
    ),
    TimeLeftOpen(
        "exchanged",
        "POSIX asks for the times of the two parents only; ext4 and Btrfs set the ctime of both "
        "files, XFS the mtime of a folder that gets another parent",
        _exchanges,
        _is_no_parent,
    ),
    TimeLeftOpen(
        "truncated_to_its_size",
        "POSIX asks for times where the size changes; ext4 sets them always",
        _truncates,
        _nothing_else_changed,
    ),
    TimeLeftOpen(
        "attribute_as_before",
        "an extended attribute that is set to the value it has changes nothing; ext4 sees that",
        _sets_attribute,
        _nothing_else_changed,
    ),
    TimeLeftOpen(
        "allocated_nothing",
        "what changes neither size nor content, as a hole where there were no data, or a refusal; "
        "XFS sets times before it looks at the range",
        _allocates,
        _nothing_else_changed,
    ),
)


class Allowed:
    """The table for a filesystem with the expected differences ``tested``, beside others."""

    def __init__(self, tested: Iterable[str] = (), references: Iterable[str] = ()):
        own = frozenset(tested)
        named = own.union(references)
        self._same = [one for one in TABLE if isinstance(one, SameErrors)]
        self._ending = [one for one in TABLE if isinstance(one, EndingErrors)]
        self._times = [one for one in TABLE if isinstance(one, TimeLeftOpen)]
        self._hole_reports = "hole_reports" not in own
        left_out: dict[str, set[str]] = defaultdict(set)
        for one in TABLE:
            if isinstance(one, FactLeftOut) and one.difference in (named if one.either else own):
                left_out[one.kind].add(one.fact)
        self.left_out = {kind: frozenset(facts) for kind, facts in left_out.items()}

    def judge(self, operation: Operation, expected: Outcome, actual: Outcome) -> Judgement:
        """Two results of an operation; values are compared as words."""
        if expected == actual:
            return Judgement.SAME
        errors = {expected.error, actual.error}
        if any(operation.keyword in one.keywords and errors <= one.errors for one in self._same):
            return Judgement.SAME
        for one in self._ending:
            if errors & one.errors and one.applies(operation):
                return one.judgement
        if isinstance(operation, Seek) and errors == {""} and not self._is_new_lie(actual):
            return Judgement.SAME
        return Judgement.OTHER

    def _is_new_lie(self, actual: Outcome) -> bool:
        """Of two results of which one tells that data were passed over."""
        return bool(actual.value) and self._hole_reports

    def rule_for_times(self, operation: Operation) -> TimeLeftOpen | None:
        """The entry by which the operation may leave other times behind."""
        return next((one for one in self._times if one.applies(operation)), None)
