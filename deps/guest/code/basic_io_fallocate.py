"""Runs in the guest: checks of the bytes that each mode of fallocate(2) leaves."""

import os

from basic_io_model import BLOCK, compare, put
from checking import check, pattern, write_file
from syscalls import (
    FALLOC_FL_COLLAPSE_RANGE,
    FALLOC_FL_INSERT_RANGE,
    FALLOC_FL_KEEP_SIZE,
    FALLOC_FL_PUNCH_HOLE,
    FALLOC_FL_ZERO_RANGE,
    fallocate,
)


@check
def preallocated_blocks_read_as_zeros(case):
    path, data = case.path("file"), pattern(5000)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    fallocate(descriptor, 0, 0, 20000)
    compare(case, "content after fallocate past the end", path, data + bytes(15000))
    fallocate(descriptor, 0, 0, 10000)
    compare(case, "content after fallocate within the file", path, data + bytes(15000))
    os.pwrite(descriptor, b"####", 12000)
    os.close(descriptor)
    model = bytearray(data + bytes(15000))
    put(model, 12000, b"####")
    compare(case, "content after a write to a preallocated block", path, bytes(model))


@check
def preallocation_can_keep_the_size(case):
    path, data = case.path("file"), pattern(5000)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, 30000)
    compare(case, "content after fallocate with KEEP_SIZE", path, data)
    os.ftruncate(descriptor, 30000)
    os.close(descriptor)
    what = "content after fallocate with KEEP_SIZE and truncate up"
    compare(case, what, path, data + bytes(25000))


@check
def punched_holes_read_as_zeros(case):
    def punch(model, offset, size):
        end = min(offset + size, len(model))
        put(model, offset, bytes(end - offset))

    ranges = ((100, 50), (BLOCK - 10, 2 * BLOCK), (4 * BLOCK, BLOCK), (9 * BLOCK + 5, 2 * BLOCK))
    change_ranges(case, "a hole", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, punch, ranges)


@check
def zeroed_ranges_read_as_zeros(case):
    def zero(model, offset, size):
        put(model, offset, bytes(size))

    ranges = ((100, 50), (BLOCK - 10, 2 * BLOCK), (4 * BLOCK, BLOCK), (9 * BLOCK + 5, 2 * BLOCK))
    change_ranges(case, "a zero range", FALLOC_FL_ZERO_RANGE, zero, ranges)


@check
def collapsed_ranges_close_up(case):
    def collapse(model, offset, size):
        del model[offset : offset + size]

    unit = os.statvfs(case.folder).f_bsize
    ranges = ((3 * unit, 2 * unit), (0, unit), (2 * unit, unit))
    change_ranges(case, "a collapsed range", FALLOC_FL_COLLAPSE_RANGE, collapse, ranges)


@check
def inserted_ranges_move_the_rest(case):
    def insert(model, offset, size):
        model[offset:offset] = bytes(size)

    unit = os.statvfs(case.folder).f_bsize
    ranges = ((3 * unit, 2 * unit), (0, unit), (2 * unit, unit))
    change_ranges(case, "an inserted range", FALLOC_FL_INSERT_RANGE, insert, ranges)


def change_ranges(case, what, mode, change, ranges):
    """Apply fallocate with ``mode`` to a file of ten blocks or more, ``change`` to its model."""
    path = case.path("file")
    model = bytearray(pattern(10 * max(BLOCK, os.statvfs(case.folder).f_bsize)))
    write_file(path, model)
    descriptor = os.open(path, os.O_RDWR)
    for offset, size in ranges:
        fallocate(descriptor, mode, offset, size)
        change(model, offset, size)
        compare(case, f"content after {what}", path, bytes(model))
    os.close(descriptor)
