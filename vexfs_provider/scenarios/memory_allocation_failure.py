"""Memory runs short under load, and is there again: what was acknowledged is there."""

import re
import time
from typing import Annotated

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import InfrastructureError, NotApplicable
from vexfs_provider.faults.memory import WAYS, Shortage
from vexfs_provider.params import Range
from vexfs_provider.scenarios import recovery
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import WRITERS, Load

REFUSALS = ("ENOMEM", *recovery.REFUSALS)
"""What a call may fail with when there is no memory, or the filesystem has given up for it."""

REPORTS = r"^(?:Memory cgroup out of memory|JBD2: |Buffer I/O error)"
"""Titles of what the kernel says then, beside the filesystem's own messages."""

STRIKE_TIMEOUT_S = 20.0
POLL_S = 0.05


def run(bench: Bench, *, faults: Annotated[int, Range(1, 1000)] = 3) -> None:
    """Processes that write and fsync get no more memory, ``faults`` times in each way: a limit at
    which the kernel kills them, one at which their calls fail, and failing allocations (failslab)
    on a kernel that was built for it.

    Invariant: a call succeeds or says ENOMEM (or that the filesystem has given up), no process
    hangs or vanishes but those that the kernel has killed; when memory is there again the
    filesystem takes writes, after a remount if it has given up; all that fsync had acknowledged is
    there, and the filesystem's own check finds nothing.

    Metrics: fault_injection_recovery_time_ms (from the end of the fault to the first write that is
    fsynced).
    """
    bench.make()
    recoveries = []
    for way, make in WAYS.items():
        with bench.step(way):
            try:
                shortage = make(bench.guest)
            except NotApplicable as reason:
                bench.unsupported(f"{way}: {reason}")
                continue
            recoveries += [
                _run_short(bench, shortage, f"{way}_{number}") for number in range(faults)
            ]
            shortage.close()
    if not recoveries:
        raise NotApplicable("; ".join(bench.record.unsupported))
    bench.record.add_metric("fault_injection_recovery_time_ms", "ms", "lower", recoveries)


def _run_short(bench: Bench, shortage: Shortage, name: str) -> float:
    """One shortage for a load of its own; the milliseconds that the recovery took."""
    bench.mount()
    load = Load(bench, name)
    # A fault in memory of their own would be tried again for ever, each time with a report.
    load.start(pinned=True)
    own = rf"|^{re.escape(bench.profile.log_prefix)}" if bench.profile.log_prefix else ""
    with bench.expecting(REPORTS + own):
        struck, killed = shortage.struck(), shortage.killed()
        shortage.inject(load.pids)
        bench.events.add("fault", fault=name)
        alive = _wait_for_strikes(load)
        if shortage.struck() <= struck:
            raise InfrastructureError(
                f"{name}: memory did not run short; {len(alive)} writers go on"
            )
        shortage.remove()
        bench.events.add("fault ended", fault=name)
        milliseconds = recovery.recover(bench, "there is memory again")
    missing = {number for number, pid in enumerate(load.pids) if pid not in alive}
    hanging = load.end()
    _judge(
        bench, load.failures(), hanging, len(missing - load.failed()), shortage.killed() - killed
    )
    load.verify("after memory ran short")
    bench.finish()
    return milliseconds


def _wait_for_strikes(load: Load) -> list[int]:
    """Wait until every writer was refused or has ended, or for ``STRIKE_TIMEOUT_S``.

    Returns the ids of those that have not ended.
    """
    deadline = Deadline(STRIKE_TIMEOUT_S, "writers to run out of memory")
    while (alive := load.alive()) and len(load.failed()) < WRITERS and not deadline.expired:
        time.sleep(POLL_S)
    return alive


def _judge(
    bench: Bench, failures: list[str], hanging: list[str], missing: int, killed: int
) -> None:
    """``missing`` writers had ended without a word when memory was there again."""
    wrong = [end for end in failures if end.rpartition(": ")[2] not in REFUSALS]
    if wrong:
        bench.fail(
            "a call fails in another way than for want of memory",
            kind="lost-error",
            operation="write and fsync",
            expected=f"success, or one of {', '.join(REFUSALS)}",
            actual="; ".join(wrong),
        )
    if missing > killed:
        bench.fail(
            "a process vanishes when memory runs short",
            kind="lost-error",
            operation=f"{WRITERS} processes that write and fsync",
            expected="each is told of it, is killed for it, or goes on",
            actual=f"{missing} have ended without a word; the kernel has killed {killed}",
        )
    if hanging:
        bench.fail(
            "processes hang when there is memory again",
            kind="load-stopped",
            operation=f"{WRITERS} processes that write and fsync",
            expected="each ends when it is told to",
            actual="; ".join(hanging),
        )
