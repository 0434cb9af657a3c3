"""The benchmarks measure a sound filesystem, and find the faults of others while they do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from mutants import list_mutants
from mutants.guest import FILESYSTEM, PROFILES, equip, mount_with
from mutants.levels import until_killed
from scenario_runs import run_scenario

from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.record import Record
from vexfs_provider.scenarios import benchmarks, race
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.fio import SMALL_FILE, Load

PARAMS = {
    "vexfs_level": "2",
    "test_images": "test reference",
    "image_size_test": "64M",
    "image_size_reference": "64M",
}
ROUNDS = 1
ROOM = 4_000_000  # bytes
SMALL_LOADS = {
    "basic_io_throughput_mbps": Load("basic", "write", 16 << 10, 16, SMALL_FILE),
    "concurrent_io_throughput_mbps": Load("concurrent", "randwrite", 4096, 2, SMALL_FILE, jobs=4),
    "large_file_performance_mbps": Load("large", "write", 1 << 20, 1, 8 << 20),
}


@pytest.fixture(autouse=True)
def small_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough of each to see what is wrong, not to measure it."""
    monkeypatch.setattr(race, "FIO_LOADS", SMALL_LOADS)


@pytest.fixture
def measure(runtime: Any, tmp_path: Any) -> Callable[..., Record]:
    """``measure(scenario, filesystem)``: the record of the benchmarks."""

    def run_one(scenario: Callable[..., None], filesystem: str = "ext4") -> Record:
        values = {"type": "benchmarks", "filesystem": filesystem, **PARAMS}
        return run_scenario(scenario, tmp_path / "job", PROFILES, **values)

    return run_one


def few_rounds(bench: Bench) -> None:
    benchmarks.run(bench, rounds=ROUNDS)


def test_a_sound_filesystem_is_measured_beside_its_reference(measure):
    record = measure(few_rounds)
    assert (record.status, record.reason) == ("PASS", "")
    assert record.configuration["host"].keys() == {
        *("processors", "model", "load_average", "governor", "other_guests")
    }
    for name, (unit, better) in race.METRICS.items():
        metric = record.metrics[name].to_dict()
        assert (metric["unit"], metric["better"]) == (unit, better)
        assert len(metric["samples"]) == len(metric["reference"]["samples"]) == ROUNDS, name
        assert metric["reference"]["filesystem"] == "ext4"
        assert metric["value"] > 0 and metric["reference"]["ratio"] > 0
        assert f"{name}: {ROUNDS} samples of {ROUNDS}" in record.unsupported, "that is few"


@dataclass(frozen=True)
class Planted:
    """A fault, how it is planted at the bench, and the title of the finding that it must give."""

    what: str
    plant: Callable[[Bench], None]
    title: str
    filesystem: str = "ext4"


def mutant(name: str, bench: Bench) -> None:
    """Give the FUSE filesystem of deps/mutants a bug; it is slow, so fio's first load is enough."""
    first = next(iter(SMALL_LOADS))
    race.FIO_LOADS = {first: SMALL_LOADS[first]}
    equip(bench)
    mount_with(bench, [one for one in list_mutants() if one.name == name])


def fill(bench: Bench) -> None:
    """Leave less room on the filesystem than the large file takes, once it is made."""
    make = Filesystem.make

    def make_and_fill(filesystem: Filesystem, device: str, *rest: Any) -> None:
        make(filesystem, device, *rest)
        if device == bench.device:
            script = (
                f"set -e; mkdir -p /mnt/full; mount {device} /mnt/full; "
                f"free=$(stat -f -c '%f*%S' /mnt/full); "
                f"fallocate -l $(($free - {ROOM})) /mnt/full/ballast; umount /mnt/full"
            )
            assert bench.guest.run(["sh", "-c", script], timeout_s=30).ok

    bench.filesystem.make = partial(make_and_fill, bench.filesystem)  # type: ignore[method-assign]


def replace_fio(script: str, bench: Bench) -> None:
    bench.guest.put("/run/vexfs/bin/fio", f"#!/bin/sh\n{script}\n".encode(), mode=0o755)


ENDS_AT_ONCE = "exit 137"
WRITES_HALF = """
for job; do :; done
grep -q directory=/mnt/test "$job" && sed -i s/filesize=49152/filesize=24576/ "$job"
exec /usr/bin/fio "$@"
"""


PLANTED = (
    Planted("less is written", partial(replace_fio, WRITES_HALF), "fio: basic: short write"),
    Planted(
        "a block's last byte is lost",
        partial(mutant, "last_byte_of_a_block_dropped"),
        "fio: basic: data mismatch",
        FILESYSTEM,
    ),
    Planted("the disk is full", fill, "fio: large: unexpected ENOSPC"),
)


def test_a_tool_that_fails_on_the_reference_too_is_our_fault(measure):
    def scenario(bench: Bench) -> None:
        replace_fio(ENDS_AT_ONCE, bench)
        benchmarks.run(bench)

    record = measure(scenario)
    assert record.status == "ERROR"
    assert "reference ext4: fio: basic has no result" in record.reason


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.what)
def test_a_planted_fault_is_found(measure, monkeypatch, planted):
    monkeypatch.setattr(race, "GUEST_LOADS", {})  # theirs are planted in test_benchmark_loads.py

    def scenario(bench: Bench) -> None:
        planted.plant(bench)
        until_killed(benchmarks.run, bench)

    record = measure(scenario, planted.filesystem)
    assert record.status == "FAIL", record.reason
    assert planted.title in [finding.title for finding in record.findings]
