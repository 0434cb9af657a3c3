"""Runs in the guest: what the probes of capabilities are written with."""

import contextlib
import os

BLOCK = 4096  # bytes; a multiple of every sector size, and the usual block of filesystems
UNPRIVILEGED = 65534  # a user and group without rights, whether or not the guest has its name


class Absent(Exception):
    """A capability is not there, although no call failed; says what was seen instead."""


def require(condition, seen):
    """Raise ``Absent`` unless ``condition`` holds; ``seen`` says what the filesystem did."""
    if not condition:
        raise Absent(seen)


def require_error(expected, seen, action, *arguments):
    """``action`` must fail with the errno ``expected``; ``seen`` describes its success."""
    try:
        action(*arguments)
    except OSError as error:
        if error.errno != expected:
            raise
    else:
        raise Absent(seen)


@contextlib.contextmanager
def opened(path, flags=os.O_RDWR, mode=0o644):
    """A descriptor of ``path`` that is closed at the end."""
    descriptor = os.open(path, flags, mode)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def unprivileged():
    """Within it, access is checked as for a user that owns nothing."""
    os.setegid(UNPRIVILEGED)
    os.seteuid(UNPRIVILEGED)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def forget_cached(descriptor):
    """Write a file back and drop its pages from the page cache: the next read asks the disk."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def allocated(descriptor):
    """The bytes that a file takes, once all of it has been written back."""
    os.fsync(descriptor)
    return os.fstat(descriptor).st_blocks * 512
