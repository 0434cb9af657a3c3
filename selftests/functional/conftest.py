"""Fixtures of the tests on real guests.

Images, kernels and snapshots come from the user's cache and are built there when missing, which
takes minutes the first time. Sockets and run records lie in a folder of each test's own.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from scenario_runs import run_scenario

import vexfs_provider
from vexfs_provider.deadline import Deadline
from vexfs_provider.detection import Finding
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.launch import GuestSpec, GuestStart, start_guest
from vexfs_provider.isolation.runs import Run, running
from vexfs_provider.paths import cache_root
from vexfs_provider.progress import Progress
from vexfs_provider.record import Record
from vexfs_provider.runner.job import Scenario
from vexfs_provider.store import Store

# What is heavy to build and what no test here spoils.
SHARED_KINDS = ("images", "kernels", "headers", "initrds", "accelerators", "selftests", "apt")
ROOT = Path(vexfs_provider.__file__).parents[1]
WAIT_S = 20.0
POLL_S = 0.02


def python_environment() -> dict[str, str]:
    """For programs of the tests: they use the package under test, installed or not."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def processes_with(text: str) -> list[int]:
    """The ids of the processes that have ``text`` in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue  # it has just ended
    return found


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Poll until ``condition`` holds; fails the test with ``what`` after ``WAIT_S`` seconds."""
    deadline = Deadline(WAIT_S, what)
    while not condition():
        deadline.check()
        time.sleep(POLL_S)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of the test's own, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="vexfs-", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder) / "vexfs"


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own that borrows what is heavy; snapshots in it can be spoiled."""
    borrowed = cache_root()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own = cache_root()
    own.mkdir(parents=True)
    for kind in SHARED_KINDS:
        (borrowed / kind).mkdir(parents=True, exist_ok=True)
        (own / kind).symlink_to(borrowed / kind)
    return own


@pytest.fixture
def store() -> Store:
    """The user's store; that of ``own_cache`` if the test asked for it first."""
    return Store()


@pytest.fixture
def progress() -> Progress:
    return Progress()


@pytest.fixture
def run(runtime: Path) -> Iterator[Run]:
    with running() as run:
        yield run


@dataclass(frozen=True)
class Fork:
    """A started guest and how it came up."""

    guest: Guest
    start: GuestStart

    def sh(self, script: str) -> str:
        """The output of a shell script that must succeed."""
        result = self.guest.run(["sh", "-c", script], timeout_s=WAIT_S)
        assert result.ok, result.text
        return result.text


StartGuest = Callable[..., Fork]


@pytest.fixture
def start(run: Run, tmp_path: Path, store: Store, progress: Progress) -> Iterator[StartGuest]:
    """``start(**fields of GuestSpec)``: a fresh guest, ended with the test."""
    with ExitStack() as guests:

        def start_one(**fields: object) -> Fork:
            name = f"g{len(list(tmp_path.glob('g*')))}"
            spec = GuestSpec(**fields)
            folder = tmp_path / name
            guest, how = start_guest(spec, run, folder, name=name, store=store, progress=progress)
            return Fork(guests.enter_context(guest), how)

        yield start_one


@dataclass(frozen=True)
class Outcome:
    """What became of a scenario: its record, and the console that the guest left."""

    record: Record
    console: str

    @property
    def titles(self) -> list[str]:
        return [finding.title for finding in self.record.findings]

    def only_finding(self, kind: str) -> Finding:
        """The finding of a test that failed for one reason, with its evidence."""
        [finding] = self.record.findings
        assert finding.kind == kind
        assert not finding.expected
        assert finding.evidence and all(piece.text for piece in finding.evidence)
        return finding


Perform = Callable[..., Outcome]


@pytest.fixture
def perform(runtime: Path, tmp_path: Path) -> Perform:
    """``perform(scenario, filesystem, **params)``: run a scenario as an Avocado-VT test would."""

    def perform_one(scenario: Scenario, filesystem: str = "ext4", **values: str) -> Outcome:
        before = set(runtime.glob("r*"))
        values |= {"type": scenario.__name__, "filesystem": filesystem}
        record = run_scenario(scenario, tmp_path / "job", **values)
        console = tmp_path / "job" / "console.log"
        text = console.read_text(errors="replace") if console.exists() else ""
        assert set(runtime.glob("r*")) == before, "the run has left its folder behind"
        return Outcome(record, text)

    return perform_one
