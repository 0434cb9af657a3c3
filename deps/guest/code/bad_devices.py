"""Runs in the guest: damage to a device, and what a mount of it gives."""

import errno
import fcntl
import os

from checking import read_file
from content import expected, first_difference
from mounting import MNT_DETACH, MS_RDONLY, mount, mounts_at, split_options, unmount

BLKFLSBUF = 0x1261  # linux/fs.h
DAMAGE = (errno.EIO, errno.EUCLEAN, errno.EBADMSG)
"""What a filesystem answers that has seen the damage."""


def look(subject, place, seeds, size, read_only=False):
    """Mount it, compare its files, unmount it.

    Returns the errno's name if it was refused (else ""), what is wrong with the files, the bytes
    that statfs(2) says it has, and the errno's name of creating a file.
    """
    os.makedirs(place, exist_ok=True)
    flags, data = split_options(subject["options"])
    flags |= MS_RDONLY if read_only else 0
    try:
        mount(subject["device"], place, subject["kind"], flags, data)
    except OSError as error:
        return {"refused": _name(error), "left": mounts_at(place)}
    try:
        counts = os.statvfs(place)
        return {
            "refused": "",
            "wrong": _wrong(place, seeds, size),
            "bytes": counts.f_blocks * counts.f_frsize,
            "create": _create(place),
        }
    finally:
        unmount(place, MNT_DETACH)


def _wrong(place, seeds, size):
    """What is wrong with the files that ``content`` wrote; that the damage was seen is not."""
    wrong = []
    for seed in seeds:
        try:
            difference = first_difference(expected(seed, size), read_file(f"{place}/f{seed}"))
        except OSError as error:
            difference = "" if error.errno in DAMAGE else error.strerror
        if difference:
            wrong.append(f"f{seed}: {difference}")
    return wrong


def _create(place):
    try:
        os.close(os.open(f"{place}/created", os.O_WRONLY | os.O_CREAT))
        return ""
    except OSError as error:
        return _name(error)


def _name(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def invert(device, places, size):
    """Invert all bits of so many bytes at each of the places."""
    for place in places:
        _change(device, place, bytes([0xFF]) * size)


def flip(device, place, bit):
    """Invert one bit of the byte at ``place``."""
    _change(device, place, bytes([1 << bit]))


def _change(device, place, mask):
    descriptor = os.open(device, os.O_RDWR)
    try:
        old = os.pread(descriptor, len(mask), place)
        new = bytes(one ^ other for one, other in zip(old, mask, strict=True))
        os.pwrite(descriptor, new, place)
        os.fsync(descriptor)
        fcntl.ioctl(descriptor, BLKFLSBUF, 0)
    finally:
        os.close(descriptor)
