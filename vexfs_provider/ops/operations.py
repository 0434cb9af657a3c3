"""The operations of a list, one frozen dataclass each.

A ``Target`` is a path, opened for the operation alone, or the handle of an open file. Paths are
relative to a folder of the list's own. Content is made from a seed: byte ``i`` of a file that was
written with seed ``s`` depends on ``s`` and ``i`` alone. Lengths and offsets are in bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import ClassVar, get_type_hints

from vexfs_provider.ops.fields import (
    Count,
    Fallocate,
    FallocateMode,
    HandleName,
    Id,
    Kind,
    Length,
    LinksKind,
    LockKind,
    Mode,
    Name,
    NodeKind,
    Offset,
    Open,
    OpenFlags,
    Path,
    Rename,
    RenameFlags,
    Seconds,
    Seed,
    SyncKind,
    Target,
    WhenceKind,
    XattrKind,
)


@dataclass(frozen=True)
class Operation:
    """One operation; its written form is ``keyword`` and its arguments in their order.

    Raises ``ValueError`` for a bad argument. ``host_runs`` marks what the executor in the guest
    leaves to the host.
    """

    keyword: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    host_runs: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name, kind in arguments_of(type(self)).items():
            if not kind.valid(value := getattr(self, name)):
                raise ValueError(f"{self.keyword}: {name} = {value!r}; allowed: {kind.allowed}")

    def required(self) -> tuple[str, ...]:
        """The capabilities (``filesystems.capabilities``) without which it may be refused."""
        return self.needs


@dataclass(frozen=True)
class OpenFile(Operation):
    """open(2) to a handle, which a later ``close``, ``remount`` or the list's end closes."""

    keyword = "open"
    handle: HandleName
    path: Path
    flags: Open
    mode: Mode

    def required(self) -> tuple[str, ...]:
        return ("o_direct",) if OpenFlags.DIRECT in self.flags else ()


@dataclass(frozen=True)
class Close(Operation):
    """close(2)."""

    keyword = "close"
    handle: HandleName


@dataclass(frozen=True)
class OpenUnnamed(Operation):
    """open(2) with O_TMPFILE and O_RDWR in a folder."""

    keyword = "tmpfile"
    needs = ("o_tmpfile",)
    handle: HandleName
    folder: Path
    mode: Mode


@dataclass(frozen=True)
class Create(Operation):
    """open(2) with O_CREAT, O_EXCL and O_WRONLY, then close(2)."""

    keyword = "create"
    path: Path
    mode: Mode


@dataclass(frozen=True)
class Write(Operation):
    """pwrite(2)."""

    keyword = "write"
    target: Target
    offset: Offset
    length: Length
    seed: Seed


@dataclass(frozen=True)
class WriteVector(Operation):
    """pwritev(2) of ``pieces`` parts of about the same length."""

    keyword = "writev"
    target: Target
    offset: Offset
    length: Length
    seed: Seed
    pieces: Count


@dataclass(frozen=True)
class Append(Operation):
    """write(2) at the end: a path is opened with O_APPEND, a handle is moved by lseek(2)."""

    keyword = "append"
    target: Target
    length: Length
    seed: Seed


@dataclass(frozen=True)
class Read(Operation):
    """pread(2); the result is the number of bytes and their hash."""

    keyword = "read"
    target: Target
    offset: Offset
    length: Length


@dataclass(frozen=True)
class Truncate(Operation):
    """truncate(2), or ftruncate(2) of a handle."""

    keyword = "truncate"
    target: Target
    size: Offset


@dataclass(frozen=True)
class AllocateRange(Operation):
    """fallocate(2)."""

    keyword = "fallocate"
    target: Target
    mode: Fallocate
    offset: Offset
    length: Offset

    def required(self) -> tuple[str, ...]:
        names = ("punch_hole", "zero_range", "collapse_range", "insert_range")
        found = tuple(n for n in names if FallocateMode[n.upper()] in self.mode)
        return found or ("fallocate",)


@dataclass(frozen=True)
class MapStore(Operation):
    """Stores to a shared mapping of the range, then msync(2); SIGBUS is a result like an errno."""

    keyword = "mmap_store"
    needs = ("mmap_write",)
    target: Target
    offset: Offset
    length: Length
    seed: Seed
    sync: SyncKind


@dataclass(frozen=True)
class MapLoad(Operation):
    """Loads from a shared mapping of the range; the result is their hash, or SIGBUS."""

    keyword = "mmap_load"
    target: Target
    offset: Offset
    length: Length


@dataclass(frozen=True)
class Seek(Operation):
    """lseek(2) with SEEK_DATA or SEEK_HOLE; the place itself is the filesystem's own business.

    EISDIR for a folder, where places are numbers of the filesystem's own.
    """

    keyword = "seek"
    target: Target
    offset: Offset
    whence: WhenceKind


@dataclass(frozen=True)
class CopyRange(Operation):
    """copy_file_range(2); the result is the number of bytes that were copied in the end."""

    keyword = "copy_range"
    source: Target
    source_offset: Offset
    target: Target
    target_offset: Offset
    length: Length


@dataclass(frozen=True)
class Clone(Operation):
    """ioctl(FICLONE): the target shares all of the source's blocks."""

    keyword = "clone"
    needs = ("reflink",)
    source: Target
    target: Target


@dataclass(frozen=True)
class Fsync(Operation):
    """fsync(2)."""

    keyword = "fsync"
    target: Target


@dataclass(frozen=True)
class Fdatasync(Operation):
    """fdatasync(2)."""

    keyword = "fdatasync"
    target: Target


@dataclass(frozen=True)
class SyncFilesystem(Operation):
    """syncfs(2)."""

    keyword = "syncfs"


