"""The guest's checks of space: they pass on a disk without faults, and see planted ones.

A model of a small disk stands for the real one: its free counts are exact and it is full soon.
"""

import errno
import importlib
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios.space import CHECKS

CAPACITY = 24 << 20
BLOCK = 4096
INODES = 400
MODULES = {check.name: check.module for check in CHECKS}
PWRITE, STATVFS = os.pwrite, os.statvfs


class SmallDisk:
    """Free counts and ENOSPC of a disk of ``CAPACITY`` bytes below ``folder``."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.leaked = 0  # bytes that are never given back

    def used(self) -> int:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return sum(path.stat().st_blocks * 512 for path in files) + self.leaked

    def free(self) -> int:
        return max(0, CAPACITY - self.used())

    def statvfs(self, path: Any) -> SimpleNamespace:
        real = STATVFS(path)
        count = sum(1 for _ in self.folder.rglob("*"))
        return SimpleNamespace(
            f_bfree=self.free() // BLOCK,
            f_bavail=self.free() // BLOCK,
            f_frsize=BLOCK,
            f_files=INODES,
            f_ffree=INODES - count,
            f_namemax=real.f_namemax,
        )

    def pwrite(self, descriptor: int, data: Any, offset: int) -> int:
        status = os.fstat(descriptor)
        grows = min(len(data), offset + len(data) - status.st_size)
        if grows > self.free():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = PWRITE(descriptor, data, offset)
        os.fsync(descriptor)  # so that st_blocks has it
        return done

    def fallocate(self, descriptor: int, mode: int, offset: int, length: int) -> None:
        if mode == 0 and length > self.free():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        importlib.import_module("syscalls").fallocate(descriptor, mode, offset, length)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallDisk:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    made = SmallDisk(tmp_path)
    for module in ("space_accounting", "space_fill"):
        monkeypatch.setattr(importlib.import_module(module), "fallocate", made.fallocate)
    accounting = importlib.import_module("space_accounting")
    monkeypatch.setattr(accounting, "PATIENCE_S", 0.0)
    monkeypatch.setattr(accounting, "syncfs", lambda descriptor: None)
    monkeypatch.setattr(importlib.import_module("space_names"), "NAMES_PER_DIRECTORY", 200)
    monkeypatch.setattr(os, "statvfs", made.statvfs)
    monkeypatch.setattr(os, "pwrite", made.pwrite)
    return made


def run(name: str, folder: Path) -> list[str]:
    """The operations that a check reports as failed."""
    module = importlib.import_module(MODULES[name])
    result = getattr(module, name)(str(folder / name))
    return [failure["operation"] for failure in result["failures"]]


# The model counts files that have a name, so an unlinked open one is left to real filesystems.
MODELLED = sorted(set(MODULES) - {"unlinked_file_gives_its_blocks_back_when_closed"})


@pytest.mark.parametrize("name", MODELLED)
def test_passes_on_a_disk_without_faults(name: str, disk: SmallDisk) -> None:
    assert run(name, disk.folder) == []


def test_blocks_given_back_too_early_are_seen(disk: SmallDisk) -> None:
    seen = run("unlinked_file_gives_its_blocks_back_when_closed", disk.folder)
    assert seen == ["free while it is open"]


def leak_on(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Make a call leak the blocks that it should free."""
    real = getattr(os, call)

    def act(target: str, *arguments: Any) -> None:
        disk.leaked += os.stat(target).st_blocks * 512
        real(target, *arguments)

    monkeypatch.setattr(os, call, act)


