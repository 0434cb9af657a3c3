"""The checks of concurrent access, on this machine's filesystem: right, and with planted faults.

A fault takes the place of one function of ``os`` in the checks' code only.
"""

import importlib
import mmap
import os
import shutil
import signal
from types import SimpleNamespace

import pytest

from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios.concurrent import CHECKS

MODULE_OF = {check.name: check.module for check in CHECKS}


@pytest.fixture
def code(monkeypatch):
    """``code(check name)``: the guest module that has the check."""
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    return lambda name: importlib.import_module(MODULE_OF.get(name, name))


@pytest.fixture
def failures(code, tmp_path):
    """``failures(check name)``: what the check finds wrong here."""
    return lambda name: getattr(code(name), name)(str(tmp_path / name))["failures"]


@pytest.fixture
def plant(code, monkeypatch):
    """``plant(fault)``: replace functions of ``os`` for all checks."""

    def replace(fault):
        for module in set(MODULE_OF.values()):
            monkeypatch.setattr(code(module), "os", SimpleNamespace(**(vars(os) | fault)))

    return replace


def without(flag):
    return lambda path, flags, *mode: os.open(path, flags & ~flag, *mode)


def copy(source, dst):
    shutil.copyfile(source, dst)


def torn_rename(source, dst):
    os.truncate(source, os.path.getsize(source) // 2)
    os.rename(source, dst)


def losing_listdir(path):
    return sorted(os.listdir(path))[:-1]


def doubling_listdir(path):
    return 2 * os.listdir(path)


def status_with(**changes):
    def stat(path):
        found = os.stat(path)
        return SimpleNamespace(
            st_ino=changes.get("st_ino", found.st_ino),
            st_nlink=found.st_nlink + changes.get("more_links", 0),
        )

    return stat


def long_pwrite(descriptor, data, offset):
    return os.pwrite(descriptor, data + b"behind", offset)


def zero_pread(descriptor, size, offset):
    return bytes(size)


def private_mmap(descriptor, size):
    return mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY)


@pytest.mark.parametrize("name", list(MODULE_OF))
def test_a_right_filesystem_passes(failures, name):
    assert failures(name) == []


@pytest.mark.parametrize(
    ("check", "fault", "operation"),
    [
        (
            "files_in_different_folders_are_all_there",
            {"listdir": losing_listdir},
            "no name is lost",
        ),
        ("files_in_one_folder_are_all_there", {"unlink": len}, "no name came from nowhere"),
        (
            "files_in_one_folder_are_all_there",
            {"listdir": doubling_listdir},
            "every name is listed once",
        ),
        (
            "files_in_one_folder_are_all_there",
            {"stat": status_with(st_ino=1)},
            "inode numbers are unique",
        ),
        (
            "files_in_one_folder_are_all_there",
            {"stat": status_with(more_links=1)},
            "each file has one link",
        ),
        (
            "files_in_one_folder_are_all_there",
            {"rename": torn_rename},
            "each file has its own content",
        ),
        (
            "settled_names_are_listed_during_changes",
            {"listdir": losing_listdir},
            "settled names are listed once each",
        ),
        (
            "one_process_creates_a_name",
            {"open": without(os.O_EXCL)},
            "create: one process succeeds",
        ),
        (
            "one_process_creates_a_name",
            {"mkdir": lambda path: os.makedirs(path, exist_ok=True)},
            "mkdir: one process succeeds",
        ),
        ("one_process_links_a_name", {"link": copy}, "link: one process succeeds"),
        ("one_process_renames_a_source", {"rename": copy}, "rename: one process succeeds"),
        ("a_replaced_name_is_always_there", {"rename": torn_rename}, "a reader finds one whole"),
        ("a_replaced_name_is_always_there", {"rename": copy}, "names at the end"),
        ("links_are_counted", {"link": copy}, "link count of the file"),
        ("links_are_counted", {"unlink": len}, "names of the file"),
        ("appends_are_not_lost", {"open": without(os.O_APPEND)}, "size of the file"),
        (
            "writers_of_different_ranges_do_not_disturb",
            {"pwrite": long_pwrite},
            "size of blocks",
        ),
        ("readers_see_only_written_bytes", {"pread": zero_pread}, "only bytes that were written"),
    ],
)
def test_a_fault_is_found(plant, failures, check, fault, operation):
    plant(fault)
    found = failures(check)
    assert [one for one in found if one["operation"].startswith(operation)], found


def test_lost_mapped_writes_are_found(code, monkeypatch, failures):
    fake = SimpleNamespace(mmap=private_mmap, PAGESIZE=mmap.PAGESIZE)
    monkeypatch.setattr(code("concurrent_files"), "mmap", fake)
    operations = [found["operation"] for found in failures("mapped_writers_do_not_disturb")]
    assert operations == [
        "mapped pages hold their writers' last bytes",
        "mapped records hold their writers' last bytes",
    ]


def test_moves_that_leave_the_source_are_found(plant, failures):
    def leaving(source, dst):
        if os.path.basename(source) == "folder":
            os.rename(source, dst)
        else:
            copy(source, dst)

    plant({"rename": leaving})
    found = failures("moves_between_folders_lose_nothing")
    assert [one["operation"] for one in found] == ["every name is in one folder"]


@pytest.fixture
def together(code):
    return code("concurrent_access").together


class Case(list):
    def fail(self, operation, expected, actual):
        self.append(operation)


def test_what_several_processes_return_comes_in_order(together):
    case = Case()
    assert together(case, "x", *[lambda n=n: n for n in range(5)]) == list(range(5))
    assert not case


def test_an_error_and_a_death_are_failures(together):
    case = Case()
    works = [
        lambda: os.rmdir("/nonesuch"),
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: None,
    ]
    assert together(case, "work", *works) is None
    assert case == ["work: unexpected ENOENT", "work: a process was ended by SIGKILL"]


def test_a_bug_of_a_check_is_passed_on(together):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        together(Case(), "work", lambda: 1 // 0)
