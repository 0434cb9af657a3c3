"""Runs in the guest: a check that remounts the filesystem read-only and back under writers."""

import errno
import mmap
import os
import struct
import time

from checking import check, pattern, read_file, write_file
from mounting import MS_RDONLY, MS_REMOUNT, mount, mounts_at

WRITERS = 3
ROUNDS = 3
SIZE = 700  # bytes of a file
PATIENCE_S = 20.0
PAUSE_S = 0.002
COUNTS = struct.Struct("=QQQ")  # files written, refusals with EROFS, the errno of another refusal
STOP = struct.Struct("=Q")


@check
def remounts_stop_and_free_writers(case, top, data):
    """EBUSY while a file is open for writing; then EROFS for all; after the way back they go on."""
    with open(case.path("open"), "wb"):
        case.raises("remount with a file open for writing", errno.EBUSY, _remount, top, True, data)
    write_file(case.path("read"), pattern(SIZE))
    shared = mmap.mmap(-1, COUNTS.size * WRITERS + STOP.size)
    children = [_start(case, number, shared) for number in range(WRITERS)]
    try:
        for _ in range(ROUNDS):
            if not _one_round(case, top, data, shared):
                break
    finally:
        STOP.pack_into(shared, COUNTS.size * WRITERS, 1)
        statuses = [os.waitpid(child, 0)[1] for child in children]
    case.equal("how the writers ended", expected=[0] * WRITERS, actual=statuses)
    odd = [os.strerror(number) for _, _, number in _counts(shared) if number]
    case.equal("other errors of the writers", expected=[], actual=odd)
    _compare_all(case, shared)


def _one_round(case, top, data, shared):
    """To read-only and back; whether all came as it must."""
    if not _grow(case, "writers get on", shared, 0) or not _stop_writers(case, top, data):
        return False
    try:
        shown = "ro" in mounts_at(top)[0][3].split(",")
        case.true("/proc/self/mounts says ro", shown)
        stopped = _grow(case, "writers get EROFS", shared, 1)
        before = [count[0] for count in _counts(shared)]
        content = read_file(case.path("read"))
        case.equal("a file read meanwhile", expected=pattern(SIZE), actual=content)
        after = [count[0] for count in _counts(shared)]
        case.equal("files written while it is read-only", expected=before, actual=after)
        operation = "create while it is read-only"
        case.raises(operation, errno.EROFS, write_file, case.path("refused"), b"")
    finally:
        _remount(top, False, data)
    return _grow(case, "writers go on afterwards", shared, 0) and stopped


def _remount(top, read_only, data):
    mount(None, top, None, MS_REMOUNT | (MS_RDONLY if read_only else 0), data)


def _stop_writers(case, top, data):
    """Remount it read-only, which is refused for as long as one of the writers has a file open."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            _remount(top, True, data)
            return True
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
        time.sleep(PAUSE_S / 4)
    case.fail("remount read-only between the writes", f"within {PATIENCE_S:g} s", "EBUSY for ever")
    return False


def _start(case, number, shared):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _write(case.folder, number, shared)
            status = 0
        finally:
            os._exit(status)
    return child


def _write(folder, number, shared):
    """One small file after another, opened only for its write, with pauses between."""
    written = refused = 0
    while not STOP.unpack_from(shared, COUNTS.size * WRITERS)[0]:
        other = 0
        try:
            write_file(f"{folder}/w{number}-{written}", pattern(SIZE, number))
            written += 1
        except OSError as error:
            refused += error.errno == errno.EROFS
            other = 0 if error.errno == errno.EROFS else error.errno
        COUNTS.pack_into(shared, COUNTS.size * number, written, refused, other)
        if other:
            return
        time.sleep(PAUSE_S)


def _counts(shared):
    return [COUNTS.unpack_from(shared, COUNTS.size * number) for number in range(WRITERS)]


def _grow(case, operation, shared, which):
    """One count of every writer must grow."""
    before, end = _counts(shared), time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        pairs = zip(before, _counts(shared), strict=True)
        if all(late[which] > early[which] for early, late in pairs):
            return True
        time.sleep(PAUSE_S)
    case.fail(operation, "each of them", f"{before}, then {_counts(shared)}")
    return False


def _compare_all(case, shared):
    """Every file that was written is there and right; none but those is."""
    wanted = {"open": b"", "read": pattern(SIZE)}
    for number, (written, _, _) in enumerate(_counts(shared)):
        wanted |= {f"w{number}-{turn}": pattern(SIZE, number) for turn in range(written)}
    found = set(os.listdir(case.folder))
    case.equal("names missing at the end", expected=[], actual=sorted(wanted.keys() - found))
    case.equal("names too many at the end", expected=[], actual=sorted(found - wanted.keys()))
    wrong = [name for name in wanted.keys() & found if read_file(case.path(name)) != wanted[name]]
    case.equal("files with other content", expected=[], actual=sorted(wrong))
