"""Runs in the guest: checks of how mounts spread between namespaces: shared, slave, private.

See Documentation/filesystems/sharedsubtree.rst of Linux. A second process with a namespace of its
own looks, and mounts, on the other side.
"""

import errno
import os

from mount_subject import mount_check, put
from mounting import (
    CLONE_NEWNS,
    MS_BIND,
    MS_PRIVATE,
    MS_SHARED,
    MS_SLAVE,
    MS_UNBINDABLE,
    mount,
    mounts_at,
    place_for,
    unmount,
    unshare,
)


@mount_check
def shared_mounts_spread_both_ways(case, place):
    """MS_SHARED: what one side mounts, and unmounts, the other does too."""
    here, there = _mounted_here_and_there(case, place, MS_SHARED)
    case.equal("a shared mount: seen from the other namespace", expected=True, actual=here)
    case.equal("a shared mount: seen from this namespace", expected=True, actual=there)
    left = mounts_at(f"{place}/top/there")
    case.equal("a shared mount: left when the other side unmounts", expected=[], actual=left)


@mount_check
def private_mounts_do_not_spread(case, place):
    """MS_PRIVATE: each side has its own."""
    here, there = _mounted_here_and_there(case, place, MS_PRIVATE)
    case.equal("a private mount: seen from the other namespace", expected=False, actual=here)
    case.equal("a private mount: seen from this namespace", expected=False, actual=there)


@mount_check
def slave_mounts_only_receive(case, place):
    """MS_SLAVE on the other side: it gets what is mounted here, and keeps its own."""
    here, there = _mounted_here_and_there(case, place, MS_SHARED, MS_SLAVE)
    case.equal("a slave mount: seen from the slave", expected=True, actual=here)
    case.equal("a slave mount: seen from its master", expected=False, actual=there)


@mount_check
def unbindable_mounts_cannot_be_bound(case, place):
    """MS_UNBINDABLE: a bind mount is refused, until it is private again."""
    top, view = _top(case, place, MS_UNBINDABLE), place_for(place, "view")
    case.raises("bind an unbindable mount", errno.EINVAL, mount, top, view, None, MS_BIND)
    mount(None, top, flags=MS_PRIVATE)
    mount(top, view, flags=MS_BIND)
    unmount(view)
    unmount(top)


def _top(case, place, flags):
    """The check's folder as a mount of this kind, with two folders in it."""
    for name in ("here", "there"):
        os.mkdir(case.path(name))
    top = place_for(place, "top")
    mount(case.folder, top, flags=MS_BIND)
    mount(None, top, flags=flags)
    return top


def _mounted_here_and_there(case, place, flags, flags_there=0):
    """Whether a mount made on this side shows on the other, and one of the other's on this side."""
    top = _top(case, place, flags)
    source = place_for(case.folder, "source")
    put(f"{source}/file")
    ours, theirs = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _other_side(top, source, flags_there, ours[0], theirs[1])
    try:
        os.read(theirs[0], 1)  # it has its namespace
        mount(source, f"{top}/here", flags=MS_BIND)
        os.write(ours[1], b"x")
        here = os.read(theirs[0], 1) == b"y"
        there = bool(mounts_at(f"{top}/there"))
        os.write(ours[1], b"x")  # it unmounts and ends
    finally:
        for end in (*ours, *theirs):
            os.close(end)
        _, status = os.waitpid(child, 0)
    case.equal("exit status of the process of the other side", expected=0, actual=status)
    unmount(f"{top}/here")
    return here, there


def _other_side(top, source, flags, go, tell):
    """The other process: looks for our mount, makes one of its own, unmounts it; never returns."""
    try:
        unshare(CLONE_NEWNS)
        if flags:
            mount(None, top, flags=flags)
        os.write(tell, b"x")
        os.read(go, 1)
        seen = os.path.exists(f"{top}/here/file")
        mount(source, f"{top}/there", flags=MS_BIND)
        os.write(tell, b"y" if seen else b"n")
        os.read(go, 1)
        unmount(f"{top}/there")
        os._exit(0)
    except BaseException:  # noqa: BLE001 - this process must end here, whatever it is
        os._exit(1)
