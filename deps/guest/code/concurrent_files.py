"""Runs in the guest: several processes append, write, map and read one file."""

import functools
import mmap
import os

from checking import check, pattern, read_file, shown, write_file
from concurrent_access import ROUNDS, WRITERS, each_writer, together

BLOCK = 4096
RECORD = 1000  # bytes; no divisor of a block, so that records of two writers share blocks
LINE = 64  # bytes that one append adds
RANGES = 3 * WRITERS  # of one file: 48 KiB, for some filesystems have no larger files
VERSIONS = 8  # times that a range is written


@check
def appends_are_not_lost(case):
    """write(2) with O_APPEND: no other write comes between the end's look-up and the write."""
    path = case.path("log")
    write_file(path, b"")
    if together(case, "append", *each_writer(_append, path)) is None:
        return
    data = read_file(path)
    case.equal("size of the file", expected=WRITERS * ROUNDS * LINE, actual=len(data))
    lines = [data[start : start + LINE] for start in range(0, len(data), LINE)]
    for writer in range(WRITERS):
        expected = [_line(writer, number) for number in range(ROUNDS)]
        actual = [line for line in lines if line.startswith(expected[0][:8])]
        case.true(
            "each writer's records are there, whole and in order",
            expected == actual,
            f"writer {writer}: {len(set(expected) & set(actual))} of {ROUNDS} whole records, "
            f"{len(actual)} that begin as one",
        )


def _line(writer, number):
    return f"writer {writer} record {number} ".encode().ljust(LINE, b".")


def _append(writer, path):
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    for number in range(ROUNDS):
        os.write(descriptor, _line(writer, number))
    os.close(descriptor)


@check
def writers_of_different_ranges_do_not_disturb(case):
    """pwrite(2): neighbours in one file, first block by block, then within blocks."""
    for name, size in (("blocks", BLOCK), ("records", RECORD)):
        path = case.path(name)
        write_file(path, b"")
        if together(case, f"write {name}", *each_writer(_write_every, path, size)) is not None:
            _compare_ranges(case, path, name, size)


def _write_every(writer, path, size):
    """Write each ``WRITERS``-th range, the last first, so that the file has holes meanwhile."""
    descriptor = os.open(path, os.O_WRONLY)
    for version in range(VERSIONS):
        for number in reversed(range(writer, RANGES, WRITERS)):
            os.pwrite(descriptor, _range_content(size, number, version), number * size)
    os.close(descriptor)


@check
def mapped_writers_do_not_disturb(case):
    """Shared mappings of one file, whose writers' ranges share pages."""
    for name, size in (("pages", mmap.PAGESIZE), ("records", RECORD)):
        path = case.path(name)
        write_file(path, bytes(RANGES * size))
        if together(case, f"write mapped {name}", *each_writer(_map_every, path, size)) is not None:
            _compare_ranges(case, path, f"mapped {name}", size)


def _map_every(writer, path, size):
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        for version in range(VERSIONS):
            for number in range(writer, RANGES, WRITERS):
                content = _range_content(size, number, version)
                memory[number * size : (number + 1) * size] = content
        memory.flush()


def _range_content(size, number, version):
    return bytes([version]) + pattern(size - 1, seed=number)


def _compare_ranges(case, path, name, size):
    data = read_file(path)
    if not case.equal(f"size of {name}", expected=RANGES * size, actual=len(data)):
        return
    last = VERSIONS - 1
    ranges = [data[number * size : (number + 1) * size] for number in range(RANGES)]
    wrong = [n for n, found in enumerate(ranges) if found != _range_content(size, n, last)]
    case.true(f"{name} hold their writers' last bytes", not wrong, f"wrong ranges: {shown(wrong)}")


@check
def readers_see_only_written_bytes(case):
    """While a block is overwritten, each byte is an old or a new one.

    That a reader sees one version alone is not promised: Linux locks a page for writers only.
    """
    path = case.path("block")
    letters = b"abcd"
    write_file(path, letters[:1] * BLOCK)
    writers = [functools.partial(_overwrite, path, letters)] * 2
    readers = [functools.partial(_letters_seen, path)] * 2
    answers = together(case, "overwrite and read", *writers, *readers)
    for seen in answers[2:] if answers else []:
        foreign = sorted(set(seen) - set(letters.decode()))
        case.true("only bytes that were written are read", not foreign, f"bytes: {foreign!r}")


def _overwrite(path, letters):
    descriptor = os.open(path, os.O_WRONLY)
    for number in range(4 * ROUNDS):
        os.pwrite(descriptor, letters[number % 4 : number % 4 + 1] * BLOCK, 0)
    os.close(descriptor)


def _letters_seen(path):
    descriptor = os.open(path, os.O_RDONLY)
    seen = set()
    for _ in range(4 * ROUNDS):
        data = os.pread(descriptor, BLOCK, 0)
        seen |= set(data.decode("latin-1")) if len(data) == BLOCK else {f"{len(data)} bytes only"}
    os.close(descriptor)
    return sorted(seen)
