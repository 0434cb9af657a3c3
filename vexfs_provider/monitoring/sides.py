"""Where the samples of a guest come from: the guest itself, and the host that it runs on."""

import time
from collections.abc import Iterator
from typing import Any

import psutil

from vexfs_provider.errors import GuestDied, GuestError
from vexfs_provider.guest.guest import Guest
from vexfs_provider.monitoring import guest_counters, host
from vexfs_provider.monitoring.channel import plug_port, start_sampler
from vexfs_provider.monitoring.guest_clock import GuestClock
from vexfs_provider.monitoring.noise import noise

LINE_LIMIT = 1 << 16  # bytes; a hostile guest must not exhaust the host
RECEIVE_SIZE = 1 << 16
LEAST_S = 0.05  # between two readings: less tells nothing

Sample = dict[str, Any]


class HostSide:
    """Samples of the host and of the process ``pid``, QEMU's; one thread is to take them.

    Raises ``GuestDied`` if there is no such process.
    """

    def __init__(self, pid: int):
        try:
            self._process = psutil.Process(pid)
            self._before = host.read_counters(self._process)
        except psutil.Error as error:
            raise GuestDied(f"QEMU ended before it could be watched: {error}") from error
        self._cost = 0.0

    def take(self) -> Iterator[Sample]:
        """A sample of the time since the last one. Raises ``psutil.Error``.

        It has ``noise``, in words, if something else used the host meanwhile.
        """
        after = host.read_counters(self._process)
        seconds = after.time - self._before.time
        if seconds < LEAST_S:
            return
        values: Sample = {**host.difference(self._before, after), **host.levels(self._process)}
        words = noise(self._before, after)
        if words:
            values["noise"] = words
        cost = time.thread_time()
        values["cost_percent"] = (cost - self._cost) * 100 / seconds
        self._before, self._cost = after, cost
        yield {"time": time.time(), "source": "host", **values}


class GuestSide:
    """Samples that a guest sends. Raises ``GuestError`` or ``DeadlineExpired`` if it cannot.

    ``missing`` are files that its kernel lacks, ``refused`` counts lines that were no samples.
    """

    def __init__(self, guest: Guest, interval_s: int):
        self.refused = 0
        self._socket = plug_port(guest.machine.qmp)
        try:
            self.missing = [f"/proc/{name}" for name in start_sampler(guest, interval_s)]
        except BaseException:
            self._socket.close()
            raise
        self._clock = GuestClock()
        self._rest = b""
        self._before: guest_counters.Reading | None = None

    def fileno(self) -> int:
        """What becomes readable when there is something to ``take``."""
        return self._socket.fileno()

    def take(self) -> Iterator[Sample]:
        """The samples that have come. Raises ``GuestError`` if no more will."""
        try:
            data = self._socket.recv(RECEIVE_SIZE)
        except OSError as error:
            raise GuestError(f"the guest's samples: {error}") from error
        if not data:
            raise GuestError("the guest's samples: end of file")
        arrived_s = time.time()
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            self._rest = b""
        for line in lines:
            yield from self._sample(line, arrived_s)

    def _sample(self, line: bytes, arrived_s: float) -> Iterator[Sample]:
        try:
            after = guest_counters.parse_line(line)
        except guest_counters.BadLine:
            self.refused += 1
            return
        before, self._before = self._before, after
        when = self._clock.to_host(after.time, arrived_s)
        if before is not None and after.time - before.time >= LEAST_S:
            yield {"time": when, "source": "guest", **guest_counters.difference(before, after)}

    def close(self) -> None:
        self._socket.close()
