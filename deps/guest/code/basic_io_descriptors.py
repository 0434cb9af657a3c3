"""Runs in the guest: checks of open files: their flags, their offsets, their ends, their syncs."""

import errno
import os

from basic_io_model import BLOCK, MOST_BYTES, close_all, compare
from checking import check, pattern, write_file
from syscalls import sync_file_range


@check
def reads_end_at_the_end(case):
    path = case.path("file")
    write_file(path, pattern(5000))
    descriptor = os.open(path, os.O_RDONLY)
    for offset, size, count in (
        (4990, 100, 10),
        (4999, 1, 1),
        (5000, 1, 0),
        (5001, 100, 0),
        (2 * BLOCK, BLOCK, 0),
        (1 << 40, BLOCK, 0),
        (0, 0, 0),
    ):
        what = f"bytes pread gives: {size} at {offset} of 5000"
        case.equal(what, expected=count, actual=len(os.pread(descriptor, size, offset)))
    os.close(descriptor)


@check
def descriptors_have_offsets_of_their_own(case):
    path, data = case.path("file"), pattern(MOST_BYTES)
    write_file(path, data)
    readers = [os.open(path, os.O_RDONLY) for _ in range(100)]
    for number, reader in enumerate(readers):
        os.lseek(reader, number * 50, os.SEEK_SET)
    wrong = sum(
        os.read(reader, 50) != data[number * 50 :][:50] for number, reader in enumerate(readers)
    )
    case.equal("descriptors of 100 that read elsewhere", expected=0, actual=wrong)
    twin = os.dup(readers[0])
    os.lseek(twin, 1234, os.SEEK_SET)
    shared = os.lseek(readers[0], 0, os.SEEK_CUR)
    case.equal("offset of a descriptor after its duplicate moved", expected=1234, actual=shared)
    close_all([*readers, twin])
    one, other = os.open(path, os.O_RDWR), os.open(path, os.O_RDONLY)
    os.pwrite(one, b"seen", BLOCK)
    case.equal("a write as another sees it", expected=b"seen", actual=os.pread(other, 4, BLOCK))
    close_all([one, other])


@check
def open_flags_are_obeyed(case):
    path = case.path("file")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    write_file(path, pattern(9000))
    exclusive = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    case.raises("O_CREAT | O_EXCL of a file that exists", errno.EEXIST, os.open, path, exclusive)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
    compare(case, "content after O_CREAT of a file that exists", path, pattern(9000))
    os.close(os.open(path, os.O_WRONLY | os.O_TRUNC))
    compare(case, "content after O_TRUNC", path, b"")
    descriptor = os.open(path, os.O_RDWR)
    os.pwrite(descriptor, b"end", 6000)
    os.close(descriptor)
    compare(case, "content written past the end after O_TRUNC", path, bytes(6000) + b"end")


@check
def seeks_set_the_offset(case):
    path = case.path("file")
    write_file(path, pattern(5000))
    descriptor = os.open(path, os.O_RDONLY)
    for whence, offset, result in (
        ("SEEK_SET", 100, 100),
        ("SEEK_CUR", 50, 150),
        ("SEEK_CUR", -150, 0),
        ("SEEK_END", -1, 4999),
        ("SEEK_END", 1000, 6000),
    ):
        position = os.lseek(descriptor, offset, getattr(os, whence))
        case.equal(f"lseek {offset} with {whence}", expected=result, actual=position)
    case.equal("read after a seek past the end", expected=b"", actual=os.read(descriptor, 10))
    # Even a filesystem without holes has one at the end of the file: lseek(2), SEEK_HOLE.
    hole, data = (os.lseek(descriptor, 10, how) for how in (os.SEEK_HOLE, os.SEEK_DATA))
    case.equal("SEEK_HOLE in a file without holes", expected=5000, actual=hole)
    case.equal("SEEK_DATA in a file without holes", expected=10, actual=data)
    for name, how in (("SEEK_HOLE", os.SEEK_HOLE), ("SEEK_DATA", os.SEEK_DATA)):
        case.raises(f"{name} past the end", errno.ENXIO, os.lseek, descriptor, 5001, how)
    os.close(descriptor)


@check
def sync_calls_succeed(case):
    path = case.path("file")
    for name, sync in (
        ("fsync", os.fsync),
        ("fdatasync", os.fdatasync),
        ("sync_file_range", lambda descriptor: sync_file_range(descriptor, 0, 0)),
    ):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.write(descriptor, pattern(9000, len(name)))
        sync(descriptor)
        os.close(descriptor)
        compare(case, f"content after {name}", path, pattern(9000, len(name)))
    write_file(path, pattern(9000), os.O_DSYNC)
    write_file(case.path("synchronous"), pattern(9000), os.O_SYNC)
    compare(case, "content written with O_DSYNC", path, pattern(9000))
    compare(case, "content written with O_SYNC", case.path("synchronous"), pattern(9000))
    folder = os.open(case.folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)
