"""System calls are interrupted, or fail, or their process is killed: what they returned holds."""

import random
import time
from collections.abc import Mapping
from typing import Annotated, Any

from vexfs_provider.params import Range
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import Load

MODULE = "interrupted"
CALL_TIMEOUT_S = 120.0
LOAD_S = (0.1, 1.0)  # the load goes on for so long, by chance, until it is killed
WRONG = "a file is not what interrupted calls have returned"


def run(
    bench: Bench,
    *,
    faults: Annotated[int, Range(1, 1000)] = 5,
    seed: Annotated[int, Range(0, (1 << 31) - 1)] = 1,
    calls: Annotated[int, Range(10, 1_000_000)] = 300,
) -> None:
    """A program writes, truncates, allocates, fsyncs and renames, ``calls`` times, while a timer's
    signals interrupt it, and again while strace fails some of its calls (EINTR, EIO). Then
    processes that write and fsync are killed by SIGKILL, ``faults`` times.

    Invariant: a file has exactly what its calls have returned, a short write as much as it said, a
    failed one nothing; the program is told each error; killed processes end, and all that their
    fsync had acknowledged is there.

    Metrics: fault_injection_recovery_time_ms (from SIGKILL to the first record that each of the
    next writers has fsynced; their start is part of it).
    """
    bench.make()
    bench.mount()
    for what in ("alarms", "injection"):
        with bench.step(what):
            bench.guest.load_code(MODULE)
            arguments = {"folder": f"{bench.mountpoint}/{what}", "seed": seed, "calls": calls}
            bench.events.add("fault", fault=what)
            report = bench.guest.call(MODULE, f"under_{what}", CALL_TIMEOUT_S, **arguments)
            bench.events.add("fault ended", fault=what)
            _judge(bench, report, what)
    chance = random.Random(seed)
    with bench.step("killed"):
        recoveries = [_kill(bench, number, chance) for number in range(faults)]
    bench.finish()
    bench.record.add_metric("fault_injection_recovery_time_ms", "ms", "lower", recoveries)


def _judge(bench: Bench, report: Mapping[str, Any], what: str) -> None:
    if report.get("error"):
        bench.unsupported(f"{what}: {report['error']}")
        return
    told = sum(report["failures"].values())
    if report["wrong"]:
        bench.fail(
            WRONG,
            kind="interrupted",
            operation=f"calls under {what}",
            expected="what they returned",
            actual="; ".join(report["wrong"][:10]) + f" (failed calls: {report['failures']})",
        )
    if not report.get("alarms", 1):
        bench.unsupported("alarms: the timer's signals did not arrive")
    if told < report.get("injected", 0):
        bench.fail(
            "a program is not told an error that was injected",
            kind="interrupted",
            operation="calls that strace fails",
            expected=f"{report['injected']} failures",
            actual=f"{told}: {report['failures']}",
        )


def _kill(bench: Bench, number: int, chance: random.Random) -> float:
    """Kill a load, start the next one; the milliseconds from one to the other's progress."""
    load, after = Load(bench, f"killed_{number}"), Load(bench, f"after_{number}")
    load.start()
    time.sleep(chance.uniform(*LOAD_S))
    bench.events.add("fault", fault=f"kill {number}")
    start = time.monotonic()
    kill = ["sh", "-c", f"kill -KILL {' '.join(map(str, load.pids))}"]
    if not bench.guest.run(kill, timeout_s=CALL_TIMEOUT_S).ok:
        load.report_failures()
    load.stop()
    acknowledged = load.acknowledged()
    after.start()
    milliseconds = (time.monotonic() - start) * 1000
    after.stop()
    load.keep(acknowledged)
    load.verify("after its processes were killed")
    return milliseconds
