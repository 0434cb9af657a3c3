"""Runs in the guest: a check of FIFREEZE and FITHAW under writers."""

import errno
import mmap
import os
import signal
import struct
import time

from checking import check, pattern, read_file, write_file
from syscalls import freeze, sync_filesystem, thaw

WRITERS = 3
ROUNDS = 3
RECORD = 512  # bytes
PATIENCE_S = 20.0
STILL_S = 0.3  # so long must no writer get on
PAUSE_S = 0.01
COUNT = struct.Struct("=Q")


@check
def frozen_filesystems_keep_writers_waiting(case):
    """Writers stop, readers do not; after the thaw they go on, and nothing is lost."""
    paths = [case.path(f"w{number}") for number in range(WRITERS)]
    write_file(case.path("read"), pattern(RECORD))
    shared = mmap.mmap(-1, COUNT.size * (WRITERS + 1))
    children = [_start(number, path, shared) for number, path in enumerate(paths)]
    top = os.open(case.folder, os.O_RDONLY)
    try:
        for _ in range(ROUNDS):
            if not _moving(case, "writers get on", shared):
                break
            _freeze_once(case, top, shared)
        _moving(case, "writers get on at the end", shared)
    finally:
        os.close(top)
        COUNT.pack_into(shared, COUNT.size * WRITERS, 1)
        statuses = _ends(children)
    case.equal("how the writers ended", expected=[0] * WRITERS, actual=statuses)
    sync_filesystem(case.folder)
    for number, path in enumerate(paths):
        wanted = b"".join(_record(number, turn) for turn in range(_counts(shared)[number]))
        case.equal("what a writer has written", expected=wanted, actual=read_file(path))


def _freeze_once(case, top, shared):
    freeze(top)
    try:
        time.sleep(STILL_S)  # those that were within a write end it
        before = _counts(shared)
        time.sleep(STILL_S)
        case.equal("records written while frozen", expected=before, actual=_counts(shared))
        content = read_file(case.path("read"))
        case.equal("a file read while frozen", expected=pattern(RECORD), actual=content)
        case.raises("freeze it again", errno.EBUSY, freeze, top)
    finally:
        thaw(top)
    case.raises("thaw what is not frozen", errno.EINVAL, thaw, top)


def _record(writer, turn):
    return pattern(RECORD, writer << 24 | turn & 0xFFFFFF)


def _start(number, path, shared):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _write(number, path, shared)
        finally:
            os._exit(status)
    return child


def _write(number, path, shared):
    """Append and sync records, counting them, until told to stop."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    turn = 0
    while not COUNT.unpack_from(shared, COUNT.size * WRITERS)[0]:
        os.pwrite(descriptor, _record(number, turn), turn * RECORD)
        os.fsync(descriptor)
        turn += 1
        COUNT.pack_into(shared, COUNT.size * number, turn)
    return 0


def _counts(shared):
    return [COUNT.unpack_from(shared, COUNT.size * number)[0] for number in range(WRITERS)]


def _moving(case, operation, shared):
    """Every writer must write at least one record more."""
    before, end = _counts(shared), time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        after = _counts(shared)
        if all(late > early for early, late in zip(before, after, strict=True)):
            return True
        time.sleep(PAUSE_S)
    case.fail(operation, "each", f"{before}, then {_counts(shared)} after {PATIENCE_S:g} s")
    return False


def _ends(children):
    """The statuses of the writers; one that does not end is killed."""
    end, statuses = time.monotonic() + PATIENCE_S, []
    for child in children:
        pid = 0
        while not pid and time.monotonic() < end:
            pid, status = os.waitpid(child, os.WNOHANG)
            time.sleep(PAUSE_S)
        if not pid:
            os.kill(child, signal.SIGKILL)
            status = "it did not end"
        statuses.append(status)
    return statuses
