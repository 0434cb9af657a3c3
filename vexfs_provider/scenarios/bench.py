"""The bench a scenario works at: a guest, a filesystem on its disk, metrics and findings."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vexfs_provider import tracing
from vexfs_provider.detection import (
    Evidence,
    Expectation,
    Finding,
    Severity,
    Verdict,
    apply_expectations,
    scan,
    verdict,
)
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.capabilities import NOT_PROBED
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.profile import Profile
from vexfs_provider.guest.guest import Guest
from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.reach import DIRECT_BYTES
from vexfs_provider.record import Record
from vexfs_provider.scenarios.guest_keeper import (
    Load,
    Neighbour,
    Recover,
    Renew,
    Restart,
    Samples,
    Transition,
    Unmounted,
    no_neighbour,
    no_samples,
    nobody,
    nobody_cares,
)

MOUNTPOINT = "/mnt/test"


@dataclass(frozen=True)
class Probe:
    """Whether a capability is there; if not, ``detail`` says what was seen instead."""

    present: bool
    detail: str = ""


class Bench:
    """One guest with one filesystem under test; ``device`` is empty for one without a device.

    Guest and filesystem are replaced by fresh ones when a defect has spoiled them (``recover``).
    ``lists`` has, by the title of a finding, the list of operations that shows it, if one does;
    ``references`` names the filesystems that lists were compared with. ``kernel_config`` is the
    text of the guest kernel's configuration.
    """

    guest: Guest
    filesystem: Filesystem
    device: str
    step_name: str
    step_title: str

    def __init__(self, profile: Profile, record: Record, events: EventLog):
        self.profile = profile
        self.record = record
        self.events = events
        self.mountpoint = MOUNTPOINT
        self.kernel_config = ""
        self._made = False
        self.probes: dict[str, Probe] = {}
        self.load: Load = nobody
        self.recover: Recover = nobody
        self.restart: Restart = nobody
        self.renew: Renew = nobody
        self.transition: Transition = nobody
        self.neighbour: Neighbour = no_neighbour
        self.samples: Samples = no_samples
        self.unmounted: Unmounted = nobody_cares
        self.references: tuple[str, ...] = ()
        self.lists: dict[str, tuple[Operation, ...]] = {}
        self.reset()

    @property
    def capabilities(self) -> frozenset[str]:
        """What the filesystem has been seen to be able to, and its claims that no probe can test.

        A capability that nobody has asked ``probing.probe`` for is not among them.
        """
        seen = {name for name, probe in self.probes.items() if probe.present}
        return frozenset(seen | (self.profile.capabilities & NOT_PROBED.keys()))

    def file_bytes(self, wanted: int) -> int:
        """So many bytes, or as many as a file of the filesystem may have."""
        return wanted if self.profile.can("indirect_blocks") else min(wanted, DIRECT_BYTES)

    def reset(self, *, keep_disks: bool = False) -> None:
        """Forget what belonged to the last guest; called when a fresh one is in place.

        ``keep_disks`` says that it has the disks of the last one.
        """
        self._made = keep_disks and self._made
        self.expectations: list[Expectation] = []
        self.name_step("")
        self._mounted = False
        self._console_read = 0

    def forget_mount(self) -> None:
        """It is mounted no longer: the guest has booted, or has unmounted it by itself."""
        self._mounted = False

    @contextlib.contextmanager
    def step(self, name: str, which: object = "") -> Iterator[None]:
        """A named part of the scenario: in the diary, and in every finding made within it.

        ``which`` of those with that name it is, as a number: no title has that.
        """
        outer, inner = (self.step_name, self.step_title), f"{name} {which}".rstrip()
        self.step_name, self.step_title = inner, name
        self.events.add("step", name=inner)
        try:
            with tracing.span(f"step {name}", **{"vexfs.step": inner}):
                yield
            # Left as it is when an exception passes: the name is part of what is reported.
            self.step_name, self.step_title = outer
        finally:
            self.events.add("step ended", name=inner)

    def name_step(self, name: str) -> None:
        """Findings from now on are of this step, which is not in the diary."""
        self.step_name = self.step_title = name

    @property
    def during(self) -> str:
        """The step, in words that a title may have."""
        return self.step_title or "the scenario"

    def make(self, purpose: str = "") -> None:
        """A fresh filesystem on the device; for a purpose, see ``Filesystem.make``."""
        with self.step("mkfs"):
            self.filesystem.make(self.device, purpose)
            self._made = True

    def mount(self, options: Sequence[str] = ()) -> float:
        """Mount the filesystem at ``mountpoint``; returns the seconds that the command took."""
        with self.step("mount"):
            seconds = self.filesystem.mount(self.device, self.mountpoint, options)
            self._mounted = True
            self._verify_mounted(True, self.device or self.profile.name)
        return seconds

    def unmount(self) -> float:
        """Unmount it; returns the seconds that the command took."""
        with self.step("unmount"):
            seconds = self.filesystem.unmount(self.mountpoint)
            self._mounted = False
            self._verify_mounted(False, self.device or self.profile.name)
        self.unmounted()
        return seconds

    def _verify_mounted(self, wanted: bool, what: str) -> None:
        """Look into the kernel's own list: a mount that did nothing would let everything pass."""
        entries = self.guest.get("/proc/self/mounts").decode(errors="replace").splitlines()
        mounted = [line for line in entries if line.split()[1] == self.mountpoint]
        if bool(mounted) != wanted:
            self.fail(
                f"{'mount' if wanted else 'unmount'} succeeded without effect",
                kind="mount-without-effect",
                operation=f"{'mount' if wanted else 'unmount'} {what} at {self.mountpoint}",
                expected=f"{'one entry' if wanted else 'no entry'} in /proc/self/mounts",
                actual="; ".join(mounted) or "no entry",
            )

    def finish(self) -> None:
        """Unmount if still mounted, and run the filesystem's own check where it has one."""
        if self._mounted:
            self.unmount()
        if not self.device or not self._made:
            return
        with self.step("check"):
            result = self.filesystem.check(self.device)
        if not result.available:
            self.unsupported(f"check: {result.output}")
        elif not result.ok:
            name = self.profile.name
            self.fail(
                f"{name}: its own check finds damage",
                kind="fs-check",
                operation="check after the scenario",
                expected="a clean filesystem",
                actual=result.output,
            )

    def kernel_trouble(self) -> bool:
        """Whether the kernel has reported something that fails the test since the last look.

        The findings themselves are recorded when the guest ends.
        """
        start = max(self._console_read, self.guest.console_start)
        console = self.guest.console_log.read_bytes()
        self._console_read = len(console)
        found = apply_expectations(scan(console, start=start), self.expectations)
        return verdict(found) is Verdict.FAIL

    def keep_list(self, title: str, operations: Sequence[Operation]) -> None:
        """Keep the shortest list of operations that has shown a finding, to be reduced later."""
        kept = self.lists.get(title)
        if kept is None or len(operations) < len(kept):
            self.lists[title] = tuple(operations)

    def unsupported(self, what: str) -> None:
        """Note what this filesystem or guest cannot do; reports show it."""
        if what not in self.record.unsupported:
            self.record.unsupported.append(what)

    def expect(self, pattern: str, *, required: bool = False) -> None:
        """Declare a kernel finding that the scenario provokes, from now on in this console."""
        start = self.guest.console_log.stat().st_size
        self.expectations.append(Expectation(pattern, required, start))
        self.events.add("expect", pattern=pattern, required=required)

    @contextlib.contextmanager
    def expecting(self, pattern: str, *, required: bool = False) -> Iterator[None]:
        """Like ``expect``, for what the kernel says within it."""
        self.expect(pattern, required=required)
        expectation = self.expectations[-1]
        yield
        self.events.add("expect ended", pattern=pattern)
        if expectation in self.expectations:  # else it is another guest's console by now
            end = self.guest.console_log.stat().st_size + 1
            place = self.expectations.index(expectation)
            self.expectations[place] = replace(expectation, end=end)

    def fail(
        self,
        title: str,
        *,
        kind: str,
        operation: str,
        expected: str,
        actual: str,
        recommendation: str = "",
        severity: Severity = Severity.ERROR,
        known: bool = False,
    ) -> None:
        """Add a finding: what was done, what should have come of it and what did.

        One that is ``known`` fails no test.
        """
        where = f"step: {self.step_name}\n" if self.step_name else ""
        text = f"{where}operation: {operation}\nexpected: {expected}\nactual: {actual}"
        finding = Finding(
            title=title,
            kind=kind,
            frame=None,
            severity=severity,
            evidence=(Evidence("scenario", text),),
            recommendation=recommendation,
            known=known,
        )
        self.record.findings.append(finding)
        self.events.add("finding", title=title)