@dataclass(frozen=True)
class SyncAll(Operation):
    """sync(2)."""

    keyword = "sync"


@dataclass(frozen=True)
class RenamePath(Operation):
    """renameat2(2)."""

    keyword = "rename"
    old: Path
    new: Path
    flags: Rename

    def required(self) -> tuple[str, ...]:
        names = ("noreplace", "exchange", "whiteout")
        return tuple(f"rename_{n}" for n in names if RenameFlags[n.upper()] in self.flags)


@dataclass(frozen=True)
class Link(Operation):
    """link(2)."""

    keyword = "link"
    needs = ("hardlink",)
    old: Path
    new: Path


@dataclass(frozen=True)
class LinkHandle(Operation):
    """linkat(2) of an open file by its handle, as for O_TMPFILE."""

    keyword = "linkfd"
    needs = ("hardlink",)
    handle: HandleName
    path: Path


@dataclass(frozen=True)
class Symlink(Operation):
    """symlink(2)."""

    keyword = "symlink"
    needs = ("symlink",)
    text: Name
    path: Path


@dataclass(frozen=True)
class ReadLink(Operation):
    """readlink(2)."""

    keyword = "readlink"
    path: Path


@dataclass(frozen=True)
class MakeNode(Operation):
    """mknod(2)."""

    keyword = "mknod"
    needs = ("mknod",)
    path: Path
    node: NodeKind
    mode: Mode


@dataclass(frozen=True)
class MakeFolder(Operation):
    """mkdir(2)."""

    keyword = "mkdir"
    path: Path
    mode: Mode


@dataclass(frozen=True)
class RemoveFolder(Operation):
    """rmdir(2)."""

    keyword = "rmdir"
    path: Path


@dataclass(frozen=True)
class Unlink(Operation):
    """unlink(2); a handle that is open keeps the file alive."""

    keyword = "unlink"
    path: Path


@dataclass(frozen=True)
class ReadFolder(Operation):
    """opendir(3) and readdir(3); the result is the number of names and the hash of all, sorted."""

    keyword = "readdir"
    path: Path


@dataclass(frozen=True)
class Stat(Operation):
    """stat(2) or lstat(2); the result is what the canonical tree says of a path."""

    keyword = "stat"
    path: Path
    links: LinksKind


@dataclass(frozen=True)
class StatExtended(Operation):
    """statx(2): as ``stat``, and the time of birth."""

    keyword = "statx"
    needs = ("statx_btime",)
    path: Path
    links: LinksKind


@dataclass(frozen=True)
class ChangeMode(Operation):
    """chmod(2)."""

    keyword = "chmod"
    path: Path
    mode: Mode


@dataclass(frozen=True)
class ChangeOwner(Operation):
    """lchown(2)."""

    keyword = "chown"
    path: Path
    user: Id
    group: Id


@dataclass(frozen=True)
class ChangeTimes(Operation):
    """utimensat(2), the link itself; seconds since 1970."""

    keyword = "utimens"
    path: Path
    atime: Seconds
    mtime: Seconds


@dataclass(frozen=True)
class SetXattr(Operation):
    """setxattr(2) of ``user.NAME`` to ``length`` bytes made from ``seed``."""

    keyword = "setxattr"
    needs = ("user_xattr",)
    path: Path
    name: Name
    length: Length
    seed: Seed
    flags: XattrKind


@dataclass(frozen=True)
class GetXattr(Operation):
    """getxattr(2) of ``user.NAME``; the result is the number of bytes and their hash."""

    keyword = "getxattr"
    needs = ("user_xattr",)
    path: Path
    name: Name


@dataclass(frozen=True)
class RemoveXattr(Operation):
    """removexattr(2) of ``user.NAME``."""

    keyword = "removexattr"
    needs = ("user_xattr",)
    path: Path
    name: Name


@dataclass(frozen=True)
class ListXattr(Operation):
    """listxattr(2); the result is the number of ``user.*`` names and the hash of all, sorted."""

    keyword = "listxattr"
    needs = ("user_xattr",)
    path: Path


@dataclass(frozen=True)
class LockFile(Operation):
    """flock(2) with LOCK_NB."""

    keyword = "lock"
    handle: HandleName
    lock: LockKind


@dataclass(frozen=True)
class SwitchUser(Operation):
    """What follows runs with this effective user and group, up to the list's end."""

    keyword = "user"
    user: Id


@dataclass(frozen=True)
class DropCaches(Operation):
    """sync(2), then all clean pages, names and inodes are forgotten."""

    keyword = "drop_caches"


@dataclass(frozen=True)
class Freeze(Operation):
    """ioctl(FIFREEZE), then FITHAW at once: nobody could write in between."""

    keyword = "freeze"
    needs = ("freeze",)


@dataclass(frozen=True)
class Remount(Operation):
    """Closes all handles, unmounts and mounts again."""

    keyword = "remount"
    needs = ("persistent",)
    host_runs = True


@dataclass(frozen=True)
class CrashPoint(Operation):
    """Where a crash-consistency run cuts the power; no more than a mark in any other."""

    keyword = "crash_point"


def arguments_of(operation: type[Operation]) -> Mapping[str, Kind]:
    """The names of an operation's arguments, in their order, with what each may be."""
    return _ARGUMENTS.get(operation) or _arguments(operation)


def _arguments(operation: type[Operation]) -> Mapping[str, Kind]:
    hints = get_type_hints(operation, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(operation)}


OPERATIONS: Mapping[str, type[Operation]] = MappingProxyType(
    {one.keyword: one for one in Operation.__subclasses__()}
)
"""Every operation, by its keyword."""

_ARGUMENTS = {one: _arguments(one) for one in Operation.__subclasses__()}
