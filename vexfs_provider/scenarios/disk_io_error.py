"""The disk's writes fail for a while, and work again: what was acknowledged is there."""

import re
from typing import Annotated

from vexfs_provider.errors import NotApplicable
from vexfs_provider.faults.disk_errors import WAYS, Fault
from vexfs_provider.params import Range
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import WRITERS, Load
from vexfs_provider.scenarios.recovery import REFUSALS, recover

REPORTS = r"^(?:block layer: |Buffer I/O error|JBD2: )"
"""Titles of what the kernel says then, beside the filesystem's own messages."""


def run(bench: Bench, *, faults: Annotated[int, Range(1, 1000)] = 3) -> None:
    """Writes fail under load, in the guest's device mapper and in QEMU, ``faults`` times each.

    Invariant: each process that writes and fsyncs is told of it by an error, none hangs; when the
    fault is gone the filesystem takes writes again, after a remount if it has given up; all that
    fsync had acknowledged is there, and the filesystem's own check finds nothing.

    Metrics: fault_injection_recovery_time_ms (from the end of the fault to the first write that is
    fsynced).
    """
    if not bench.device:
        raise NotApplicable(f"{bench.profile.name} has no disk whose writes could fail")
    recoveries = []
    disk = bench.device
    for way, make in WAYS.items():
        with bench.step(way):
            fault = make(bench.guest, disk)
            bench.device = fault.device
            bench.make()
            for number in range(faults):
                recoveries.append(fail_once(bench, fault, f"{way}_{number}"))
            bench.device = disk
            fault.close()
    bench.record.add_metric("fault_injection_recovery_time_ms", "ms", "lower", recoveries)


def fail_once(bench: Bench, fault: Fault, name: str) -> float:
    """One fault under a load of its own; the milliseconds that the recovery took.

    The invariant is that of ``run``; writes must have begun to fail when ``inject`` returns, or
    soon after.
    """
    bench.mount()
    load = Load(bench, name)
    load.start()
    own = rf"|^{re.escape(bench.profile.log_prefix)}" if bench.profile.log_prefix else ""
    with bench.expecting(REPORTS + own):
        fault.inject()
        bench.events.add("fault", fault=name)
        _judge(bench, [end.rpartition(": ")[2] for end in load.wait_for_failures()])
        fault.remove()
        bench.events.add("fault ended", fault=name)
        milliseconds = recover(bench, "its disk works again")
    load.remember()
    load.lost()
    load.verify_durable("after disk errors")
    bench.finish()
    return milliseconds


def _judge(bench: Bench, ends: list[str]) -> None:
    wrong = [end for end in ends if end not in REFUSALS]
    if wrong:
        bench.fail(
            "a write to a failing disk does not fail as it must",
            kind="lost-error",
            operation="write and fsync",
            expected=f"one of {', '.join(REFUSALS)}",
            actual=", ".join(wrong),
        )
    if len(ends) < WRITERS:
        bench.fail(
            "processes that write to a failing disk go on, or hang",
            kind="lost-error",
            operation=f"{WRITERS} processes that write and fsync",
            expected="each gets an error",
            actual=f"{len(ends)} got one",
        )
