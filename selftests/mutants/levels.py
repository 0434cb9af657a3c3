"""One subject at a time: which scenario kills it, by which finding, and how long that takes."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scenario_runs import run_scenario

from mutants.kernel import FILESYSTEM as MODULE
from mutants.subjects import DISK_MIB, Subject
from vexfs_provider.detection import Finding, Verdict, verdict
from vexfs_provider.record import Record
from vexfs_provider.runner.job import Scenario
from vexfs_provider.scenarios import (
    basic_io,
    capabilities,
    concurrent,
    differential,
    metadata,
    module_cycle,
    mount,
    persistence,
    posix_errors,
    space,
)
from vexfs_provider.scenarios.bench import Bench

LONG_MIN = 2  # minutes of random lists, with the seed that they have by default

LEVEL1: Mapping[str, Scenario] = {
    "basic_io": basic_io.run,
    "capabilities": capabilities.run,
    "posix_errors": posix_errors.run,
    "metadata": metadata.run,
    "concurrent": concurrent.run,
    "persistence": persistence.run,
    "mount_cycle": mount.cycle,
    "space": space.run,
    "module_cycle": module_cycle.run,
}
"""The level without its comparison, the soonest done first."""

COMPARISONS: Mapping[str, Scenario] = {
    "differential": differential.short,
    "differential_long": partial(differential.long, minutes=LONG_MIN),
}
"""With ext4: level 1's own, then some minutes of level 2's."""

LEVELS: Mapping[str, Mapping[str, Scenario]] = {"level1": LEVEL1, "differential": COMPARISONS}
"""What survives one is left to the next."""

STATUSES = {"FAIL": "killed", "ERROR": "error"}
"""What a test's status says of a mutant; any other: that it survived."""

ATTEMPTS = 2  # at a test that ends as an ERROR, which says nothing about the filesystem


class Killed(Exception):
    """The first finding that fails the test: the rest of the scenario is not needed."""


@dataclass(frozen=True)
class Result:
    """What became of a subject at a level; ``seconds`` from the level's start to its end.

    ``scenario`` and ``title`` are those of the finding that killed it, or of the error, else empty.
    """

    subject: str
    level: str
    status: str  # killed, survived, error
    seconds: float
    scenario: str = ""
    title: str = ""


def applies(scenario: str, subject: Subject) -> bool:
    """As in ``tests/cfg/level1.cfg``: module_cycle is for the filesystems of a module."""
    return scenario != "module_cycle" or subject.filesystem == MODULE


def check(subject: Subject, level: str, name: str) -> Result:
    """Run one scenario to its end, whatever it finds."""
    started = time.monotonic()
    record = run(subject, name, LEVELS[level][name])
    return _result(subject, level, name, record, started)


def hunt(subject: Subject, level: str) -> Result:
    """Run the level's scenarios up to the first finding that fails one.

    First those that the bug was made for: who is killed does not depend on the order, but how long
    that takes does.
    """
    started = time.monotonic()
    meant = subject.mutant.kills if subject.mutant else {}
    for name, scenario in sorted(LEVELS[level].items(), key=lambda each: each[0] not in meant):
        if applies(name, subject):
            record = run(subject, name, partial(until_killed, scenario))
            if record.status in STATUSES:
                return _result(subject, level, name, record, started)
    return Result(subject.name, level, "survived", time.monotonic() - started)


def _result(subject: Subject, level: str, name: str, record: Record, started: float) -> Result:
    seconds = time.monotonic() - started
    status = STATUSES.get(record.status, "survived")
    return Result(subject.name, level, status, seconds, name, cause(record))


def cause(record: Record) -> str:
    """The title of the first finding that failed the test; the reason of another end."""
    failing = [finding.title for finding in record.findings if fails(finding)]
    return failing[0] if failing else record.reason


def fails(finding: Finding) -> bool:
    return verdict([finding]) is Verdict.FAIL


def run(subject: Subject, name: str, scenario: Callable[..., None]) -> Record:
    """The record of one scenario on a subject, which is tried again if it is an ERROR."""
    for _ in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="vexfs-mutant-") as folder:
            subject.write_profile(Path(folder))
            values = {
                "type": name,
                "filesystem": subject.filesystem,
                "test_images": "test reference",
                "image_size_test": f"{DISK_MIB}M",
                "image_size_reference": f"{DISK_MIB}M",
            }
            equipped = partial(_equip_and_run, subject, scenario)
            record = run_scenario(equipped, Path(folder) / "job", Path(folder), **values)
        if record.status != "ERROR":
            break
    return record


def _equip_and_run(subject: Subject, scenario: Scenario, bench: Bench) -> None:
    subject.equip(bench)
    scenario(bench)


def until_killed(scenario: Scenario, bench: Bench, **arguments: Any) -> None:
    """Run a scenario that ends with its first finding."""
    with stopping(bench):
        scenario(bench, **arguments)


@contextlib.contextmanager
def stopping(bench: Bench) -> Iterator[None]:
    """Within it, whatever adds a finding that fails the test ends the scenario."""
    fail, recover = bench.fail, bench.recover
    bench.fail = partial(_stop_after, bench, fail)  # type: ignore[method-assign]
    bench.recover = partial(_stop_after, bench, recover)
    try:
        yield
    except Killed:
        pass
    finally:
        bench.fail, bench.recover = fail, recover  # type: ignore[method-assign]


def _stop_after(bench: Bench, action: Callable[..., None], *given: Any, **named: Any) -> None:
    action(*given, **named)
    if verdict(bench.record.findings) is Verdict.FAIL:
        raise Killed
