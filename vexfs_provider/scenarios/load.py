"""A load under which something happens to the guest: what it has acknowledged must stay there."""

import re
import time
from collections.abc import Mapping
from typing import Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.scenarios.bench import Bench

MODULE = "write_load"
WRITERS = 3
CALL_TIMEOUT_S = 60.0
PROGRESS_TIMEOUT_S = 30.0
END_TIMEOUT_S = 30.0
POLL_S = 0.02
SHOWN = 10
DOUBTFUL = "acknowledged_at_abort"

_ACKNOWLEDGED = re.compile(rb"^ack (\d+) (\d+)$", re.MULTILINE)
_FAILED = re.compile(rb"^error (\d+) (.*)$", re.MULTILINE)


class Load:
    """Writers on the mounted filesystem, in a new folder ``name``; see ``write_load`` in the guest.

    One load at a time: it has the guest's flight recorder for itself. ``pids`` are those in the
    guest, while it runs.
    """

    def __init__(self, bench: Bench, name: str):
        self._bench = bench
        self._folder = f"{bench.mountpoint}/{name}"
        self.pids: list[int] = []
        self._kept: dict[int, int] = {}
        self._volumes = bench.profile.can("indirect_blocks")

    def start(self, *, pinned: bool = False) -> None:
        """Start the writers, and wait until each has acknowledged something.

        Their own memory can be ``pinned``: then it is only the kernel that needs any for them.
        """
        guest = self._bench.guest
        guest.load_code(MODULE)
        guest.clear_flight()
        arguments: dict[str, Any] = {"folder": self._folder, "writers": WRITERS}
        arguments |= {"volumes": self._volumes, "pinned": pinned}
        self.pids = guest.call(MODULE, "start", CALL_TIMEOUT_S, **arguments)
        self.wait_for_progress("has just been started")

    def acknowledged(self) -> dict[int, int]:
        """The number of the last record that each writer has acknowledged."""
        latest = dict(self._kept)
        for writer, record in _ACKNOWLEDGED.findall(self._bench.guest.flight()):
            latest[int(writer)] = max(int(record), latest.get(int(writer), -1))
        return latest

    def failures(self) -> list[str]:
        """What ended writers before they were told to end, in words."""
        found = _FAILED.findall(self._bench.guest.flight())
        return [f"writer {int(number)}: {what.decode()}" for number, what in found]

    def failed(self) -> set[int]:
        """The numbers of the writers that were ended by a failure."""
        return {int(number) for number, _ in _FAILED.findall(self._bench.guest.flight())}

    def keep(self, acknowledged: Mapping[int, int]) -> None:
        """The guest is what it was when this was acknowledged; forget what it said since."""
        self._kept = dict(acknowledged)
        self._bench.guest.clear_flight()

    def remember(self) -> None:
        """Keep what was acknowledged: the next guest has a flight recorder of its own."""
        self._kept = self.acknowledged()

    def wait_for_progress(self, when: str) -> None:
        """Each writer must acknowledge something new; a finding if one does not in time.

        ``when`` goes on after "a load that", as "was paused". A writer that has failed is left to
        ``stop``.
        """
        deadline = Deadline(PROGRESS_TIMEOUT_S, "progress of the load")
        before = self._new()
        while not deadline.expired:
            now = self._new()
            waiting = [n for n in range(WRITERS) if now.get(n, 0) <= before.get(n, 0)]
            if not waiting or self.failures():
                return
            self._bench.guest.machine.watch()
            time.sleep(POLL_S)
        self._bench.fail(
            f"a load that {when} does not go on",
            kind="load-stopped",
            operation=f"{WRITERS} processes that write and fsync",
            expected=f"each acknowledges a record within {PROGRESS_TIMEOUT_S:g} s",
            actual=f"writers {waiting} acknowledge nothing",
        )

    def _new(self) -> dict[int, int]:
        """How many records each writer has acknowledged to the recorder as it is now."""
        counts: dict[int, int] = {}
        for writer, _ in _ACKNOWLEDGED.findall(self._bench.guest.flight()):
            counts[int(writer)] = counts.get(int(writer), 0) + 1
        return counts

    def lost(self) -> None:
        """The writers are gone with the kernel that they ran on."""
        self.pids = []

    def stop(self) -> None:
        """End the writers; one that has failed, or does not end, is a finding."""
        if self.pids:
            hanging = self.end()
            self._report([*self.failures(), *hanging])

    def end(self) -> list[str]:
        """End the writers; returns in words which of them do not."""
        pids, self.pids = self.pids, []
        arguments = {"pids": pids, "seconds": END_TIMEOUT_S}
        left = self._bench.guest.call(MODULE, "stop", CALL_TIMEOUT_S, **arguments)
        return [f"process {pid} does not end" for pid in left]

    def alive(self) -> list[int]:
        """The ids of those writers that have not ended."""
        found: list[int] = self._bench.guest.call(MODULE, "alive", CALL_TIMEOUT_S, pids=self.pids)
        return found

    def report_failures(self) -> None:
        """A writer that has failed is a finding."""
        self._report(self.failures())

    def _report(self, failures: list[str]) -> None:
        if failures:
            self._bench.fail(
                f"a load fails during {self._bench.during}",
                kind="load-failed",
                operation=f"{WRITERS} processes that write and fsync",
                expected="no call fails",
                actual="; ".join(failures),
            )

    def wait_for_failures(self) -> list[str]:
        """Wait until every writer has ended by itself, or for ``PROGRESS_TIMEOUT_S``.

        Returns what ended those that have.
        """
        deadline = Deadline(PROGRESS_TIMEOUT_S, "the end of the load")
        while len(found := self.failures()) < WRITERS and not deadline.expired:
            self._bench.guest.machine.watch()
            time.sleep(POLL_S)
        return found

    def verify_durable(self, when: str) -> None:
        """The same as ``verify`` where fsync is said to make data last; else nothing is known."""
        if self._bench.profile.can("durable_fsync"):
            self.verify(when)
        else:
            self._bench.unsupported(f"content {when}: needs durable_fsync")

    def verify(self, when: str) -> None:
        """Compare what was acknowledged with what is there; the load must not be running.

        ``when`` says what has happened, as "after a reset". The last record of a writer that has
        failed is doubtful where the profile expects ``acknowledged_at_abort``.
        """
        guest = self._bench.guest
        guest.load_code(MODULE)
        acknowledged = self.acknowledged()
        arguments: dict[str, Any] = {"folder": self._folder, "volumes": self._volumes}
        arguments["acknowledged"] = acknowledged
        doubtful = self._doubtful(acknowledged)
        lost: list[str] = []
        expected: list[str] = []
        for number, record, what in guest.call(MODULE, "compare", CALL_TIMEOUT_S, **arguments):
            (expected if (number, record) in doubtful else lost).append(what)
        self._report_lost(f"acknowledged data are lost or wrong {when}", lost, acknowledged)
        title = f"what fsync acknowledged last before it failed is lost {when}"
        why = self._bench.profile.expected_differences.get(DOUBTFUL, "")
        self._report_lost(title, expected, acknowledged, known=why)

    def _report_lost(
        self, title: str, wrong: list[str], acknowledged: Mapping[int, int], known: str = ""
    ) -> None:
        """``known`` says why it is expected of the filesystem."""
        if not wrong:
            return
        records = sum(last + 1 for last in acknowledged.values())
        self._bench.fail(
            title,
            kind="data-loss",
            operation=f"read what fsync acknowledged, of {records} records",
            expected="every byte of it",
            actual=f"{len(wrong)} are wrong: " + "; ".join(wrong[:SHOWN]),
            recommendation=known,
            known=bool(known),
        )

    def _doubtful(self, acknowledged: Mapping[int, int]) -> set[tuple[int, int]]:
        """The writers and records whose loss the profile expects."""
        if DOUBTFUL not in self._bench.profile.expected_differences:
            return set()
        return {(number, acknowledged[number]) for number in self.failed() & acknowledged.keys()}
