"""Runs in the guest: probes of what a filesystem can do with the content of files."""

import mmap
import os
import random
import select

import syscalls
from checking import pattern, write_file
from probing import BLOCK, allocated, forget_cached, opened, require

CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL
# Small enough for inodes without indirect blocks: those are a capability of their own.
FILE_BYTES = 6 * BLOCK
FAR = 10 * BLOCK
RANGE = (2 * BLOCK, 2 * BLOCK)  # offset and length of what the modes of fallocate act on
MIB = 1 << 20
GIB = 1 << 30
FROZEN_S = 0.2  # how long a write to a frozen filesystem is seen to wait


def mmap_write(folder):
    path = os.path.join(folder, "file")
    write_file(path, pattern(2 * BLOCK))
    with opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
        require(size == 2 * BLOCK, f"the size is {size} after writing {2 * BLOCK} bytes")
        with mmap.mmap(descriptor, 2 * BLOCK) as mapping:
            mapping[BLOCK + 10 : BLOCK + 16] = b"mapped"
            mapping.flush()
        forget_cached(descriptor)
        seen = os.pread(descriptor, 6, BLOCK + 10)
        require(seen == b"mapped", f"read gives {seen!r} where the mapping was written")


def o_direct(folder):
    path = os.path.join(folder, "file")
    data = pattern(2 * BLOCK)
    direct = opened(path, CREATE | os.O_DIRECT)
    with mmap.mmap(-1, 2 * BLOCK) as buffer, direct as descriptor:  # aligned to a page
        buffer[:] = data
        os.pwrite(descriptor, buffer, 0)
        buffer[:] = bytes(2 * BLOCK)
        count = os.preadv(descriptor, [buffer], 0)
        require(count == 2 * BLOCK, f"a direct read of {2 * BLOCK} bytes gives {count}")
        require(buffer[:] == data, "a direct read gives other bytes than a direct write wrote")
    with opened(path) as descriptor:
        seen = os.pread(descriptor, 2 * BLOCK, 0)
        require(seen == data, "a buffered read gives other bytes than a direct write wrote")


def fallocate(folder):
    with opened(os.path.join(folder, "file"), CREATE) as descriptor:
        syscalls.fallocate(descriptor, 0, 0, FILE_BYTES)
        size, taken = os.fstat(descriptor).st_size, allocated(descriptor)
        require(size == FILE_BYTES, f"the size is {size} after fallocate of {FILE_BYTES}")
        require(taken >= FILE_BYTES, f"{taken} bytes are reserved, asked for {FILE_BYTES}")
        require(os.pread(descriptor, FILE_BYTES, 0) == bytes(FILE_BYTES), "it does not read zeros")
        keep = syscalls.FALLOC_FL_KEEP_SIZE
        syscalls.fallocate(descriptor, keep, FILE_BYTES, FILE_BYTES)
        size, taken = os.fstat(descriptor).st_size, allocated(descriptor)
        require(size == FILE_BYTES, f"the size is {size} after FALLOC_FL_KEEP_SIZE")
        require(taken >= 2 * FILE_BYTES, f"{taken} bytes are reserved with FALLOC_FL_KEEP_SIZE")


def punch_hole(folder):
    mode = syscalls.FALLOC_FL_PUNCH_HOLE | syscalls.FALLOC_FL_KEEP_SIZE
    with full_file(folder) as descriptor:
        before = allocated(descriptor)
        syscalls.fallocate(descriptor, mode, *RANGE)
        require_content(descriptor, bytes(RANGE[1]))
        after = allocated(descriptor)
        require(after < before, f"the file takes {after} bytes, before the hole {before}")


def zero_range(folder):
    with full_file(folder) as descriptor:
        syscalls.fallocate(descriptor, syscalls.FALLOC_FL_ZERO_RANGE, *RANGE)
        require_content(descriptor, bytes(RANGE[1]))


def collapse_range(folder):
    with full_file(folder) as descriptor:
        syscalls.fallocate(descriptor, syscalls.FALLOC_FL_COLLAPSE_RANGE, *RANGE)
        require_content(descriptor, b"")


def insert_range(folder):
    start, length = RANGE
    with full_file(folder) as descriptor:
        syscalls.fallocate(descriptor, syscalls.FALLOC_FL_INSERT_RANGE, *RANGE)
        require_content(descriptor, bytes(length) + pattern(FILE_BYTES)[start : start + length])


def full_file(folder):
    """A new file of ``FILE_BYTES`` on the disk, opened: a context manager."""
    path = os.path.join(folder, "file")
    write_file(path, pattern(FILE_BYTES))
    return opened(path)


