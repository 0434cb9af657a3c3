"""Which functions of a module the guests of a test have called, and which nobody."""

import json
import os
import signal

import pytest
from planted import run_planted

from vexfs_provider.runner import coverage
from vexfs_provider.scenarios import module_cycle, mount
from vexfs_provider.scenarios.bench import Bench

pytestmark = pytest.mark.usefixtures("runtime")

FOLDER, NEVER = "planted_mkdir", "search_vectors"
TIMEOUT_S = 20.0


def make_folder(bench: Bench) -> None:
    bench.mount()
    command = ["mkdir", f"{bench.mountpoint}/folder"]
    assert bench.guest.run(command, timeout_s=TIMEOUT_S).ok


def crash_after_a_folder(bench: Bench) -> None:
    make_folder(bench)
    bench.guest.sysrq("c")
    bench.guest.run(["true"], timeout_s=TIMEOUT_S)


def folder_in_the_first_guest(bench: Bench) -> None:
    make_folder(bench)
    bench.restart()
    bench.mount()


def lose_qemu(bench: Bench) -> None:
    make_folder(bench)
    bench.restart(lambda: os.kill(bench.guest.machine.pid, signal.SIGKILL))
    bench.mount()


def folder_in_the_second_guest(bench: Bench) -> None:
    bench.renew(lambda spec: spec)
    make_folder(bench)


def names_of(record, folder):
    """The functions that were called, and those that were not."""
    assert coverage.FILE in record.artefacts
    [kernel] = json.loads((folder / "job" / coverage.FILE).read_text())
    [summary] = record.coverage
    assert (summary["functions"], summary["called"]) == (kernel["functions"], len(kernel["called"]))
    assert kernel["functions"] == len(kernel["called"]) + len(kernel["uncovered"])
    return set(kernel["called"]), set(kernel["uncovered"])


@pytest.mark.parametrize(
    ("scenario", "folder_is_made"),
    [
        (mount.cycle, False),
        (folder_in_the_first_guest, True),
        (folder_in_the_second_guest, True),
        (crash_after_a_folder, True),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_function_is_listed_unless_some_guest_has_called_it(scenario, folder_is_made, tmp_path):
    record = run_planted(scenario, tmp_path, "none", coverage="functions", mount_cycles="2")
    assert record.status == ("FAIL" if scenario is crash_after_a_folder else "PASS"), record.reason
    called, uncovered = names_of(record, tmp_path)
    assert {"planted_init", "fill_super"} <= called
    assert NEVER in uncovered
    assert (FOLDER in called, FOLDER in uncovered) == (folder_is_made, not folder_is_made)
    assert NEVER in record.coverage[0]["uncovered"]
    assert record.coverage[0]["limits"] == []


def test_what_a_lost_qemu_took_with_it_is_told(tmp_path):
    record = run_planted(lose_qemu, tmp_path, "none", coverage="functions")
    called, _ = names_of(record, tmp_path)
    assert FOLDER in called
    [limit] = record.coverage[0]["limits"]
    assert limit.startswith("a guest took with it what it had called last: ")


def test_a_module_that_is_loaded_again_and_again_keeps_what_it_has_called(tmp_path):
    record = run_planted(module_cycle.run, tmp_path, "none", coverage="functions")
    assert record.status == "PASS", record.reason
    called, uncovered = names_of(record, tmp_path)
    assert {"planted_init", "fill_super", "planted_create"} <= called
    assert {FOLDER, NEVER} <= uncovered


def test_a_filesystem_that_is_built_in_is_followed_as_well(perform, tmp_path):
    record = perform(mount.cycle, "ext4", coverage="functions", mount_cycles="2").record
    assert record.status == "PASS", record.reason
    called, uncovered = names_of(record, tmp_path)
    assert {"ext4_fill_super", "ext4_file_write_iter"} <= called
    assert "ext4_resize_fs" in uncovered
    assert all(name.startswith(("ext4", "_")) or "_" in name for name in called)


@pytest.mark.parametrize(
    ("filesystem", "why"), [("tmpfs", "tmpfs has no module"), ("fuse", "fuse has no module")]
)
def test_what_has_no_module_is_cancelled(perform, filesystem, why):
    record = perform(mount.cycle, filesystem, coverage="functions").record
    assert (record.status, record.coverage) == ("CANCEL", None)
    assert why in record.reason


def test_a_kernel_without_ftrace_is_cancelled(perform, monkeypatch):
    monkeypatch.setattr(coverage, "NEEDS", ("CONFIG_PLANTED",))
    record = perform(mount.cycle, "ext4", coverage="functions").record
    assert record.status == "CANCEL"
    assert "lacks CONFIG_PLANTED" in record.reason
