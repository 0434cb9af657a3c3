"""From a list of operations that shows a finding to the smallest one that still does.

Each try is a test of its own: a fresh guest with fresh filesystems, and the same verdict.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.ops.compare import Divergence
from vexfs_provider.ops.minimise import Operations, Rate, minimise
from vexfs_provider.ops.operations import Operation
from vexfs_provider.record import Record
from vexfs_provider.runner.execute import execute
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.scenarios.differential import Replay

CONFIRMATIONS = 3  # tries of the whole list, to know how surely it shows the finding
UNSURE = Rate(needed=1, tries=4)  # for a list that did not show it in each of them
WORKERS = 2  # guests side by side
TRY_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Tried:
    """What one try showed; ``console`` is the log of its first guest since its start."""

    record: Record
    divergences: tuple[Divergence, ...]
    console: bytes

    def shows(self, title: str) -> bool:
        return any(one.title == title and not one.expected for one in self.record.findings)


@dataclass(frozen=True)
class Suspect:
    """A list that has shown a finding once, compared with the reference filesystems named."""

    title: str
    operations: Operations
    references: tuple[str, ...]


@dataclass(frozen=True)
class Reproducer:
    """The smallest list found for a finding.

    ``shown`` of ``CONFIRMATIONS`` tries of the list before its reduction showed the finding; if
    none did, ``operations`` are those before and ``last`` is None. ``complete`` says that time
    sufficed to reduce as far as it goes; ``tried`` counts the lists tried.
    """

    title: str
    operations: Operations
    length_before: int
    shown: int
    tried: int
    complete: bool
    last: Tried | None

    @property
    def summary(self) -> str:
        """One line for people."""
        rate = f"seen again in {self.shown} of {CONFIRMATIONS} tries"
        if self.last is None:
            return f"{rate}: the list of {self.length_before} operations alone does not show it"
        end = "" if self.complete else ", where time ran out"
        length = f"reduced from {self.length_before} to {len(self.operations)} operations"
        return f"{rate}; {length} in {self.tried} tries{end}"


def try_list(
    job: Job, operations: Sequence[Operation], references: Sequence[str], host: Host
) -> Tried:
    """Run a list as ``job`` is configured. Raises ``InfrastructureError`` if that itself failed."""
    replay = Replay(tuple(operations), tuple(references))
    with tempfile.TemporaryDirectory(prefix="vexfs-try-") as name:
        folder = Path(name)
        timeout_s = min(job.config.timeout_s, TRY_TIMEOUT_S)
        config = replace(job.config, timeout_s=timeout_s, trace_locks=False, instruments=())
        one = replace(job, scenario=replay, arguments={}, folder=folder, config=config)
        record = execute(one, settings=host.settings, store=host.store, progress=host.progress)
        if record.status in ("ERROR", "CANCEL"):
            raise InfrastructureError(f"a try of a list: {record.status}: {record.reason}")
        console = folder / "console.log"
        text = console.read_bytes() if console.exists() else b""
    return Tried(record, tuple(replay.divergences), text)


def reduce_list(job: Job, suspect: Suspect, host: Host, limit: Deadline) -> Reproducer:
    """Make the list as small as it gets while it still shows its finding."""
    title, operations = suspect.title, suspect.operations
    length = len(operations)
    last: dict[Operations, Tried] = {}

    def shows(candidate: Operations) -> bool:
        tried = try_list(job, candidate, suspect.references, host)
        if tried.shows(title):
            last[candidate] = tried
        return tried.shows(title)

    shown = sum(shows(operations) for _ in range(CONFIRMATIONS))
    if not shown:
        return Reproducer(title, operations, length, 0, 0, True, None)
    rate = Rate() if shown == CONFIRMATIONS else UNSURE
    start = _up_to_divergence(operations, last[operations])
    if len(start) < length and not rate.holds(shows, start):
        start = operations
    reduced = minimise(start, shows, limit, rate=rate, workers=WORKERS)
    best = reduced.operations
    return Reproducer(title, best, length, shown, reduced.tried, reduced.complete, last[best])


def _up_to_divergence(operations: Operations, tried: Tried) -> Operations:
    """Nothing that comes after the operation whose outcome differs can matter for it."""
    places = [one.index for one in tried.divergences if one.index is not None]
    return operations[: min(places) + 1] if places else operations
