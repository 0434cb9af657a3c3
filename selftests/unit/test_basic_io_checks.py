"""The guest's checks of file content on this host's filesystem: they pass, and see faults."""

import errno
import importlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios import basic_io, checks

Fault = Callable[..., Any]
REFUSED = tuple(f"unexpected {name} " for name in ("EOPNOTSUPP", "EINVAL", "ENODEV"))


def listed_checks() -> dict[str, checks.Check]:
    """The scenario's own list, by name."""
    with pytest.MonkeyPatch.context() as patch:
        taken: list[checks.Check] = []
        patch.setattr(basic_io, "run_checks", lambda bench, listed: taken.extend(listed))
        basic_io.run(Mock(device=""), seed=1)
    return {check.name: check for check in taken}


CHECKS = listed_checks()


@pytest.fixture(autouse=True)
def guest_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    throughput = importlib.import_module("basic_io_throughput")
    monkeypatch.setattr(throughput, "MEASURED_FILES", 2)  # enough to see that it measures


def run(name: str, folder: Path) -> dict[str, Any]:
    module = importlib.import_module(CHECKS[name].module)
    return getattr(module, name)(str(folder / name), **CHECKS[name].arguments)


def operations(name: str, folder: Path) -> list[str]:
    return [failure["operation"] for failure in run(name, folder)["failures"]]


@pytest.mark.parametrize("name", CHECKS)
def test_passes_here(name: str, tmp_path: Path) -> None:
    found = operations(name, tmp_path)
    if CHECKS[name].needs and found and all(text.startswith(REFUSED) for text in found):
        pytest.skip(f"this host's filesystem lacks {', '.join(CHECKS[name].needs)}")
    assert found == []


def test_throughput_reports_its_samples(tmp_path: Path) -> None:
    metric = run("throughput", tmp_path)["metrics"]["basic_io_throughput_mbps"]
    assert len(metric["samples"]) >= 5
    assert min(metric["samples"]) > 0


def lose_last_byte(real: Fault) -> Fault:
    def write(descriptor: int, data: bytes, *offset: int) -> int:
        return real(descriptor, bytes(data)[:-1] + b"!", *offset)

    return write


def report_one_less(real: Fault) -> Fault:
    return lambda *arguments: real(*arguments) - 1


def do_nothing(real: Fault) -> Fault:
    return lambda *arguments: None


def append_at_the_offset(real: Fault) -> Fault:
    def open_without_append(path: str, flags: int, *mode: int) -> int:
        return real(path, flags & ~os.O_APPEND, *mode)

    return open_without_append


def ignore_flag(flag: int) -> Callable[[Fault], Fault]:
    return lambda real: lambda path, flags, *mode: real(path, flags & ~flag, *mode)


def move_the_offset(real: Fault) -> Fault:
    def pread(descriptor: int, size: int, offset: int) -> bytes:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)

    return pread


def fill_buffers_backwards(real: Fault) -> Fault:
    return lambda descriptor, buffers: real(descriptor, buffers[::-1])


def read_zeros_past_the_end(real: Fault) -> Fault:
    return lambda descriptor, size, offset: real(descriptor, size, offset).ljust(size, b"\0")


def extend_by_nothing(real: Fault) -> Fault:
    def pwrite(descriptor: int, data: bytes, offset: int) -> int:
        os.ftruncate(descriptor, max(offset, os.fstat(descriptor).st_size))
        return real(descriptor, data, offset)

    return pwrite


def show_stale_bytes(real: Fault) -> Fault:
    """Growing brings back something instead of zeros."""

    def truncate(file: str | int, size: int) -> None:
        old = os.stat(file).st_size
        real(file, size)
        if size > old:
            descriptor = os.dup(file) if isinstance(file, int) else os.open(file, os.O_WRONLY)
            os.lseek(descriptor, old, os.SEEK_SET)
            os.write(descriptor, b"#")
            os.close(descriptor)

    return truncate


def open_instead_of_dup(real: Fault) -> Fault:
    return lambda descriptor: os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)


def seek_one_less(whence: int) -> Callable[[Fault], Fault]:
    def plant(real: Fault) -> Fault:
        def lseek(descriptor: int, offset: int, how: int) -> int:
            return real(descriptor, offset, how) - (1 if how == whence else 0)

        return lseek

    return plant


def fail_with_eio(real: Fault) -> Fault:
    return Mock(side_effect=OSError(errno.EIO, "planted"))


def copy_from_one_later(real: Fault) -> Fault:
    return lambda source, target, count, start, place: real(source, target, count, start + 1, place)


def take_but_lose_past(limit: int) -> Callable[[Fault], Fault]:
    """What is written past ``limit`` is acknowledged and gone."""

    def plant(real: Fault) -> Fault:
        def write(descriptor: int, data: bytes) -> int:
            start = os.lseek(descriptor, 0, os.SEEK_CUR)
            kept = max(0, min(len(data), limit - start))
            real(descriptor, data[:kept])
            os.lseek(descriptor, start + len(data), os.SEEK_SET)
            return len(data)

        return write

    return plant


def wrap_at_4_gib(real: Fault) -> Fault:
    return lambda descriptor, data, offset: real(descriptor, data, offset % (1 << 32))


class PrivateMapping(mmap.mmap):
    """A mapping whose writes do not get to the file, whatever was asked for."""

    def __new__(cls, descriptor: int, length: int, *how: int) -> "PrivateMapping":
        return super().__new__(cls, descriptor, length, access=mmap.ACCESS_COPY)