@pytest.mark.parametrize(
    ("name", "call", "operation"),
    [
        ("free_blocks_follow_files", "unlink", "free after unlinking it"),
        ("small_files_give_their_blocks_back", "unlink", "free after unlinking them"),
        ("truncate_frees_blocks", "truncate", "free after truncate to an eighth"),
        ("full_filesystem_keeps_what_it_took", "unlink", "free after deleting all"),
    ],
)
def test_leaked_blocks_are_seen(
    name: str, call: str, operation: str, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak_on(disk, monkeypatch, call)
    assert operation in run(name, disk.folder)


def test_a_hole_that_frees_nothing_is_seen(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("space_accounting")
    monkeypatch.setattr(module, "fallocate", lambda *arguments: None)
    seen = run("punch_hole_frees_blocks", disk.folder)
    assert seen == ["free after the hole", "st_blocks after the hole"]


def test_a_sparse_file_with_blocks_is_seen(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("space_accounting"), "SPARSE_SIZE", 8 << 20)

    def fill_hole(descriptor: int, data: bytes, offset: int) -> int:
        PWRITE(descriptor, b"x" * offset, 0)
        return PWRITE(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", fill_hole)
    assert "st_blocks has data only" in run("sparse_file_takes_no_blocks", disk.folder)


def test_lost_writes_of_a_full_disk_are_seen(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_one(descriptor: int, data: Any, offset: int) -> int:
        lost = 3 << 20
        return disk.pwrite(descriptor, bytes(len(data)) if offset == lost else data, offset)

    monkeypatch.setattr(os, "pwrite", lose_one)
    seen = run("full_filesystem_keeps_what_it_took", disk.folder)
    assert "content of the file that filled it" in seen


def test_enospc_long_before_the_end_is_seen(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, data: Any, offset: int) -> int:
        if offset > CAPACITY // 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return disk.pwrite(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", refuse)
    seen = run("full_filesystem_keeps_what_it_took", disk.folder)
    assert "ENOSPC comes when it is full" in seen


def test_a_disk_that_never_fills_is_seen(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pwrite", PWRITE)
    seen = run("full_filesystem_keeps_what_it_took", disk.folder)
    assert "writing ends with ENOSPC" in seen


def test_a_reservation_of_more_than_there_is_is_seen(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("space_fill"), "fallocate", lambda *arguments: None)
    seen = run("fallocate_beyond_the_free_space_is_refused", disk.folder)
    assert seen == ["reserve more than is free"]


def test_inodes_that_stay_in_use_are_seen(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter(range(INODES, 0, -7))

    def fewer(path: Any) -> SimpleNamespace:
        return SimpleNamespace(**{**vars(disk.statvfs(path)), "f_ffree": next(counts)})

    monkeypatch.setattr(os, "statvfs", fewer)
    assert "inodes still in use" in run("names_can_be_made_again_and_again", disk.folder)


def test_names_that_come_back_are_seen(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.unlink
    monkeypatch.setattr(
        os,
        "unlink",
        lambda path, **named: None if str(path).endswith("0-of-a-file") else real(path),
    )
    seen = run("directory_takes_many_names", disk.folder)
    assert seen[0] == "names when every other is removed"


class Counts:
    """Free bytes that grow by one after ``each`` looks, and looks that take no time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, each: int):
        self.each = each
        self.looks = 0
        accounting = importlib.import_module("space_accounting")
        monkeypatch.setattr(accounting, "free_bytes", self.look)
        monkeypatch.setattr(accounting, "PATIENCE_S", 3600.0)
        monkeypatch.setattr(accounting, "PAUSE_S", 0.0)

    def look(self, folder: str) -> int:
        self.looks += 1
        return (self.looks - 1) // self.each


def test_a_count_that_stands_still_is_not_waited_for(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounting = importlib.import_module("space_accounting")
    counts = Counts(monkeypatch, each=1_000_000)
    assert accounting.settled(str(disk.folder), lambda free: free >= 1) == 0
    assert counts.looks == accounting.STILL_LOOKS


def test_a_count_that_moves_is_given_time(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    accounting = importlib.import_module("space_accounting")
    Counts(monkeypatch, each=accounting.STILL_LOOKS - 1)
    assert accounting.settled(str(disk.folder), lambda free: free >= 9) == 9


def test_a_count_that_moves_for_ever_is_not_waited_for_as_long(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounting = importlib.import_module("space_accounting")
    Counts(monkeypatch, each=1)
    monkeypatch.setattr(accounting, "PATIENCE_S", 0.1)
    assert accounting.settled(str(disk.folder), lambda free: False) > 0


def test_all_checks_have_names_of_their_own() -> None:
    assert len(MODULES) == len(CHECKS)  # a check's folder has its name
