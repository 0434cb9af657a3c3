"""The bench a scenario works at: a guest, a filesystem on its disk, metrics and findings."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vexfs_provider.detection import Evidence, Expectation, Finding, Severity
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.guest.guest import Guest
from vexfs_provider.record import Record

MOUNTPOINT = "/mnt/test"


@dataclass
class Bench:
    """One guest with one filesystem under test; ``device`` is empty for one without a device."""

    guest: Guest
    filesystem: Filesystem
    device: str
    record: Record
    events: EventLog
    mountpoint: str = MOUNTPOINT
    expectations: list[Expectation] = field(default_factory=list)
    step_name: str = ""
    _mounted: bool = False

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A named part of the scenario: in the diary, and in every finding made within it."""
        outer, self.step_name = self.step_name, name
        self.events.add("step", name=name)
        try:
            yield
            # Left as it is when an exception passes: the name is part of what is reported.
            self.step_name = outer
        finally:
            self.events.add("step ended", name=name)

    def make(self) -> None:
        """A fresh filesystem on the device."""
        with self.step("mkfs"):
            self.filesystem.make(self.device)

    def mount(self, options: Sequence[str] = ()) -> None:
        """Mount the filesystem at ``mountpoint``."""
        with self.step("mount"):
            self.filesystem.mount(self.device, self.mountpoint, options)
        self._mounted = True

    def unmount(self) -> None:
        """Unmount it; a finding is made of a failure by whoever runs the scenario."""
        with self.step("unmount"):
            self.filesystem.unmount(self.mountpoint)
        self._mounted = False

    def finish(self) -> None:
        """Unmount if still mounted, and run the filesystem's own check where it has one."""
        if self._mounted:
            self.unmount()
        if not self.device:
            return
        with self.step("check"):
            result = self.filesystem.check(self.device)
        if not result.available:
            self.unsupported(f"check: {result.output}")
        elif not result.ok:
            name = self.filesystem.profile.name
            self.fail(
                f"{name}: its own check finds damage",
                kind="fs-check",
                operation="check after the scenario",
                expected="a clean filesystem",
                actual=result.output,
            )

    def unsupported(self, what: str) -> None:
        """Note what this filesystem or guest cannot do; reports show it."""
        if what not in self.record.unsupported:
            self.record.unsupported.append(what)

    def expect(self, pattern: str, *, required: bool = False) -> None:
        """Declare a kernel finding that the scenario provokes, from now on in this console."""
        start = self.guest.console_log.stat().st_size
        self.expectations.append(Expectation(pattern, required, start))

    def fail(
        self,
        title: str,
        *,
        kind: str,
        operation: str,
        expected: str,
        actual: str,
        recommendation: str = "",
    ) -> None:
        """Add a finding: what was done, what should have come of it and what did."""
        where = f"step: {self.step_name}\n" if self.step_name else ""
        text = f"{where}operation: {operation}\nexpected: {expected}\nactual: {actual}"
        finding = Finding(
            title=title,
            kind=kind,
            frame=None,
            severity=Severity.ERROR,
            evidence=(Evidence("scenario", text),),
            recommendation=recommendation,
        )
        self.record.findings.append(finding)
        self.events.add("finding", title=title)
