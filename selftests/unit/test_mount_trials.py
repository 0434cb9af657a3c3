"""Mounts with options on a guest that is only pretended: what is reported, and what is left out."""

from dataclasses import replace

import pytest
from fake_bench import DEAD, FakeBench

from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.filesystem import CheckResult
from vexfs_provider.filesystems.mount_options import COMMON_CHOICES, MountOptions
from vexfs_provider.scenarios import mount_options
from vexfs_provider.scenarios.expecting import expecting

OPTIONS = MountOptions(
    "a book",
    (("a", "b"), ("c",), ("d",), ("e",)),
    needs={"d": ("ro",)},
    needs_kernel={"e": "CONFIG_E"},
    untested={"f": "needs a second device"},
)
WRONG = {"operation": "mount", "expected": "success", "actual": "EINVAL"}


class Filesystem:
    def make(self, device, purpose=""):
        pass

    def mount(self, device, mountpoint, options):
        return 0.1

    def unmount(self, mountpoint):
        return 0.1

    def check(self, device):
        return CheckResult(True, "", True)

    def system_call(self, device):
        return {"device": device, "kind": "any", "options": []}


class OptionsBench(FakeBench):
    """``rows`` are the options of each mount."""

    def __init__(self, folder, events):
        self.rows = []
        super().__init__(folder, events)
        self.profile = replace(self.profile, documented_options=OPTIONS)
        self.kernel_config = "\nCONFIG_OTHER=y\n"
        self.goes_wrong = lambda options: None
        self.answers = {"attempt": self.attempt, "refused": None}

    def _arrive(self):
        super()._arrive()
        self.filesystem = Filesystem()

    def attempt(self, options, **_):
        self.rows.append(tuple(options))
        return self.goes_wrong(set(options))

    def titles(self):
        return [finding.title for finding in self.record.findings]


@pytest.fixture
def bench(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    yield OptionsBench(tmp_path, events)
    events.close()


def run(bench, seconds=60):
    mount_options.run(bench, pair_seconds=seconds)
    return bench.record.configuration["mount_options"]


def test_all_pairs_are_tried_and_what_cannot_be_is_noted(bench):
    tried = run(bench)
    assert bench.titles() == []
    assert tried["pairs_tried"] == tried["pairs"]
    assert tried["options_tried"] == sum(map(len, COMMON_CHOICES)) + 4
    assert tried["mounts"] == len(bench.rows)
    assert all("e" not in row and "f" not in row for row in bench.rows)
    assert all("ro" in row for row in bench.rows if "d" in row)
    assert bench.record.unsupported == [
        "mount option f: needs a second device",
        "mount option e: the kernel lacks CONFIG_E",
    ]


def test_the_fewest_options_that_go_wrong_are_reported_once(bench):
    bench.goes_wrong = lambda options: WRONG if {"a", "noatime"} <= options else None
    tried = run(bench)
    assert bench.titles() == ["mount option noatime,a: mount"]
    assert tried["pairs_tried"] == tried["pairs"]


def test_an_option_that_goes_wrong_alone_is_in_no_pair(bench):
    bench.goes_wrong = lambda options: WRONG if "c" in options else None
    run(bench)
    assert bench.titles() == ["mount option c: mount"]
    assert sum("c" in row for row in bench.rows) == 1


def test_without_time_each_is_tried_and_few_pairs(bench, monkeypatch):
    monkeypatch.setattr(mount_options.Deadline, "expired", True)
    tried = run(bench)
    assert tried["pairs_tried"] == 0 < tried["pairs"]
    assert tried["mounts"] == tried["options_tried"]


def test_an_option_that_costs_the_guest_is_not_tried_again(bench):
    bench.goes_wrong = lambda options: DEAD if "b" in options else None
    run(bench)
    assert bench.titles() == []  # what killed the guest is the runner's to report
    assert bench.lost == [DEAD]
    assert sum("b" in row for row in bench.rows) == 1


def test_an_unknown_option_that_is_taken_is_reported(bench):
    bench.answers["refused"] = {**WRONG, "actual": "success"}
    run(bench)
    assert set(bench.titles()) == {"an unknown mount option is not refused"}


def test_what_is_expected_is_so_within_the_block_only(bench):
    with expecting(bench, "^XFS"):
        bench.console.write_bytes(b"XFS (vdb): Corruption")
    [expected] = bench.expectations
    assert (expected.start, expected.end) == (0, 21)
    with expecting(bench, "^XFS"):
        pass
    assert bench.expectations == [expected], "nothing was said"
    with expecting(bench, "^XFS"):
        bench.replace(None)
    assert bench.expectations == [], "of a guest that is gone"
