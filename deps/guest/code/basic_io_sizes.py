"""Runs in the guest: checks of files that are cut, have holes, or grow over a border."""

import errno
import os
import random

from basic_io_model import (
    BLOCK,
    DIRECT_BLOCKS,
    MOST_BYTES,
    compare,
    drop_cache,
    put,
    resize,
)
from checking import check, pattern, write_file

INDIRECT_BLOCKS = 1024  # that one more block of 32-bit numbers can name
SMALL_SIZES = (0, 1, 511, 512, 513, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, MOST_BYTES - 1)
LARGE_SIZES = tuple(
    size + around
    for size in (MOST_BYTES, 1 << 20, (DIRECT_BLOCKS + INDIRECT_BLOCKS) * BLOCK)
    for around in (-1, 0, 1)
)
FAR_OFFSETS = (
    (1 << 31) - 4,  # straddles the largest signed 32-bit number
    (1 << 32) - 4,
    (DIRECT_BLOCKS + INDIRECT_BLOCKS + INDIRECT_BLOCKS**2) * BLOCK - 4,  # into triple indirection
)


@check
def truncated_bytes_do_not_come_back(case):
    """After a truncate down, whatever makes the file longer again shows zeros in between."""
    data = pattern(5 * BLOCK)
    for kept in (0, 100, BLOCK - 1, BLOCK, BLOCK + 1, 4 * BLOCK + 100):
        for settled in (False, True):
            path = case.path("file")
            write_file(path, data)
            if settled:
                drop_cache(path)
            os.truncate(path, kept)
            model = data[:kept]
            case.equal("size after truncate down", expected=kept, actual=os.stat(path).st_size)
            os.truncate(path, kept + 1000)
            compare(case, "content after truncate down and up", path, model + bytes(1000))
            os.truncate(path, kept)
            descriptor = os.open(path, os.O_WRONLY)
            os.pwrite(descriptor, b"end", kept + 1500)
            os.close(descriptor)
            whole = model + bytes(1500) + b"end"
            compare(case, "content after truncate down and a write past the end", path, whole)
            if case.failures:
                return


@check
def holes_read_as_zeros(case):
    path, model = case.path("file"), bytearray()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    # Past the end, further past it, into the hole before, over the border of hole and data.
    for offset, size in ((20000, 100), (10 * BLOCK, BLOCK), (2 * BLOCK + 5, 50), (19990, 20)):
        data = pattern(size, offset)
        case.equal("bytes a write takes", expected=size, actual=os.pwrite(descriptor, data, offset))
        put(model, offset, data)
        content = os.pread(descriptor, MOST_BYTES, 0)
        case.equal("content of a file with holes", expected=bytes(model), actual=content)
    os.ftruncate(descriptor, MOST_BYTES)
    os.close(descriptor)
    resize(model, MOST_BYTES)
    compare(case, "content of a file with holes and a truncated up end", path, bytes(model))


@check
def seeks_find_holes(case):
    path, second = case.path("file"), 64 * BLOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    os.pwrite(descriptor, pattern(BLOCK), 0)
    os.pwrite(descriptor, pattern(BLOCK), second)
    os.ftruncate(descriptor, 2 * second)
    for when in ("before fsync", "after fsync"):
        hole = os.lseek(descriptor, 0, os.SEEK_HOLE)
        case.true(f"SEEK_HOLE finds the hole {when}", BLOCK <= hole < second, hole)
        data = os.lseek(descriptor, hole, os.SEEK_DATA)
        case.true(f"SEEK_DATA skips no data {when}", hole < data <= second, data)
        last = os.lseek(descriptor, second, os.SEEK_HOLE)
        case.true(f"SEEK_HOLE finds the last hole {when}", second < last < 2 * second, last)
        os.fsync(descriptor)
    os.close(descriptor)


@check
def sizes_around_block_borders(case):
    for size in SMALL_SIZES:
        path, data = case.path("file"), random.Random(size).randbytes(size)
        write_file(path, data)
        compare_size(case, size, path)
        compare(case, f"content of {size} bytes", path, data)


@check
def sizes_around_indirect_blocks(case):
    """One file that grows, since it takes long to write a large one for each size."""
    path, data = case.path("file"), random.Random(1).randbytes(LARGE_SIZES[-1])
    descriptor, before = os.open(path, os.O_WRONLY | os.O_CREAT), 0
    for size in LARGE_SIZES:
        taken = os.write(descriptor, data[before:size])
        case.equal(f"bytes a write up to {size} takes", expected=size - before, actual=taken)
        compare_size(case, size, path)
        if not compare(case, f"content of {size} bytes", path, data[:size]):
            break
        before = size
    os.close(descriptor)


def compare_size(case, size, path):
    case.equal(f"size of {size} bytes", expected=size, actual=os.stat(path).st_size)


@check
def growth_past_direct_blocks_is_whole_or_refused(case):
    """A filesystem may have a largest file; reaching it must not hurt what is there."""
    path, data = case.path("file"), pattern(MOST_BYTES + 5 * BLOCK)
    descriptor, size = os.open(path, os.O_RDWR | os.O_CREAT), 0
    try:
        while size < len(data):
            size += os.write(descriptor, data[size : size + 3 * BLOCK])
    except OSError as error:
        if error.errno not in (errno.EFBIG, errno.ENOSPC):
            raise
    finally:
        os.close(descriptor)
    case.true("twelve blocks of 4096 bytes fit into a file", size >= MOST_BYTES, size)
    case.equal("size: what the writes took", expected=size, actual=os.stat(path).st_size)
    compare(case, "content: what the writes took", path, data[:size])


@check
def far_offsets_hold_data(case):
    path = case.path("file")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    for number, offset in enumerate(FAR_OFFSETS):
        os.pwrite(descriptor, pattern(16, number), offset)
        end = os.lseek(descriptor, 0, os.SEEK_END)
        case.equal(f"end of a file written at {offset}", expected=offset + 16, actual=end)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    for number, offset in enumerate(FAR_OFFSETS):
        around = bytes(16) + pattern(16, number)
        actual = os.pread(descriptor, 32, offset - 16)
        case.equal(f"content around {offset}", expected=around, actual=actual)
    os.close(descriptor)
