"""How each operation of a random list is made, by its keyword."""

from collections.abc import Callable, Mapping

from vexfs_provider.ops.choices import TEXTS, Choices
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
)
from vexfs_provider.ops.mix import FALLOCATE_MODES, OPEN_FLAGS, RENAME_FLAGS, XATTR_FLAGS
from vexfs_provider.ops.namespace import Type
from vexfs_provider.ops.operations import (
    AllocateRange,
    Append,
    ChangeMode,
    ChangeOwner,
    ChangeTimes,
    Clone,
    Close,
    CopyRange,
    Create,
    DropCaches,
    Fdatasync,
    Freeze,
    Fsync,
    GetXattr,
    Link,
    LinkHandle,
    ListXattr,
    LockFile,
    MakeFolder,
    MakeNode,
    MapLoad,
    MapStore,
    OpenFile,
    OpenUnnamed,
    Operation,
    Read,
    ReadFolder,
    ReadLink,
    Remount,
    RemoveFolder,
    RemoveXattr,
    RenamePath,
    Seek,
    SetXattr,
    Stat,
    StatExtended,
    SwitchUser,
    Symlink,
    SyncAll,
    SyncFilesystem,
    Truncate,
    Unlink,
    Write,
    WriteVector,
)

FILE_MODES = (0o644, 0o644, 0o644, 0o600, 0o666, 0o755, 0o4755, 0o2755, 0o444, 0o000)
FOLDER_MODES = (0o755, 0o755, 0o755, 0o777, 0o1777, 0o2777, 0o700)
USERS = (0, 1000, 1001, 65534, 100_000)
TIMES = (0, 1, 1_000_000_000, (1 << 31) - 1)  # outside the clock that lists run by
XATTR_NAMES = ("one", "two", "x" * 30)
XATTR_LENGTHS = (0, 1, 20, 100, 200)  # all of a file's fit into a block of 1 KiB, ext4's limit

NOT_FOLDERS = (Type.FILE, Type.SYMLINK, Type.SPECIAL)
MOVES = FallocateMode.COLLAPSE_RANGE | FallocateMode.INSERT_RANGE


def _open(choices: Choices) -> Operation:
    flags = choices.dice.weighted(OPEN_FLAGS)
    if OpenFlags.DIRECTORY in flags:
        path = choices.existing(Type.FOLDER)
    elif OpenFlags.CREAT in flags and (OpenFlags.EXCL in flags or choices.dice.chance(50)):
        path = choices.absent()
    else:
        path = choices.existing(Type.FILE)
    return OpenFile(choices.new_handle(), path, flags, choices.dice.pick(FILE_MODES))


def _rename(choices: Choices) -> Operation:
    flags = choices.dice.weighted(RENAME_FLAGS)
    types = (Type.FOLDER,) if choices.dice.chance(25) else NOT_FOLDERS
    old = choices.existing(*types)
    if RenameFlags.EXCHANGE in flags:
        return RenamePath(old, choices.existing(), flags)
    if RenameFlags.NOREPLACE not in flags and choices.dice.chance(50):
        return RenamePath(old, choices.existing(*types), flags)
    return RenamePath(old, choices.absent(), flags)


def _allocate(choices: Choices) -> Operation:
    mode = choices.dice.weighted(FALLOCATE_MODES)
    target = choices.target(write=True)
    offset, length = choices.range(target)
    if mode & MOVES and choices.fits():
        size = choices.size_of(target)
        offset, length = choices.blocks(choices.dice.below(size + 1), min(length, 16384))
    return AllocateRange(target, mode, offset, length)


def _copy(choices: Choices) -> Operation:
    source, offset, length = choices.content(plain=True)
    target = choices.target(plain=True, write=True)
    start, _ = choices.range(target)
    return CopyRange(source, offset, target, min(start, choices.most_bytes - length), length)


def _seek(choices: Choices) -> Operation:
    target, offset, _ = choices.content(plain=True)
    return Seek(target, max(offset, 0), choices.dice.pick(tuple(Whence)))


def _truncate(choices: Choices) -> Operation:
    target = choices.target(write=True)
    return Truncate(target, choices.offset(target))


def _link_handle(choices: Choices) -> Operation:
    linkable = [number for number, one in choices.namespace.handles.items() if one.inode.unnamed]
    handle = Handle(choices.dice.pick(linkable)) if linkable else choices.handle()
    return LinkHandle(handle, choices.absent())


