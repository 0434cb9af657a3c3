"""System calls that Python's os module lacks; all raise ``OSError``."""

import ctypes
import os

MNT_DETACH = 2
RENAMEAT2 = {"x86_64": 316, "aarch64": 276}

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
LIBC.syscall.restype = ctypes.c_long


def mount(source, target, kind, options=""):
    """mount(2) without flags."""
    words = [os.fsencode(word) for word in (source, target, kind)]
    _check(LIBC.mount(*words, ctypes.c_ulong(0), os.fsencode(options) or None))


def detach(target):
    """umount2(2) with MNT_DETACH: gone from the tree now, unmounted with its last open file."""
    _check(LIBC.umount2(os.fsencode(target), MNT_DETACH))


def fallocate(descriptor, mode, offset, length):
    """fallocate(2)."""
    _check(LIBC.fallocate(descriptor, mode, offset, length))


def renameat2(old_folder, old, new_folder, new, flags):
    """renameat2(2) of names in two folders' descriptors."""
    number = ctypes.c_long(RENAMEAT2[os.uname().machine])
    names = ctypes.c_char_p(old), ctypes.c_long(new_folder), ctypes.c_char_p(new)
    _check(LIBC.syscall(number, ctypes.c_long(old_folder), *names, ctypes.c_long(flags)))


def _check(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
