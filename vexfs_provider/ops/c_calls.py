"""Operations as calls in C; what they call stands in ``deps/ops/reproducer``."""

import enum
import os
from collections.abc import Mapping
from dataclasses import fields

from vexfs_provider.ops import operations as ops
from vexfs_provider.ops.fields import (
    FallocateMode,
    Handle,
    Links,
    Lock,
    Node,
    OpenFlags,
    RenameFlags,
    Sync,
    Whence,
    XattrFlags,
)
from vexfs_provider.ops.operations import Operation

CALLS: Mapping[type[Operation], str] = {
    ops.OpenFile: "keep({handle}, open_file({path}, {flags}, {mode}))",
    ops.Close: "drop({handle})",
    ops.OpenUnnamed: "keep({handle}, open_file({folder}, O_TMPFILE | O_RDWR, {mode}))",
    ops.Create: "create({path}, {mode})",
    ops.Write: "write_at({target:O_WRONLY}, {offset}, {length}, {seed})",
    ops.WriteVector: "writev_at({target:O_WRONLY}, {offset}, {length}, {seed}, {pieces})",
    ops.Append: "append({target:O_WRONLY | O_APPEND}, {length}, {seed})",
    ops.Read: "read_at({target:O_RDONLY}, {offset}, {length})",
    ops.Truncate: "truncate({target}, {size})",
    ops.AllocateRange: "fallocate({target:O_WRONLY}, {mode}, {offset}, {length})",
    ops.MapStore: "map_store({target:O_RDWR}, {offset}, {length}, {seed}, {sync})",
    ops.MapLoad: "map_load({target:O_RDONLY}, {offset}, {length})",
    ops.Seek: "seek({target:O_RDONLY}, {offset}, {whence})",
    ops.CopyRange: (
        "copy_range(source, {source_offset}, {target:O_WRONLY}, {target_offset}, {length})"
    ),
    ops.Clone: "ioctl({target:O_WRONLY}, FICLONE, source)",
    ops.Fsync: "fsync({target:O_RDONLY})",
    ops.Fdatasync: "fdatasync({target:O_RDONLY})",
    ops.SyncFilesystem: "sync_this_filesystem()",
    ops.SyncAll: "sync_all()",
    ops.RenamePath: "renameat2(AT_FDCWD, {old}, AT_FDCWD, {new}, {flags})",
    ops.Link: "link({old}, {new})",
    ops.LinkHandle: "link_handle({handle}, {path})",
    ops.Symlink: "symlink({text}, {path})",
    ops.ReadLink: "read_link({path})",
    ops.MakeNode: "mknod({path}, {node} | {mode}, makedev(1, 3))",
    ops.MakeFolder: "mkdir({path}, {mode})",
    ops.RemoveFolder: "rmdir({path})",
    ops.Unlink: "unlink({path})",
    ops.ReadFolder: "read_folder({path})",
    ops.Stat: "describe({path}, {links})",
    ops.StatExtended: "describe_birth({path}, {links})",
    ops.ChangeMode: "chmod({path}, {mode})",
    ops.ChangeOwner: "lchown({path}, {user}, {group})",
    ops.ChangeTimes: "set_times({path}, {atime}, {mtime})",
    ops.SetXattr: "set_attribute({path}, {name}, {length}, {seed}, {flags})",
    ops.GetXattr: "get_attribute({path}, {name})",
    ops.RemoveXattr: "removexattr({path}, {name})",
    ops.ListXattr: "list_attributes({path})",
    ops.LockFile: "flock(handles[{handle}], {lock} | LOCK_NB)",
    ops.SwitchUser: "become({user})",
    ops.DropCaches: "as_root(drop_caches)",
    ops.Freeze: "as_root(freeze_and_thaw)",
    ops.Remount: "as_root(remount)",
    ops.CrashPoint: "0",
}
"""A call for each operation. A target with flags is a file that is open: by ``opened`` with these
flags if it is a path. What has two targets finds the first one as ``source``."""

_OF_HANDLES: Mapping[type[Operation], str] = {ops.Truncate: "ftruncate(handles[{target}], {size})"}

_PREFIXES: Mapping[type[enum.Enum], str] = {
    OpenFlags: "O_",
    RenameFlags: "RENAME_",
    FallocateMode: "FALLOC_FL_",
    Sync: "MS_",
    Whence: "SEEK_",
    XattrFlags: "XATTR_",
}
_WORDS: Mapping[enum.Enum, str] = {
    Sync.NONE: "0",
    XattrFlags.ANY: "0",
    Links.FOLLOW: "0",
    Links.NOFOLLOW: "AT_SYMLINK_NOFOLLOW",
    Node.FIFO: "S_IFIFO",
    Node.SOCKET: "S_IFSOCK",
    Node.CHAR: "S_IFCHR",
    Node.BLOCK: "S_IFBLK",
    Lock.SHARED: "LOCK_SH",
    Lock.EXCLUSIVE: "LOCK_EX",
    Lock.UNLOCK: "LOCK_UN",
}


def statements(operation: Operation) -> list[str]:
    """The lines that make one call and give its result to ``end``."""
    values = {one.name: _Argument(operation, one.name) for one in fields(operation)}
    form = CALLS[type(operation)]
    if isinstance(getattr(operation, "target", None), Handle):
        form = _OF_HANDLES.get(type(operation), form)
    call = form.format_map(values)
    lines = []
    if "source" in values:
        lines.append(f"source = {values['source']:O_RDONLY};")
    if any("opened(" in text for text in (*lines, call)):
        call = f"closed({call})"
    return [*lines, f"end({call});"]


def written(path: str) -> str:
    """A path as a list of operations has it, odd bytes as %XX."""
    return ops.arguments_of(ops.Unlink)["path"].format(path)


def literal(text: str) -> str:
    """A string of C that has these bytes, whatever they are."""
    plain = (chr(byte) if _is_plain(byte) else f"\\{byte:03o}" for byte in os.fsencode(text))
    return f'"{"".join(plain)}"'


def _is_plain(byte: int) -> bool:
    return 0x20 <= byte < 0x7F and chr(byte) not in '"\\?'  # ? could begin a trigraph


class _Argument:
    """One argument of an operation, as C has it."""

    def __init__(self, operation: Operation, name: str):
        self._name = name
        self._value = getattr(operation, name)

    def __format__(self, flags: str) -> str:
        if not flags:
            return self._word()
        if isinstance(self._value, Handle):
            return f"handle({self._word()})"
        return f"opened({self._word()}, {flags})"

    def _word(self) -> str:
        value = self._value
        if isinstance(value, str):
            return literal(f"user.{value}" if self._name == "name" else value)
        if isinstance(value, Handle):
            return str(value.number)
        if isinstance(value, enum.Flag):
            return " | ".join(f"{_PREFIXES[type(value)]}{one.name}" for one in value) or "0"
        if isinstance(value, enum.Enum):
            return _WORDS.get(value) or f"{_PREFIXES[type(value)]}{value.name}"
        return f"0{value:o}" if self._name == "mode" else str(value)