def _switch_user(choices: Choices) -> Operation:
    return SwitchUser(choices.dice.pick(USERS[1:]))


def _stat(choices: Choices) -> tuple[str, Links]:
    return choices.existing(), choices.dice.pick(tuple(Links))


def _set_xattr(choices: Choices) -> Operation:
    attribute = _attribute(choices)
    choices.attributes.append(attribute)
    length, flags = choices.dice.pick(XATTR_LENGTHS), choices.dice.weighted(XATTR_FLAGS)
    return SetXattr(*attribute, length, choices.seed(), flags)


def _attribute(choices: Choices) -> tuple[str, str]:
    return choices.existing(Type.FILE, Type.FOLDER), choices.dice.pick(XATTR_NAMES)


def _set_attribute(choices: Choices) -> tuple[str, str]:
    """One that was set not long ago."""
    known = choices.attributes
    return choices.dice.pick(known) if known and choices.fits() else _attribute(choices)


MAKERS: Mapping[str, Callable[[Choices], Operation]] = {
    "write": lambda c: Write(*c.area(), c.seed()),
    "writev": lambda c: WriteVector(*c.area(plain=True), c.seed(), 1 + c.dice.below(8)),
    "append": lambda c: Append(c.target(plain=True, write=True), c.length(), c.seed()),
    "read": lambda c: Read(*c.content()),
    "truncate": _truncate,
    "fallocate": _allocate,
    "mmap_store": lambda c: MapStore(*c.area(plain=True), c.seed(), c.dice.pick(tuple(Sync))),
    "mmap_load": lambda c: MapLoad(*c.content(plain=True)),
    "seek": _seek,
    "copy_range": _copy,
    "clone": lambda c: Clone(c.target(plain=True, filled=True), c.target(plain=True, write=True)),
    "create": lambda c: Create(c.absent(), c.dice.pick(FILE_MODES)),
    "open": _open,
    "close": lambda c: Close(c.handle()),
    "tmpfile": lambda c: OpenUnnamed(c.new_handle(), c.folder(), c.dice.pick(FILE_MODES)),
    "linkfd": _link_handle,
    "rename": _rename,
    "link": lambda c: Link(c.existing(*NOT_FOLDERS), c.absent()),
    "symlink": lambda c: Symlink(c.dice.pick(TEXTS), c.absent()),
    "readlink": lambda c: ReadLink(c.existing(Type.SYMLINK)),
    "mknod": lambda c: MakeNode(c.absent(), c.dice.pick(tuple(Node)), c.dice.pick(FILE_MODES)),
    "mkdir": lambda c: MakeFolder(c.absent(), c.dice.pick(FOLDER_MODES)),
    "rmdir": lambda c: RemoveFolder(c.existing(Type.FOLDER, where=lambda one: not one.children)),
    "unlink": lambda c: Unlink(c.existing(*NOT_FOLDERS)),
    "readdir": lambda c: ReadFolder(c.folder()),
    "stat": lambda c: Stat(*_stat(c)),
    "statx": lambda c: StatExtended(*_stat(c)),
    "chmod": lambda c: ChangeMode(c.existing(), c.dice.pick(FILE_MODES + FOLDER_MODES)),
    "chown": lambda c: ChangeOwner(c.existing(), c.dice.pick(USERS), c.dice.pick(USERS)),
    "utimens": lambda c: ChangeTimes(c.existing(), c.dice.pick(TIMES), c.dice.pick(TIMES)),
    "setxattr": _set_xattr,
    "getxattr": lambda c: GetXattr(*_set_attribute(c)),
    "removexattr": lambda c: RemoveXattr(*_set_attribute(c)),
    "listxattr": lambda c: ListXattr(c.existing(Type.FILE, Type.FOLDER)),
    "lock": lambda c: LockFile(c.handle(), c.dice.pick(tuple(Lock))),
    "user": _switch_user,
    "fsync": lambda c: Fsync(c.target()),
    "fdatasync": lambda c: Fdatasync(c.target()),
    "syncfs": lambda _: SyncFilesystem(),
    "sync": lambda _: SyncAll(),
    "drop_caches": lambda _: DropCaches(),
    "freeze": lambda _: Freeze(),
    "remount": lambda _: Remount(),
}
