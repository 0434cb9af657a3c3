"""What operations on names and handles probably do to the model of a list's folder."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from vexfs_provider.ops.fields import OpenFlags, RenameFlags
from vexfs_provider.ops.namespace import Inode, Namespace, Opened, Place, Type
from vexfs_provider.ops.operations import (
    Close,
    Create,
    Link,
    LinkHandle,
    MakeFolder,
    MakeNode,
    OpenFile,
    OpenUnnamed,
    Operation,
    Remount,
    RemoveFolder,
    RenamePath,
    SwitchUser,
    Symlink,
    Unlink,
)

LONGEST_NAME = 255  # bytes
STICKY = 0o1000


def _make(path: str, inode: Inode, namespace: Namespace) -> bool:
    place = namespace.place(path)
    if place is None or place.inode is not None or not namespace.may(place.folder, 3):
        return False
    if len(os.fsencode(place.name)) > LONGEST_NAME:
        return False
    place.put(inode)
    return True


def _removable(path: str, namespace: Namespace) -> Place | None:
    """Where a path is, if the user may take it away."""
    place = namespace.place(path)
    if place is None or place.inode is None or not namespace.may(place.folder, 3):
        return None
    sticky = bool(place.folder.mode & STICKY)
    if sticky and not namespace.owns(place.folder) and not namespace.owns(place.inode):
        return None
    return place


def _create(operation: Create, namespace: Namespace) -> None:
    _make(operation.path, Inode(Type.FILE, operation.mode, namespace.user), namespace)


def _make_folder(operation: MakeFolder, namespace: Namespace) -> None:
    _make(operation.path, Inode(Type.FOLDER, operation.mode, namespace.user), namespace)


def _make_node(operation: MakeNode, namespace: Namespace) -> None:
    _make(operation.path, Inode(Type.SPECIAL, operation.mode, namespace.user), namespace)


def _symlink(operation: Symlink, namespace: Namespace) -> None:
    inode = Inode(Type.SYMLINK, 0o777, namespace.user, text=operation.text)
    _make(operation.path, inode, namespace)


def _link(operation: Link, namespace: Namespace) -> None:
    inode = namespace.find(operation.old, follow=False)
    if inode is not None and inode.type is not Type.FOLDER:
        inode.links += _make(operation.new, inode, namespace)


def _link_handle(operation: LinkHandle, namespace: Namespace) -> None:
    opened = namespace.handles.get(operation.handle.number)
    if opened is None or opened.inode.type is not Type.FILE:
        return
    inode = opened.inode
    if (inode.links or inode.unnamed) and _make(operation.path, inode, namespace):
        inode.links += 1
        inode.unnamed = False


def _unlink(operation: Unlink, namespace: Namespace) -> None:
    place = _removable(operation.path, namespace)
    if place is not None and place.inode is not None and place.inode.type is not Type.FOLDER:
        place.inode.links -= 1
        place.clear()


def _remove_folder(operation: RemoveFolder, namespace: Namespace) -> None:
    place = _removable(operation.path, namespace)
    inode = place.inode if place is not None else None
    if place is not None and inode is not None and inode.type is Type.FOLDER and not inode.children:
        place.clear()


def _rename(operation: RenamePath, namespace: Namespace) -> None:
    old, new = _removable(operation.old, namespace), namespace.place(operation.new)
    if old is None or old.inode is None or new is None or not namespace.may(new.folder, 3):
        return
    if old.inode is new.inode or old.inode.holds(new.folder):
        return
    if RenameFlags.EXCHANGE in operation.flags:
        _exchange(old, new)
    elif new.inode is None or _replaceable(old.inode, new.inode, operation.flags):
        if new.inode is not None:
            new.inode.links -= 1
        new.put(old.inode)
        old.clear()
        if RenameFlags.WHITEOUT in operation.flags:
            old.put(Inode(Type.SPECIAL, 0))


def _exchange(old: Place, new: Place) -> None:
    first, second = old.inode, new.inode
    if first is not None and second is not None and not second.holds(old.folder):
        old.put(second)
        new.put(first)


def _replaceable(moved: Inode, replaced: Inode, flags: RenameFlags) -> bool:
    alike = (moved.type is Type.FOLDER) == (replaced.type is Type.FOLDER)
    return alike and not replaced.children and RenameFlags.NOREPLACE not in flags


def _open(operation: OpenFile, namespace: Namespace) -> None:
    flags = operation.flags
    inode = namespace.find(operation.path, follow=OpenFlags.NOFOLLOW not in flags)
    if inode is None and OpenFlags.CREAT in flags:
        inode = Inode(Type.FILE, operation.mode, namespace.user)
        if not _make(operation.path, inode, namespace):
            return
    elif inode is None or not _openable(inode, flags, namespace):
        return
    opened = Opened(inode, flags)
    if OpenFlags.TRUNC in flags and opened.writable:
        inode.size = 0
    namespace.handles[operation.handle.number] = opened


def _openable(inode: Inode, flags: OpenFlags, namespace: Namespace) -> bool:
    if OpenFlags.CREAT in flags and OpenFlags.EXCL in flags:
        return False
    if inode.type is Type.FOLDER:
        return OpenFlags.RDONLY in flags and OpenFlags.CREAT not in flags
    wanted = 4 if OpenFlags.RDONLY in flags else 6
    regular = inode.type is Type.FILE and OpenFlags.DIRECTORY not in flags
    return regular and namespace.may(inode, wanted)


def _open_unnamed(operation: OpenUnnamed, namespace: Namespace) -> None:
    folder = namespace.find(operation.folder)
    if folder is not None and folder.type is Type.FOLDER and namespace.may(folder, 3):
        inode = Inode(Type.FILE, operation.mode, namespace.user, links=0, unnamed=True)
        namespace.handles[operation.handle.number] = Opened(inode, OpenFlags.RDWR)


def _close(operation: Close, namespace: Namespace) -> None:
    namespace.handles.pop(operation.handle.number, None)


def _remount(_: Remount, namespace: Namespace) -> None:
    namespace.handles.clear()


def _switch_user(operation: SwitchUser, namespace: Namespace) -> None:
    namespace.user = operation.user


EFFECTS_ON_NAMES: Mapping[type[Operation], Callable[[Any, Namespace], None]] = {
    Close: _close,
    Create: _create,
    Link: _link,
    LinkHandle: _link_handle,
    MakeFolder: _make_folder,
    MakeNode: _make_node,
    OpenFile: _open,
    OpenUnnamed: _open_unnamed,
    Remount: _remount,
    RemoveFolder: _remove_folder,
    RenamePath: _rename,
    SwitchUser: _switch_user,
    Symlink: _symlink,
    Unlink: _unlink,
}
"""What each changes; an operation that probably fails changes nothing."""
