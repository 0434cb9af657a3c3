"""Runs in the guest: checks of bind mounts, moved mounts and filesystems mounted in each other."""

import errno
import os

from mount_subject import holds, mount_check, names, put
from mounting import (
    MS_BIND,
    MS_MOVE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    mount,
    place_for,
    unmount,
)


@mount_check
def bind_mounts_show_the_same_files(case, place):
    """A folder, a file and a read-only view; what is done on one side shows on the other."""
    os.mkdir(case.path("folder"))
    put(case.path("folder", "file"), 1)
    view = place_for(place, "view")
    mount(case.path("folder"), view, flags=MS_BIND)
    holds(case, "a file through the bind mount", f"{view}/file", 1)
    same = os.path.samestat(os.stat(f"{view}/file"), os.stat(case.path("folder", "file")))
    case.true("device and inode are the same through the bind mount", same)
    put(f"{view}/new", 2)
    holds(case, "what was written through the bind mount", case.path("folder", "new"), 2)
    os.rename(f"{view}/new", f"{view}/renamed")
    found = names(case.path("folder"))
    case.equal("names after a rename through it", expected=["file", "renamed"], actual=found)
    case.raises(
        "rename between the two mounts", errno.EXDEV, os.rename, f"{view}/file", case.path("moved")
    )
    case.raises("link between the two", errno.EXDEV, os.link, f"{view}/file", case.path("linked"))
    mount(None, view, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)
    case.raises("create in a read-only bind mount", errno.EROFS, put, f"{view}/refused")
    put(case.path("folder", "beside"), 3)
    holds(case, "a file made beside the read-only view", f"{view}/beside", 3)
    unmount(view)
    case.equal("names at the place after the unmount", expected=[], actual=names(view))
    put(f"{place}/over", 4)
    mount(case.path("folder", "file"), f"{place}/over", flags=MS_BIND)
    holds(case, "a file mounted over another", f"{place}/over", 1)
    case.raises("unlink a mount point", errno.EBUSY, os.unlink, f"{place}/over")
    unmount(f"{place}/over")
    holds(case, "the file below it", f"{place}/over", 4)


@mount_check
def recursive_bind_takes_what_is_mounted_below(case, place):
    """MS_BIND leaves a mount within the folder out, MS_BIND with MS_REC takes it along."""
    inner = place_for(case.folder, "tree", "inner")
    put(case.path("tree", "inner", "hidden"), 1)
    mount("none", inner, "tmpfs")
    put(f"{inner}/seen", 2)
    plain, whole = place_for(place, "plain"), place_for(place, "whole")
    mount(case.path("tree"), plain, flags=MS_BIND)
    mount(case.path("tree"), whole, flags=MS_BIND | MS_REC)
    found = names(f"{plain}/inner")
    case.equal("names below a bind mount that is not recursive", expected=["hidden"], actual=found)
    holds(case, "the file that the inner mount hides", f"{plain}/inner/hidden", 1)
    found = names(f"{whole}/inner")
    case.equal("names below a recursive bind mount", expected=["seen"], actual=found)
    case.raises("unmount with a mount below it", errno.EBUSY, unmount, whole)
    unmount(f"{whole}/inner")
    unmount(whole)
    unmount(plain)
    holds(case, "the inner mount that was bound", f"{inner}/seen", 2)
    unmount(inner)
    holds(case, "what it had hidden", f"{inner}/hidden", 1)


@mount_check
def moved_mounts_keep_their_open_files(case, place):
    """MS_MOVE: a file that is open stays so, its place is the new one, the old one is empty."""
    old, new = place_for(place, "old"), place_for(place, "new")
    mount(case.folder, old, flags=MS_BIND)
    put(f"{old}/file", 1)
    descriptor = os.open(f"{old}/file", os.O_RDWR)
    try:
        mount(old, new, flags=MS_MOVE)
        os.pwrite(descriptor, b"after the move", 0)
        case.equal("names at the old place", expected=[], actual=names(old))
        with open(f"{new}/file", "rb") as file:
            start = file.read(14)
        case.equal("what was written after the move", expected=b"after the move", actual=start)
        shown = os.readlink(f"/proc/self/fd/{descriptor}")
        case.equal("the open file's path", expected=f"{new}/file", actual=shown)
    finally:
        os.close(descriptor)
    case.raises(
        "move a mount below itself", errno.ELOOP, mount, new, place_for(new, "below"), None, MS_MOVE
    )
    unmount(new)


@mount_check
def nested_filesystems_stay_apart(case, place, other):
    """Another filesystem mounted in a folder of this one, and this one in a folder of the other."""
    put(case.path("outside"), 1)
    inner = place_for(case.folder, "inner")
    other.mount(inner)
    _stay_apart(case, "the other filesystem in this one", case.folder, inner)
    unmount(inner)
    case.equal("names below the unmounted one", expected=[], actual=names(inner))
    outer = place_for(place, "outer")
    other.mount(outer)
    inner = place_for(outer, "inner")
    mount(case.folder, inner, flags=MS_BIND)
    _stay_apart(case, "this filesystem in the other", outer, inner)
    case.raises("unmount the outer one first", errno.EBUSY, unmount, outer)
    unmount(inner)
    unmount(outer)
    holds(case, "a file of this filesystem at the end", case.path("outside"), 1)


def _stay_apart(case, what, outer, inner):
    put(f"{inner}/in", 2)
    put(f"{outer}/out", 3)
    case.true(f"{what} has a device of its own", os.stat(inner).st_dev != os.stat(outer).st_dev)
    case.raises(f"{what}: rename", errno.EXDEV, os.rename, f"{inner}/in", f"{outer}/moved")
    case.raises(f"{what}: remove its mount point", errno.EBUSY, os.rmdir, inner)
    case.true(f"{what}: the outer one lacks the file", "in" not in os.listdir(outer))
    holds(case, f"{what}: the inner file", f"{inner}/in", 2)
    holds(case, f"{what}: the outer file", f"{outer}/out", 3)
    os.unlink(f"{inner}/in")
    os.unlink(f"{outer}/out")
