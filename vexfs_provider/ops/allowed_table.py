"""Where two sound filesystems may differ: the table of allowed differences, each with its reason.

Some things are not even looked at, for every filesystem has its own: ``NOT_LOOKED_AT``.
"""

import posixpath
from collections.abc import Mapping
from types import MappingProxyType

from vexfs_provider.ops.allowances import (
    Doubt,
    EndingErrors,
    Entry,
    FactLeftOut,
    Judgement,
    SameErrors,
    TimeLeftOpen,
)
from vexfs_provider.ops.facts import KIND, TIMES, WHITEOUT
from vexfs_provider.ops.fields import RenameFlags
from vexfs_provider.ops.operations import AllocateRange, Operation, RenamePath, SetXattr, Truncate
from vexfs_provider.ops.outcome import Tree

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


def _exchanges(operation: Operation) -> bool:
    return isinstance(operation, RenamePath) and RenameFlags.EXCHANGE in operation.flags


def _is_no_parent(doubt: Doubt) -> bool:
    assert isinstance(doubt.operation, RenamePath)
    names = (doubt.operation.old, doubt.operation.new)
    return doubt.path not in (posixpath.normpath(posixpath.dirname(name)) for name in names)


def _moves(operation: Operation) -> bool:
    return isinstance(operation, RenamePath) and not _exchanges(operation)


def _is_mtime_of_moved_folder(doubt: Doubt) -> bool:
    assert isinstance(doubt.operation, RenamePath)
    moved = doubt.path == posixpath.normpath(doubt.operation.new)
    return moved and doubt.time == "mtime" and doubt.after[doubt.path][KIND] == "folder"


def _truncates(operation: Operation) -> bool:
    return isinstance(operation, Truncate)


def _sets_attribute(operation: Operation) -> bool:
    return isinstance(operation, SetXattr)


def _allocates(operation: Operation) -> bool:
    return isinstance(operation, AllocateRange)


def _nothing_else_changed(doubt: Doubt) -> bool:
    return _without_times(doubt.before) == _without_times(doubt.after)


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
    FactLeftOut(
        "whiteout_group",
        "Linux does not say of which folder a whiteout in a renamed file's place has its group, if "
        "set-group-ID gives it one; that of XFS has it of the folder which the file went into",
        kind=WHITEOUT,
        fact="group",
        difference="whiteout_group",
        either=True,
    ),
    TimeLeftOpen(
        "exchanged",
        "POSIX asks for the times of the two parents only; ext4 and Btrfs set the ctime of both "
        "files, XFS the mtime of a folder that gets another parent",
        _exchanges,
        _is_no_parent,
    ),
    TimeLeftOpen(
        "moved_folder",
        "POSIX asks for the times of the two parents only; F2FS sets the mtime of a folder that "
        "gets another parent, for what it stores of that in it",
        _moves,
        _is_mtime_of_moved_folder,
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
