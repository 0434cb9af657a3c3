"""Samples of one guest and of its host, written by a thread while a test runs."""

import json
import os
import select
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import psutil

from vexfs_provider.errors import DeadlineExpired, GuestError
from vexfs_provider.guest.guest import Guest
from vexfs_provider.monitoring.sides import GuestSide, HostSide, Sample
from vexfs_provider.monitoring.summary import Summary

KEPT = 4096  # samples, the latest ones


class Monitor:
    """Adds a sample to a file every ``interval_s`` seconds, until it is stopped or QEMU ends.

    ``name`` is the guest's name in them. A guest that cannot be sampled fails no test: what is
    missing, and why, is in the summary. ``stop`` must be called, once.
    """

    def __init__(self, guest: Guest, name: str, path: Path, interval_s: int):
        self._guest = guest
        self._name = name
        self._path = path
        self._interval_s = interval_s
        self._missing: list[str] = []
        self._host_side = HostSide(guest.machine.pid)
        self._guest_side = self._open_guest_side(guest)
        self._summary = Summary()
        self._kept: deque[Sample] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._stop = os.eventfd(0)
        self._thread = threading.Thread(target=self._run, name=f"monitor-{name}", daemon=True)
        self._thread.start()

    def _open_guest_side(self, guest: Guest) -> GuestSide | None:
        try:
            side = GuestSide(guest, self._interval_s)
        except (GuestError, DeadlineExpired) as error:
            self._missing = [f"the guest's side: {error}"]
            return None
        self._missing = side.missing
        return side

    @property
    def sees_guest(self) -> bool:
        """Whether the guest's own side is sampled, and not only what its host sees of it."""
        return self._guest_side is not None

    def samples(self, start_s: float, end_s: float) -> list[Sample]:
        """The samples of the time between two of the host's (seconds since the epoch)."""
        with self._lock:
            return [one for one in self._kept if start_s <= one["time"] <= end_s]

    def stop(self) -> dict[str, Any]:
        """End the sampling, with a last sample; the summary, as JSON values for the record."""
        os.eventfd_write(self._stop, 1)
        self._thread.join()
        os.close(self._stop)
        if self._guest_side is not None:
            self._guest_side.close()
            if self._guest_side.refused:
                self._missing.append(f"{self._guest_side.refused} lines that were no samples")
        return {"name": self._name, "missing": self._missing, **self._summary.to_dict()}

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        if self._guest_side is not None:
            poll.register(self._guest_side, select.POLLIN)
        due = time.monotonic() + self._interval_s
        with open(self._path, "a", buffering=1) as file:
            while True:
                ready = [number for number, _ in poll.poll(max(0.0, due - time.monotonic()) * 1000)]
                stopping = self._stop in ready
                if self._guest_side is not None and self._guest_side.fileno() in ready:
                    self._take_guest(file, self._guest_side, poll)
                if stopping or time.monotonic() >= due:
                    due = max(due + self._interval_s, time.monotonic())
                    if not self._take_host(file) or stopping:
                        return

    def _take_guest(self, file: TextIO, side: GuestSide, poll: select.poll) -> None:
        try:
            self._keep(file, side.take())
        except GuestError:  # QEMU has ended, or the port was unplugged
            poll.unregister(side)

    def _take_host(self, file: TextIO) -> bool:
        """Whether QEMU is still there. The console's length is noted by the way."""
        self._guest.diary.mark()
        try:
            self._keep(file, self._host_side.take())
        except psutil.Error:
            return False
        return True

    def _keep(self, file: TextIO, samples: Iterable[Sample]) -> None:
        for found in samples:
            sample = {"name": self._name, **found}
            file.write(json.dumps(_rounded(sample)) + "\n")
            with self._lock:
                self._kept.append(sample)
                self._summary.add(sample)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, 3) if isinstance(value, float) else value
