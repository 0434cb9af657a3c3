"""What operations on content and attributes probably do to the model of a list's folder."""

from collections.abc import Callable, Mapping
from typing import Any

from vexfs_provider.ops.fields import FallocateMode
from vexfs_provider.ops.namespace import Inode, Namespace
from vexfs_provider.ops.operations import (
    AllocateRange,
    Append,
    ChangeMode,
    ChangeOwner,
    Clone,
    CopyRange,
    Operation,
    Truncate,
    Write,
    WriteVector,
)

ALIGNED = 4096  # bytes that ranges which move content must be a multiple of, at most


def _write(operation: Write | WriteVector, namespace: Namespace) -> None:
    inode = namespace.file(operation.target, 2)
    if inode is None or operation.offset < 0:
        return
    if namespace.appends(operation.target):
        inode.size += operation.length
    elif operation.length:
        inode.size = max(inode.size, operation.offset + operation.length)


def _append(operation: Append, namespace: Namespace) -> None:
    inode = namespace.file(operation.target, 2)
    if inode is not None:
        inode.size += operation.length


def _truncate(operation: Truncate, namespace: Namespace) -> None:
    inode = namespace.file(operation.target, 2)
    if inode is not None and operation.size >= 0:
        inode.size = operation.size


def _allocate(operation: AllocateRange, namespace: Namespace) -> None:
    inode = namespace.file(operation.target, 2)
    if inode is None or operation.offset < 0 or operation.length <= 0:
        return
    if operation.mode in (FallocateMode.ALLOCATE, FallocateMode.ZERO_RANGE):
        inode.size = max(inode.size, operation.offset + operation.length)
    elif operation.offset % ALIGNED == 0 and operation.length % ALIGNED == 0:
        _move(inode, operation)


def _move(inode: Inode, operation: AllocateRange) -> None:
    end = operation.offset + operation.length
    if operation.mode is FallocateMode.INSERT_RANGE and operation.offset < inode.size:
        inode.size += operation.length
    elif operation.mode is FallocateMode.COLLAPSE_RANGE and end < inode.size:
        inode.size -= operation.length


def _copy(operation: CopyRange, namespace: Namespace) -> None:
    source, target = namespace.file(operation.source, 4), namespace.file(operation.target, 2)
    if source is None or target is None or namespace.appends(operation.target):
        return
    apart = abs(operation.source_offset - operation.target_offset)
    copied = min(operation.length, source.size - operation.source_offset)
    if copied > 0 and (source is not target or apart >= operation.length):
        target.size = max(target.size, operation.target_offset + copied)


def _clone(operation: Clone, namespace: Namespace) -> None:
    source, target = namespace.file(operation.source, 4), namespace.file(operation.target, 2)
    if source is not None and target is not None:
        target.size = max(target.size, source.size)


def _change_mode(operation: ChangeMode, namespace: Namespace) -> None:
    inode = namespace.find(operation.path)
    if inode is not None and namespace.owns(inode):
        inode.mode = operation.mode


def _change_owner(operation: ChangeOwner, namespace: Namespace) -> None:
    inode = namespace.find(operation.path, follow=False)
    if inode is not None and namespace.user == 0:
        inode.owner = operation.user


EFFECTS_ON_FILES: Mapping[type[Operation], Callable[[Any, Namespace], None]] = {
    AllocateRange: _allocate,
    Append: _append,
    ChangeMode: _change_mode,
    ChangeOwner: _change_owner,
    Clone: _clone,
    CopyRange: _copy,
    Truncate: _truncate,
    Write: _write,
    WriteVector: _write,
}
"""What each changes; an operation that probably fails changes nothing."""
