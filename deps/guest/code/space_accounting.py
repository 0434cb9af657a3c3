"""Runs in the guest: checks that free counts and st_blocks follow what files take and give back.

What filesystems free later than at the call (orphans, logs, deferred inodes) is waited for, with
a sync at each look, so a count that never returns is told from one that returns late. A count that
has stood still for long is not waited for: it has settled where it is.
"""

import os
import time

from checking import check, pattern, write_file
from syscalls import FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, fallocate, syncfs

KIB = 1024
MIB = 1024 * KIB
SIZE = 8 * MIB
SLACK = 1 * MIB  # what metadata of a file, its directory and a log may take besides
PATIENCE_S = 20.0  # with a count that goes on moving
PAUSE_S = 0.05  # between two looks
STILL_LOOKS = 100  # alike, five seconds at least: more on a busy host, where all takes longer
SMALL_FILES = 64
SMALL_SIZE = 40 * KIB
SPARSE_SIZE = 256 * MIB


def free_bytes(folder):
    """Free bytes of the filesystem that ``folder`` is on, those kept for root among them."""
    counts = os.statvfs(folder)
    return counts.f_bfree * counts.f_frsize


def available_bytes(folder):
    """Free bytes for all users: less than is free where some is kept back, or mirrored."""
    counts = os.statvfs(folder)
    return counts.f_bavail * counts.f_frsize


def settled(folder, holds, count=None, still_looks=STILL_LOOKS):
    """A count of ``folder``'s filesystem, free bytes unless another is asked for.

    Once ``holds(count)``, once it has stood still for so many looks, or at the end of patience.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    end = time.monotonic() + PATIENCE_S
    last, alike = None, 0
    try:
        while True:
            syncfs(descriptor)
            now = (count or free_bytes)(folder)
            alike = alike + 1 if now == last else 1
            last = now
            if holds(now) or alike >= still_looks or time.monotonic() > end:
                return now
            time.sleep(PAUSE_S)
    finally:
        os.close(descriptor)


def require_free(case, operation, *, least=0, most=1 << 63):
    """The free bytes must come to lie from ``least`` to ``most``."""
    free = settled(case.folder, lambda free: least <= free <= most)
    where = f"{least} to {most} bytes" if most < 1 << 63 else f"at least {least} bytes"
    if not least <= free <= most:
        case.fail(operation, where, f"{free} bytes")


def _written(case):
    """The path of a file with ``SIZE`` bytes on the disk, closed.

    While it is open, a filesystem may hold as much again behind its end, for what may follow. Each
    MiB is synced by itself: some free an extent only as a whole, and one sync writes one extent.
    """
    descriptor = os.open(case.path("file"), os.O_WRONLY | os.O_CREAT, 0o644)
    piece = pattern(64 * KIB) * (MIB // (64 * KIB))
    try:
        for offset in range(0, SIZE, MIB):
            os.pwrite(descriptor, piece, offset)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return case.path("file")


def _taken(path):
    return os.lstat(path).st_blocks * 512


@check
def free_blocks_follow_files(case):
    """Writing takes about as much as is written; unlinking gives it back."""
    before = settled(case.folder, lambda _: True)
    path = _written(case)
    taken_least, taken_most = SIZE - 2 * SLACK, SIZE + 2 * SLACK
    bounds = {"least": before - taken_most, "most": before - taken_least}
    require_free(case, "free after writing a file", **bounds)
    taken = _taken(path)
    case.true("st_blocks has the data", taken >= SIZE, f"{taken} bytes")
    os.unlink(path)
    require_free(case, "free after unlinking it", least=before - SLACK)


@check
def small_files_give_their_blocks_back(case):
    """Many files of less than a dozen blocks, unlinked one by one."""
    before = settled(case.folder, lambda _: True)
    content = pattern(SMALL_SIZE)
    paths = [case.path(f"file{number}") for number in range(SMALL_FILES)]
    for path in paths:
        write_file(path, content)
    taken = SMALL_FILES * SMALL_SIZE
    require_free(case, "free after writing them", most=before - taken + SLACK)
    for path in paths:
        os.unlink(path)
    require_free(case, "free after unlinking them", least=before - SLACK)


@check
def unlinked_file_gives_its_blocks_back_when_closed(case):
    """While it is open its blocks stay taken; the last close frees them."""
    before = settled(case.folder, lambda _: True)
    descriptor = os.open(_written(case), os.O_RDONLY)
    try:
        os.unlink(case.path("file"))
        require_free(case, "free while it is open", most=before - SIZE + 2 * SLACK)
        content = os.pread(descriptor, 64 * KIB, SIZE - 64 * KIB)
        case.equal("its content meanwhile", expected=pattern(64 * KIB), actual=content)
    finally:
        os.close(descriptor)
    require_free(case, "free after the last close", least=before - SLACK)


@check
def truncate_frees_blocks(case):
    """Down to an eighth and to nothing, in st_blocks and in the free counts."""
    before = settled(case.folder, lambda _: True)
    path = _written(case)
    for left, kind in ((SIZE // 8, "an eighth"), (0, "nothing")):
        os.truncate(path, left)
        require_free(case, f"free after truncate to {kind}", least=before - left - SLACK)
        taken = _taken(path)
        case.true(f"st_blocks at {kind}", left <= taken <= left + SLACK, f"{taken} bytes")


@check
def punch_hole_frees_blocks(case):
    """Three quarters in the middle of a file, whose size stays."""
    before = settled(case.folder, lambda _: True)
    path = _written(case)
    descriptor = os.open(path, os.O_WRONLY)
    try:
        mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
        fallocate(descriptor, mode, SIZE // 8, SIZE * 3 // 4)
    finally:
        os.close(descriptor)
    require_free(case, "free after the hole", least=before - SIZE // 4 - SLACK)
    taken = _taken(path)
    case.true("st_blocks after the hole", taken <= SIZE // 4 + SLACK, f"{taken} bytes")
    case.equal("size after the hole", expected=SIZE, actual=os.lstat(path).st_size)


@check
def sparse_file_takes_no_blocks(case):
    """One byte at the start and one at the end of a large file."""
    before = settled(case.folder, lambda _: True)
    path = case.path("sparse")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(descriptor, b"a", 0)
        os.pwrite(descriptor, b"z", SPARSE_SIZE - 1)
    finally:
        os.close(descriptor)
    require_free(case, "free with it", least=before - SLACK)
    case.equal("its size", expected=SPARSE_SIZE, actual=os.lstat(path).st_size)
    taken = _taken(path)
    case.true("st_blocks has data only", taken <= SLACK, f"{taken} bytes")