def require_content(descriptor, middle):
    """``middle`` must be in the place of ``RANGE``, in the cache's view and in the disk's."""
    start, length = RANGE
    data = pattern(FILE_BYTES)
    expected = data[:start] + middle + data[start + length :]
    for source in ("cache", "disk"):
        size = os.fstat(descriptor).st_size
        require(size == len(expected), f"the size is {size}, expected {len(expected)}")
        same = os.pread(descriptor, size, 0) == expected
        require(same, f"the content read from the {source} is not as it should be")
        forget_cached(descriptor)


def sparse(folder):
    with opened(os.path.join(folder, "file"), CREATE) as descriptor:
        os.pwrite(descriptor, b"end", FAR)
        taken = allocated(descriptor)
        require(taken <= FAR // 2, f"{taken} bytes are taken by a hole of {FAR} and 3 bytes")
        require(os.pread(descriptor, FAR, 0) == bytes(FAR), "the hole does not read zeros")
        require(os.pread(descriptor, 9, FAR) == b"end", "the bytes after the hole are wrong")


def seek_hole(folder):
    with opened(os.path.join(folder, "file"), CREATE) as descriptor:
        os.pwrite(descriptor, pattern(FILE_BYTES), 0)
        os.pwrite(descriptor, b"end", FAR)
        os.fsync(descriptor)
        hole = os.lseek(descriptor, 0, os.SEEK_HOLE)
        require(FILE_BYTES <= hole < FAR, f"SEEK_HOLE gives {hole} for one from {FILE_BYTES}")
        data = os.lseek(descriptor, hole, os.SEEK_DATA)
        require(hole < data <= FAR, f"SEEK_DATA gives {data} for data from {FAR}")


def large_files(folder):
    offset = 4 * GIB + BLOCK
    with opened(os.path.join(folder, "file"), CREATE) as descriptor:
        os.pwrite(descriptor, b"low", BLOCK)
        os.pwrite(descriptor, b"high", offset)
        forget_cached(descriptor)
        size = os.fstat(descriptor).st_size
        require(size == offset + 4, f"the size is {size} after a write at {offset}")
        low, high = os.pread(descriptor, 3, BLOCK), os.pread(descriptor, 9, offset)
        require((low, high) == (b"low", b"high"), f"{low!r} and {high!r} are read, 4 GiB apart")


def indirect_blocks(folder):
    data = random.Random(1).randbytes(MIB)  # much faster to make than a pattern
    path = os.path.join(folder, "file")
    write_file(path, data)
    with opened(path) as descriptor:
        forget_cached(descriptor)
        seen = os.pread(descriptor, 2 * MIB, 0)
        require(len(seen) == MIB, f"{len(seen)} bytes are read of {MIB}")
        require(seen == data, "other bytes are read than were written")


def reflink(folder):
    one, two = os.path.join(folder, "one"), os.path.join(folder, "two")
    data = pattern(FILE_BYTES)
    write_file(one, data)
    with opened(one) as source, opened(two, CREATE) as target:
        syscalls.clone(target, source)
        require(os.pread(target, FILE_BYTES, 0) == data, "the clone reads other bytes")
        os.pwrite(target, b"changed", 0)
        require(os.pread(source, 7, 0) == data[:7], "a write to the clone changes the source")
        syscalls.clone_range(target, 0, source, BLOCK, BLOCK)
        seen = os.pread(target, BLOCK, 0)
        require(seen == data[BLOCK : 2 * BLOCK], "a cloned range reads other bytes")


def freeze(folder):
    path = os.path.join(folder, "file")
    with opened(folder, os.O_RDONLY) as descriptor, opened(path, CREATE) as file:
        syscalls.freeze(descriptor)
        try:
            writer = os.fork()
            if writer == 0:
                try:
                    os.write(file, b"content")
                finally:
                    os._exit(0)
            waited = not ended(writer, FROZEN_S)
        finally:
            syscalls.thaw(descriptor)
        os.waitpid(writer, 0)
        require(waited, "a write ends while the filesystem is frozen")
        require(os.pread(file, 9, 0) == b"content", "the write is lost that waited for the thaw")


def ended(child, seconds):
    """Whether a child process ends within that time."""
    handle = os.pidfd_open(child)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


PROBES = (
    mmap_write,
    o_direct,
    fallocate,
    punch_hole,
    zero_range,
    collapse_range,
    insert_range,
    sparse,
    seek_hole,
    large_files,
    indirect_blocks,
    reflink,
    freeze,
)
