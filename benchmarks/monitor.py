"""What it costs to watch a guest: the processor time of QEMU and ourselves, with and without."""

import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.rows import RUNS, Row
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.launch import GuestSpec, start_guest
from vexfs_provider.isolation.runs import Run, running
from vexfs_provider.monitoring.monitor import Monitor
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

INTERVAL_S = 1
SETTLE_S = 2.0  # what a guest does after its start is not the monitor's
WINDOW_S = 8.0


def measure(progress: Progress) -> list[Row]:
    """The row of this group: percent of one processor, in a guest that does nothing else."""
    costs = []
    with running() as run, progress.task(f"the cost of the monitor, {RUNS} runs"):
        for _ in range(RUNS):
            without, watched = (_percent(run, progress, watch=watch) for watch in (False, True))
            costs.append(watched - without)
    return [Row("monitor_cpu_percent", statistics.median(costs), "%", at_most=2)]


def _percent(run: Run, progress: Progress, *, watch: bool) -> float:
    """Processor time in percent of the time that passed, of a fresh guest and this process."""
    with tempfile.TemporaryDirectory() as folder:
        spec, name = GuestSpec(start="warm"), Path(folder).name
        guest, _ = start_guest(spec, run, Path(folder), name=name, store=Store(), progress=progress)
        with guest, _watched(guest, Path(folder)) if watch else contextlib.nullcontext():
            time.sleep(SETTLE_S)
            before = _used_s(guest)
            time.sleep(WINDOW_S)
            return 100 * (_used_s(guest) - before) / WINDOW_S


@contextlib.contextmanager
def _watched(guest: Guest, folder: Path) -> Iterator[None]:
    monitor = Monitor(guest, "bench", folder / "samples.jsonl", INTERVAL_S)
    try:
        yield
    finally:
        monitor.stop()


def _used_s(guest: Guest) -> float:
    qemu, mine = psutil.Process(guest.machine.pid).cpu_times(), os.times()
    return qemu.user + qemu.system + mine.user + mine.system
