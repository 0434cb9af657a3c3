"""Memory that runs short for some processes in the guest: by a limit, or by failing allocations."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from vexfs_provider.errors import GuestError, NotApplicable
from vexfs_provider.guest.guest import Guest

TIMEOUT_S = 60.0
CGROUPS = "/sys/fs/cgroup"
FAILSLAB = "/sys/kernel/debug/failslab"


class Shortage(Protocol):
    """A shortage of memory that some processes can be put under."""

    def inject(self, pids: Sequence[int]) -> None:
        """The processes get no memory from now on, or not always."""

    def struck(self) -> int:
        """How many allocations it has refused so far."""

    def killed(self) -> int:
        """How many processes the kernel has killed for it so far."""

    def remove(self) -> None:
        """There is enough memory again."""

    def close(self) -> None:
        """Leave the guest as it was; the processes must have ended."""


class MemoryLimit:
    """A memory cgroup whose limit falls to nothing (Linux: admin-guide/cgroup-v2.rst).

    What its processes allocate, their part of the page cache and of the filesystem's own objects
    included, is refused then: the kernel kills them for it, or where they may not be killed
    (``killable``) their calls fail. Raises ``NotApplicable`` where the guest has no such cgroups.
    """

    def __init__(self, guest: Guest, *, killable: bool):
        self._guest = guest
        self._killable = killable
        self._folder = f"{CGROUPS}/vexfs_fault"
        script = f"echo +memory > {CGROUPS}/cgroup.subtree_control && mkdir {self._folder}"
        made = guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)
        if not made.ok:
            raise NotApplicable(f"the guest has no memory cgroup: {made.text.strip()}")

    def inject(self, pids: Sequence[int]) -> None:
        """The processes get nothing more from now on."""
        # First: a limit that falls kills by itself, wherever its processes are.
        self._sh(f"echo 0 > {self._folder}/memory.max")
        for pid in pids:
            score = 0 if self._killable else -1000
            self._sh(f"echo {score} > /proc/{pid}/oom_score_adj")
            self._sh(f"echo {pid} > {self._folder}/cgroup.procs")

    def struck(self) -> int:
        """How often an allocation has met the limit, with nothing to reclaim."""
        return self._event("oom")

    def killed(self) -> int:
        """How many of its processes the kernel has killed."""
        return self._event("oom_kill")

    def remove(self) -> None:
        """There is no limit any more."""
        self._sh(f"echo max > {self._folder}/memory.max")

    def close(self) -> None:
        """Remove the cgroup."""
        self._sh(f"rmdir {self._folder}")

    def _event(self, name: str) -> int:
        events = self._sh(f"cat {self._folder}/memory.events")
        found = re.search(rf"^{name} (\d+)$", events, re.MULTILINE)
        if found is None:
            raise GuestError(f"memory.events has no {name!r}: {events!r}")
        return int(found[1])

    def _sh(self, script: str) -> str:
        return _sh(self._guest, script)


class FailingAllocations:
    """Allocations of slab objects fail, by chance (Linux: fault-injection/fault-injection.rst).

    Raises ``NotApplicable`` where the kernel was built without failslab.
    """

    PERCENT = 5
    MOST = 1_000_000

    def __init__(self, guest: Guest):
        self._guest = guest
        if not guest.run(["test", "-d", FAILSLAB], timeout_s=TIMEOUT_S).ok:
            raise NotApplicable("the guest's kernel has no failslab; guest_kernel = debug has")
        _sh(guest, f"echo {self.MOST} > {FAILSLAB}/times")

    def inject(self, pids: Sequence[int]) -> None:
        """So many of the processes' allocations fail, also those that may wait for memory."""
        settings = {"task-filter": "Y", "ignore-gfp-wait": "N", "interval": 1, "verbose": 0}
        settings["probability"] = self.PERCENT
        marks = [f"echo 1 > /proc/{pid}/make-it-fail" for pid in pids]
        values = [f"echo {value} > {FAILSLAB}/{name}" for name, value in settings.items()]
        _sh(self._guest, " && ".join([*marks, *values]))

    def struck(self) -> int:
        """How many allocations have failed."""
        return self.MOST - int(_sh(self._guest, f"cat {FAILSLAB}/times"))

    def killed(self) -> int:
        """None: the allocations of a process' own memory are no slab's."""
        return 0

    def remove(self) -> None:
        """All allocations succeed again."""
        _sh(self._guest, f"echo 0 > {FAILSLAB}/probability")

    def close(self) -> None:
        """Nothing is left of it."""


def limit_that_kills(guest: Guest) -> Shortage:
    """A limit at which processes are killed."""
    return MemoryLimit(guest, killable=True)


def limit_that_refuses(guest: Guest) -> Shortage:
    """A limit at which calls fail, since nobody may be killed."""
    return MemoryLimit(guest, killable=False)


WAYS: Mapping[str, Callable[[Guest], Shortage]] = {
    "limit_that_kills": limit_that_kills,
    "limit_that_refuses": limit_that_refuses,
    "failslab": FailingAllocations,
}


def _sh(guest: Guest, script: str) -> str:
    done = guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)
    if not done.ok:
        raise GuestError(f"{script} failed in the guest: {done.text.strip()}")
    return done.text