class LeakingMapping(mmap.mmap):
    """A mapping whose writes get to the file, whatever was asked for."""

    def __init__(self, descriptor: int, *how: int):
        self.path = os.readlink(f"/proc/self/fd/{descriptor}")

    def __setitem__(self, place: Any, data: Any) -> None:
        super().__setitem__(place, data)
        with open(self.path, "r+b") as file:
            file.seek(place.start)
            file.write(data)


# A check, the function of which module gets which fault, an operation that must be reported.
FAULTS = (
    ("sequential_writes_are_read_back", "os.write", lose_last_byte, "content read in small pieces"),
    ("sequential_writes_are_read_back", "os.write", report_one_less, "bytes a write takes"),
    ("random_writes_match_a_model", "os.pwrite", lose_last_byte, "a read among the writes"),
    ("random_writes_match_a_model", "os.ftruncate", do_nothing, "a read among the writes"),
    ("overwrite_changes_only_its_own_bytes", "os.pwrite", lose_last_byte,
     "content after overwriting parts"),
    ("append_adds_to_the_end", "os.open", append_at_the_offset, "file offset after an append"),
    ("positional_io_keeps_the_file_offset", "os.pread", move_the_offset,
     "file offset after pread and pwrite"),
    ("vectored_io_keeps_the_order", "os.readv", fill_buffers_backwards, "content by readv"),
    ("reads_end_at_the_end", "os.pread", read_zeros_past_the_end,
     "bytes pread gives: 100 at 4990 of 5000"),
    ("empty_writes_change_nothing", "os.pwrite", extend_by_nothing,
     "content after writes of no bytes"),
    ("truncated_bytes_do_not_come_back", "os.truncate", show_stale_bytes,
     "content after truncate down and up"),
    ("truncated_bytes_do_not_come_back", "os.pwrite", lose_last_byte,
     "content after truncate down and a write past the end"),
    ("holes_read_as_zeros", "os.ftruncate", show_stale_bytes,
     "content of a file with holes and a truncated up end"),
    ("descriptors_have_offsets_of_their_own", "os.dup", open_instead_of_dup,
     "offset of a descriptor after its duplicate moved"),
    ("open_flags_are_obeyed", "os.open", ignore_flag(os.O_EXCL),
     "O_CREAT | O_EXCL of a file that exists"),
    ("open_flags_are_obeyed", "os.open", ignore_flag(os.O_TRUNC), "content after O_TRUNC"),
    ("seeks_set_the_offset", "os.lseek", seek_one_less(os.SEEK_END), "lseek -1 with SEEK_END"),
    ("seeks_set_the_offset", "os.lseek", seek_one_less(os.SEEK_HOLE),
     "SEEK_HOLE in a file without holes"),
    ("seeks_find_holes", "os.pwrite", do_nothing, "SEEK_HOLE finds the hole before fsync"),
    ("sync_calls_succeed", "os.fdatasync", fail_with_eio, "unexpected EIO in the check"),
    ("copied_ranges_equal_their_source", "os.copy_file_range", copy_from_one_later,
     "content after copy_file_range"),
    ("sizes_around_block_borders", "os.write", take_but_lose_past(4096), "size of 4097 bytes"),
    ("sizes_around_indirect_blocks", "os.write", take_but_lose_past(1 << 20),
     "size of 1048577 bytes"),
    ("growth_past_direct_blocks_is_whole_or_refused", "os.write", take_but_lose_past(12 * 4096),
     "size: what the writes took"),
    ("far_offsets_hold_data", "os.pwrite", wrap_at_4_gib, "content around 4299210748"),
    ("direct_io_agrees_with_buffered_io", "os.preadv", do_nothing,
     "direct read by 4096 after a buffered write"),
    ("mapped_reads_agree_with_reads", "os.pwrite", do_nothing, "a write seen in a shared mapping"),
    ("last_mapped_page_ends_in_zeros", "os.ftruncate", do_nothing, "last page after a truncate"),
    ("private_mappings_keep_their_writes", "mmap.mmap", lambda real: LeakingMapping,
     "content after a write to a private mapping"),
    ("shared_mappings_write_to_the_file", "mmap.mmap", lambda real: PrivateMapping,
     "read before msync"),
    ("shared_mappings_fill_holes", "mmap.mmap", lambda real: PrivateMapping,
     "content of a hole written through a mapping"),
    ("preallocated_blocks_read_as_zeros", "basic_io_fallocate.fallocate", do_nothing,
     "content after fallocate past the end"),
    ("preallocation_can_keep_the_size", "basic_io_fallocate.fallocate",
     lambda real: lambda descriptor, mode, *rest: real(descriptor, 0, *rest),
     "content after fallocate with KEEP_SIZE"),
    ("punched_holes_read_as_zeros", "basic_io_fallocate.fallocate", do_nothing,
     "content after a hole"),
    ("zeroed_ranges_read_as_zeros", "basic_io_fallocate.fallocate", do_nothing,
     "content after a zero range"),
    ("collapsed_ranges_close_up", "basic_io_fallocate.fallocate", do_nothing,
     "content after a collapsed range"),
    ("inserted_ranges_move_the_rest", "basic_io_fallocate.fallocate", do_nothing,
     "content after an inserted range"),
    ("throughput", "basic_io_throughput.read_anew", lambda real: lambda path: b"",
     "content of a measured file"),
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]}-{fault[1]}")
def test_sees_a_planted_fault(
    fault: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, where, plant, operation = fault
    module, attribute = where.split(".")
    target = importlib.import_module(module)
    with monkeypatch.context() as patch:
        patch.setattr(target, attribute, plant(getattr(target, attribute)))
        found = operations(name, tmp_path)
    assert operation in found


def test_every_check_has_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} == set(CHECKS)
