"""Whether a filesystem takes writes again when a fault is over, and how soon."""

import time

from vexfs_provider.deadline import Deadline
from vexfs_provider.scenarios.bench import Bench

REFUSALS = ("EIO", "ENOSPC", "EROFS", "ESHUTDOWN")
"""What a call may fail with when writes fail, or the filesystem has given up for it."""

TIMEOUT_S = 60.0
POLL_S = 0.01


def recover(bench: Bench, when: str) -> float:
    """Have the filesystem take writes again, by a remount if it has given up; the milliseconds.

    ``when`` says what has ended, as "its disk works again". That it never does is a finding.
    """
    start = time.monotonic()
    if not _writes(bench):
        bench.unmount()
        bench.mount()
        deadline = Deadline(TIMEOUT_S, "recovery from a fault")
        while not _writes(bench):
            if deadline.expired:
                bench.fail(
                    f"a filesystem takes no writes when {when}",
                    kind="no-recovery",
                    operation="write and fsync, after a remount",
                    expected=f"success within {TIMEOUT_S:g} s",
                    actual="every try failed",
                )
                break
            time.sleep(POLL_S)
    return (time.monotonic() - start) * 1000


def _writes(bench: Bench) -> bool:
    """Whether a new file can be written and fsynced."""
    path = f"{bench.mountpoint}/after_the_fault"
    command = ["dd", "if=/dev/zero", f"of={path}", "bs=4096", "count=4", "conv=fsync"]
    return bench.guest.run(command, timeout_s=TIMEOUT_S).ok
