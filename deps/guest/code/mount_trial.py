"""Runs in the guest: one mount with options, the I/O on it, and what it leaves.

An answer is None if all was right, else ``{"operation", "expected", "actual"}``.
"""

import errno
import os

from checking import difference, pattern, read_file, write_file
from mount_subject import SIZE
from mounting import FLAGS, MNT_DETACH, NOT_SHOWN, mount, mounts_at, split_options, unmount


class Wrong(Exception):
    """What was wrong: the operation, what should have come of it and what did."""

    def __init__(self, operation, expected, actual):
        super().__init__(operation)
        self.answer = {"operation": operation, "expected": expected, "actual": actual}


def attempt(subject, place, options, number, earlier):
    """Mount with ``options``, write file ``number``, unmount, mount without them, read it.

    ``earlier`` are the numbers of files that must be there already.
    """
    os.makedirs(place, exist_ok=True)
    flags, data = split_options([*subject["options"], *options])
    source = subject["device"] or "none"
    try:
        _step("mount", mount, source, place, subject["kind"], flags, data)
        try:
            _shown(place, options)
            _use(place, options, number, earlier)
        finally:
            _step("unmount", unmount, place)
        if subject["device"]:
            _again(subject, place, options, number, earlier)
    except Wrong as wrong:
        while mounts_at(place):
            unmount(place, MNT_DETACH)
        return wrong.answer
    return None


def refused(subject, place, options):
    """A mount that must be refused with EINVAL, and leave nothing mounted."""
    os.makedirs(place, exist_ok=True)
    flags, data = split_options([*subject["options"], *options])
    try:
        mount(subject["device"] or "none", place, subject["kind"], flags, data)
        answer = "success"
        unmount(place)
    except OSError as error:
        answer = errno.errorcode.get(error.errno, str(error.errno))
    left = mounts_at(place)
    if answer == "EINVAL" and not left:
        return None
    operation = f"mount -o {','.join(options)}"
    return {"operation": operation, "expected": "EINVAL, nothing mounted", "actual": answer}


def _step(operation, action, *arguments):
    try:
        return action(*arguments)
    except OSError as error:
        name = errno.errorcode.get(error.errno, str(error.errno))
        raise Wrong(operation, "success", name) from error


def _shown(place, options):
    """The kernel must name the flags that were asked for."""
    found = mounts_at(place)
    if len(found) != 1:
        raise Wrong("look for it in /proc/self/mounts", "one entry", f"{len(found)} entries")
    shown = set(found[0][3].split(","))
    wanted = [one for one in options if one in FLAGS and one not in NOT_SHOWN]
    if missing := [one for one in wanted if one not in shown]:
        raise Wrong("options in /proc/self/mounts", ",".join(missing), found[0][3])


def _use(place, options, number, earlier):
    for each in earlier:
        _compare(place, each, "read an earlier file")
    if "ro" not in options:
        _step("write a file", _write, f"{place}/o{number}", pattern(SIZE, number))
        _compare(place, number, "read a file from the disk")
        return
    try:
        write_file(f"{place}/refused", b"")
    except OSError as error:
        if error.errno == errno.EROFS:
            return
        raise Wrong("create on a read-only mount", "EROFS", str(error)) from error
    raise Wrong("create on a read-only mount", "EROFS", "success")


def _write(path, data):
    write_file(path, data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _compare(place, number, operation):
    wanted = pattern(SIZE, number)
    actual = _step(operation, read_file, f"{place}/o{number}")
    if actual != wanted:
        raise Wrong(operation, *difference(wanted, actual))


def _again(subject, place, options, number, earlier):
    """Mounted without the options, all must be there."""
    flags, data = split_options(subject["options"])
    source = subject["device"]
    _step("mount again without the options", mount, source, place, subject["kind"], flags, data)
    try:
        written = [number] if "ro" not in options else []
        for each in [*earlier, *written]:
            _compare(place, each, "read a file, mounted again without the options")
    finally:
        _step("unmount again", unmount, place)
