"""How an exception, or the way a guest ended, becomes a finding with its evidence."""

import signal
from collections.abc import Callable

from vexfs_provider.detection import Evidence, Finding, Severity, blocked_in
from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestDied
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.guest.guest import Guest, GuestHung
from vexfs_provider.guest.machine import State
from vexfs_provider.scenarios.bench import Bench

CONSOLE_TAIL = 4096  # bytes
SYSRQ_STACKS = "wt"  # blocked tasks, then all tasks


def explain(error: Exception, bench: Bench) -> Finding | None:
    """The finding that ``error`` stands for; None if it is no matter of the filesystem."""
    for kind, explainer in _EXPLAINERS:
        if isinstance(error, kind):
            return explainer(error, bench)
    return None


def finding_of_end(error: GuestDied, guest: Guest, *, reported: bool) -> Finding | None:
    """The finding for a guest that ended by itself; None where the console has ``reported`` why.

    QEMU's own end is never the filesystem's: it stays an infrastructure error.
    """
    titles = {
        State.PANICKED.value: ("the guest panicked without a report on its console", "panic"),
        State.RESET.value: ("unexpected reboot of the guest", "reboot"),
        State.POWERED_OFF.value: ("the guest powered off by itself", "power-off"),
    }
    if reported or error.state not in titles:
        return None
    title, kind = titles[error.state]
    return Finding(
        title=title,
        kind=kind,
        frame=None,
        severity=Severity.CRITICAL,
        evidence=(_console_end(guest),),
    )


def collect_stacks(guest: Guest) -> None:
    """Have the kernel print its tasks' stacks on the console; a lost guest leaves what it can."""
    guest.limit = None  # the test's time may be over; its evidence is still wanted
    for key in SYSRQ_STACKS:
        try:
            guest.sysrq(key)
        except (GuestDied, DeadlineExpired, AgentError, OSError):
            return


def _hang(error: GuestHung, bench: Bench) -> Finding:
    """A deadline passed inside the guest: who hangs, where, and what all others do."""
    blocked = [task for task in error.stuck if task["state"] == "D"] or list(error.stuck)
    frame = next((found for task in blocked if (found := blocked_in(task["stack"]))), None)
    stacks = "\n".join(f"{t['command']} ({t['state']})\n{t['stack']}" for t in error.stuck)
    task = blocked[0]["command"] if blocked else "operation"
    title = f"hang: {task} in {frame}" if frame else f"hang: {task} during {bench.during}"
    stacks = stacks or "none was readable"
    text = f"step: {bench.step_name}\n{error}\nstacks of its tasks:\n{stacks}"
    return _error(
        title,
        "hang",
        (Evidence("scenario", text), _console_end(bench.guest)),
        frame=frame,
        recommendation="The console ends with the stacks of all tasks (SysRq w and t).",
    )


def _failed_step(error: FilesystemError, bench: Bench) -> Finding:
    evidence = (_what_happened(error, bench),)
    return _error(f"{error.filesystem}: {error.step} failed", f"{error.step}-failed", evidence)


def _failed_request(error: AgentError, bench: Bench) -> Finding | None:
    if (error.details.get("status") or 0) < 0:
        return _killed(error, bench)
    if "errno" in error.details:
        return _failed_call(error, bench)
    return None


def _failed_call(error: AgentError, bench: Bench) -> Finding:
    text = f"step: {bench.step_name}\n{error}\n{error.details.get('traceback', '')}"
    what = error.details["message"].split(":")[0]
    title = f"unexpected error during {bench.during}: {what}"
    return _error(title, "io-call-failed", (Evidence("scenario", text),))


def _killed(error: AgentError, bench: Bench) -> Finding:
    """A signal ended the process that worked on the filesystem: SIGBUS from a mapping, say."""
    name = signal.Signals(-error.details["status"]).name
    title = f"{name} during {bench.during}"
    return _error(title, "killed", (_what_happened(error, bench), _console_end(bench.guest)))


def _agent_lost(error: AgentLost, bench: Bench) -> Finding:
    return _error(
        "the guest's agent was lost",
        "agent-lost",
        (_what_happened(error, bench), _console_end(bench.guest)),
        recommendation="The agent is a Python process with its memory locked; see who killed it.",
    )


def _too_long(error: DeadlineExpired, bench: Bench) -> Finding:
    evidence = (_what_happened(error, bench), _console_end(bench.guest))
    return _error("the test ran out of its time", "test-timeout", evidence)


def _what_happened(error: Exception, bench: Bench) -> Evidence:
    return Evidence("scenario", f"step: {bench.step_name}\n{error}")


def _console_end(guest: Guest) -> Evidence:
    console = guest.console_log.read_bytes()
    offset = max(0, len(console) - CONSOLE_TAIL)
    return Evidence(guest.console_log.name, console[offset:].decode(errors="replace"), offset)


def _error(
    title: str,
    kind: str,
    evidence: tuple[Evidence, ...],
    *,
    frame: str | None = None,
    recommendation: str = "",
) -> Finding:
    return Finding(
        title=title,
        kind=kind,
        frame=frame,
        severity=Severity.ERROR,
        evidence=evidence,
        recommendation=recommendation,
    )


_EXPLAINERS: tuple[tuple[type[Exception], Callable[..., Finding | None]], ...] = (
    (GuestHung, _hang),
    (FilesystemError, _failed_step),
    (AgentLost, _agent_lost),
    (AgentError, _failed_request),
    (DeadlineExpired, _too_long),
)
