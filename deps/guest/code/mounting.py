"""Runs in the guest: mount(2) and its relatives, which Python's os module lacks.

All raise ``OSError`` with the errno. Numbers: linux/mount.h, linux/sched.h, asm/unistd.h.
"""

import contextlib
import ctypes
import os
import signal
import struct
import tempfile

from syscalls import LIBC

MS_RDONLY = 1
MS_REMOUNT = 32
MS_BIND = 4096
MS_MOVE = 8192
MS_REC = 16384
MS_UNBINDABLE = 1 << 17
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20
FLAGS = {
    "rw": 0,
    "ro": MS_RDONLY,
    "nosuid": 2,
    "nodev": 4,
    "noexec": 8,
    "sync": 16,
    "dirsync": 128,
    "noatime": 1024,
    "nodiratime": 2048,
    "relatime": 1 << 21,
    "strictatime": 1 << 24,
    "lazytime": 1 << 25,
}
"""The options that mount(2) takes as flags; all others are the filesystem's own."""

NOT_SHOWN = ("strictatime",)
"""Those that /proc/self/mounts does not name."""

MNT_DETACH = 2
CLONE_NEWNS = 0x20000
CLONE_NEWUSER = 0x10000000

AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
OPEN_TREE_CLONE = 1
MOVE_MOUNT_F_EMPTY_PATH = 4
MOUNT_ATTR_IDMAP = 0x00100000
MOUNT_ATTR = struct.Struct("=QQQQ")
# The same on all architectures, as of all system calls that Linux has got since 5.1.
NUMBERS = {"open_tree": 428, "move_mount": 429, "mount_setattr": 442}


def mount(source, target, kind=None, flags=0, data=""):
    """mount(2); ``data`` are the filesystem's own options, separated by commas."""
    words = (os.fsencode(word) if word else None for word in (source, target, kind))
    if LIBC.mount(*words, ctypes.c_ulong(flags), os.fsencode(data) or None) < 0:
        raise _last_error()


def unmount(target, flags=0):
    """umount2(2)."""
    if LIBC.umount2(os.fsencode(target), flags) < 0:
        raise _last_error()


def unshare(flags):
    """unshare(2)."""
    if LIBC.unshare(flags) < 0:
        raise _last_error()


def split_options(options):
    """Options as after ``mount -o``, as the flags and the text that mount(2) takes."""
    flags = 0
    for option in options:
        flags |= FLAGS.get(option, 0)
    return flags, ",".join(option for option in options if option not in FLAGS)


def mounts_at(place):
    """The lines of /proc/self/mounts for a mount point, each as its words."""
    with open("/proc/self/mounts") as file:
        lines = [line.split() for line in file]
    return [words for words in lines if words[1] == place]


@contextlib.contextmanager
def own_namespace():
    """A mount namespace of this process's own; yields a folder in it for mount points.

    What was mounted there, and the mounts it started with below /mnt, are detached at the end: the
    process may be seen to end before its namespace does.
    """
    unshare(CLONE_NEWNS)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    place = tempfile.mkdtemp(prefix="mounts", dir="/run")
    mount("none", place, "tmpfs")
    mount("none", place, flags=MS_PRIVATE)
    try:
        yield place
    finally:
        os.chdir("/")
        for point in reversed(_points_below(place, "/mnt")):
            with contextlib.suppress(OSError):
                unmount(point, MNT_DETACH)
        os.rmdir(place)


def _points_below(*tops):
    with open("/proc/self/mounts") as file:
        points = [line.split()[1] for line in file]
    return [point for point in points if any(f"{point}/".startswith(f"{top}/") for top in tops)]


def place_for(*parts):
    """A new folder as a mount point; its path."""
    path = os.path.join(*parts)
    os.makedirs(path)
    return path


def idmapped(source, target, shift):
    """Mount a folder a second time so that the ids 0 to 9999 appear there from ``shift`` on."""
    tree = _syscall("open_tree", AT_FDCWD, source, OPEN_TREE_CLONE)
    try:
        with _user_namespace(shift) as namespace:
            attributes = MOUNT_ATTR.pack(MOUNT_ATTR_IDMAP, 0, 0, namespace)
            _syscall("mount_setattr", tree, "", AT_EMPTY_PATH, attributes, MOUNT_ATTR.size)
        _syscall("move_mount", tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)
    finally:
        os.close(tree)


@contextlib.contextmanager
def _user_namespace(shift):
    """The descriptor of a user namespace that maps ids 0 to 9999 to those from ``shift`` on."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        unshare(CLONE_NEWUSER)
        os.write(ready[1], b"x")
        os.close(done[1])
        os.read(done[0], 1)
        os._exit(0)
    try:
        os.read(ready[0], 1)
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{child}/{name}", "w") as file:
                file.write(f"0 {shift} 10000")
        namespace = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
        try:
            yield namespace
        finally:
            os.close(namespace)
    finally:
        for end in (*ready, *done):
            os.close(end)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _syscall(name, *arguments):
    """A system call by number; texts and bytes are passed as pointers."""
    words = []
    for argument in arguments:
        if isinstance(argument, int):
            words.append(ctypes.c_long(argument))
        else:
            data = os.fsencode(argument) if isinstance(argument, str) else argument
            words.append(ctypes.c_char_p(data))
    result = LIBC.syscall(ctypes.c_long(NUMBERS[name]), *words)
    if result < 0:
        raise _last_error()
    return result


def _last_error():
    # Raised by the caller, so that the innermost function of a traceback is the call's own name.
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
