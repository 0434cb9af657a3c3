"""Lists of checks that run in the guest, each in a process of its own, on a mounted filesystem.

A check is a function in ``deps/guest/code/MODULE.py``. It gets an empty folder and returns
``{"failures": [{"operation", "expected", "actual"}, ...], "metrics": {...}}``; see
``deps/guest/code/checking.py``. A check that hangs, crashes the kernel or kills the guest costs
that guest only: the next check starts on a fresh one with a fresh filesystem.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from vexfs_provider.scenarios.attempt import attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.probing import probe

LIBRARIES = ("checking", "syscalls")  # guest modules that those of the checks import
FULL = "unexpected ENOSPC"  # what checking.py calls the exception that ended a check
MOST_GUESTS = 12  # a filesystem that kills every guest must not keep the machine busy for ever


@dataclass(frozen=True)
class Check:
    """One check: the function ``name`` of guest module ``module``, with its arguments.

    ``needs`` are capabilities without which it makes no sense; ``timeout_s`` in seconds.
    """

    module: str
    name: str
    needs: tuple[str, ...] = ()
    timeout_s: float = 60.0
    arguments: dict[str, Any] = field(default_factory=dict)


def run_checks(bench: Bench, checks: Sequence[Check]) -> None:
    """Run every check that the filesystem is able to; failures become findings.

    A metric that a check reports is stored under its name.
    """
    prepare(bench, checks)
    for position, check in enumerate(checks):
        if not applies(bench, check):
            continue
        if len(bench.record.guests) >= MOST_GUESTS:
            left = ", ".join(one.name for one in checks[position:])
            bench.unsupported(f"not run, {MOST_GUESTS} guests were lost before: {left}")
            return
        if not survives(bench, check) and position + 1 < len(checks):
            prepare(bench, checks)


def prepare(bench: Bench, checks: Sequence[Check]) -> None:
    """Load the checks' code, make and mount the filesystem, probe the capabilities they need."""
    set_up = partial(_set_up, bench, checks)
    set_up()
    probe(bench, {name for check in checks for name in check.needs}, set_up)


def load(bench: Bench, checks: Sequence[Check]) -> None:
    """Load the checks' code into the guest."""
    for name in dict.fromkeys([*LIBRARIES, *(check.module for check in checks)]):
        bench.guest.load_code(name)


def _set_up(bench: Bench, checks: Sequence[Check]) -> None:
    load(bench, checks)
    bench.make()
    bench.mount()


def applies(bench: Bench, check: Check) -> bool:
    """Whether the filesystem has all that the check needs; what is missing is noted."""
    missing = [name for name in check.needs if name not in bench.capabilities]
    if missing:
        bench.unsupported(f"{check.name}: needs {', '.join(missing)}")
    return not missing


def survives(bench: Bench, check: Check) -> bool:
    """Run one check; whether the guest is as good as before. If not, see ``attempt``."""
    return attempt(bench, partial(_run, bench, check)) is not None


def run_one(bench: Bench, check: Check) -> dict[str, Any]:
    """Run one check; its failures become findings. What it raises costs the guest."""
    with bench.step(check.name):
        arguments = {"folder": f"{bench.mountpoint}/{check.name}", **check.arguments}
        result = bench.guest.call(check.module, check.name, check.timeout_s, **arguments)
        report(bench, check, result)
    return result


def _run(bench: Bench, check: Check) -> dict[str, Any]:
    result = run_one(bench, check)
    if was_full(result):
        _renew_filesystem(bench)
    return result


def was_full(result: dict[str, Any]) -> bool:
    """Whether a check failed because the filesystem was full."""
    return any(FULL in failure["operation"] for failure in result["failures"])


def _renew_filesystem(bench: Bench) -> None:
    """Make it anew, so that what it failed to give back fails only the check that was there."""
    bench.unmount()
    bench.make()
    bench.mount()


def report(bench: Bench, check: Check, result: dict[str, Any]) -> None:
    """Turn what a check returned into findings and metrics."""
    for failure in result["failures"]:
        bench.fail(
            f"{check.name}: {failure['operation']}",
            kind=failure.get("kind", "check-failed"),
            operation=failure["operation"],
            expected=failure["expected"],
            actual=failure["actual"],
        )
    for name, metric in result.get("metrics", {}).items():
        bench.record.add_metric(name, metric["unit"], metric["better"], metric["samples"])
