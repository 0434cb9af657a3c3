"""Samples of one process of the host, such as a guest's QEMU, into ``samples.jsonl``."""

import json
import threading
import time
from pathlib import Path

import psutil

INTERVAL_S = 1.0


class ProcessSampler:
    """Writes one JSON object a line every ``INTERVAL_S`` until stopped or the process ends.

    Fields: ``time`` (seconds since the epoch), ``name``, ``cpu_percent`` (of one core, since the
    last sample), ``rss_mib`` (resident memory, shared pages included), ``read_mib`` and
    ``written_mib`` (since the process started, at the block layer).
    """

    def __init__(self, pid: int, name: str, path: Path):
        self._process = psutil.Process(pid)
        self._name = name
        self._path = path
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"samples-{name}", daemon=True)
        self._process.cpu_percent()  # the first call only starts the interval
        self._thread.start()

    def stop(self) -> None:
        """End the sampling; the last sample is written by then."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        with open(self._path, "a", buffering=1) as file:
            while not self._end.wait(INTERVAL_S):
                try:
                    file.write(json.dumps(self._sample()) + "\n")
                except psutil.NoSuchProcess:
                    return

    def _sample(self) -> dict[str, object]:
        with self._process.oneshot():
            counters = self._process.io_counters()
            return {
                "time": round(time.time(), 3),
                "name": self._name,
                "cpu_percent": self._process.cpu_percent(),
                "rss_mib": self._process.memory_info().rss >> 20,
                "read_mib": counters.read_bytes >> 20,
                "written_mib": counters.write_bytes >> 20,
            }
