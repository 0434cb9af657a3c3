"""Run records: which processes and folders belong to which run, so that a dead run can be swept.

A run is one owner process with ``<runtime>/<run id>/`` (record, sockets) and
``<cache>/scratch/<run id>/`` (disks). Whoever starts next removes the runs whose owner is gone and
kills what they left, by pid and start time: a pid that was given to somebody else is not touched.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.paths import cache_root, runtime_root
from vexfs_provider.store import locked, write_atomically

OWNER = "owner.json"


def start_time(pid: int) -> int | None:
    """A process's start time in clock ticks since boot (``/proc/PID/stat`` field 22), or None."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = text[text.rindex(")") + 2 :].split()
    return None if state == "Z" else int(fields[18])


@dataclass(frozen=True)
class Run:
    """One run of ours: its identity and its two folders."""

    id: str
    folder: Path
    scratch: Path

    def adopt(self, pid: int, what: str) -> None:
        """Note that process ``pid`` belongs to this run."""
        record = {"pid": pid, "start": start_time(pid), "what": what}
        write_atomically(self.folder / f"{pid}.pid", json.dumps(record))

    def adopt_folder(self, folder: Path) -> None:
        """Note that ``folder`` is this run's: it is removed with it, by the sweep at the latest."""
        write_atomically(self.folder / f"{folder.name}.folder", str(folder))

    def release(self, pid: int) -> None:
        """The process has ended and was waited for."""
        (self.folder / f"{pid}.pid").unlink(missing_ok=True)


def begin_run() -> Run:
    """Start a run owned by this process."""
    run_id = f"r{secrets.token_hex(4)}"
    run = Run(run_id, runtime_root() / run_id, cache_root() / "scratch" / run_id)
    with locked(runtime_root() / ".lock"):
        run.folder.mkdir(mode=0o700)
        owner = {"pid": os.getpid(), "start": start_time(os.getpid()), "scratch": str(run.scratch)}
        write_atomically(run.folder / OWNER, json.dumps(owner))
    run.scratch.mkdir(parents=True)
    return run


def end_run(run: Run) -> None:
    """Kill what is still alive of the run and remove its folders."""
    _kill_recorded(run.folder)
    adopted = [Path(record.read_text()) for record in run.folder.glob("*.folder")]
    for folder in (*adopted, run.scratch, run.folder):
        if folder.exists():
            shutil.rmtree(folder)


@contextlib.contextmanager
def running() -> Iterator[Run]:
    """A run for the length of a ``with`` block; leftovers of dead runs are swept first."""
    sweep()
    run = begin_run()
    try:
        yield run
    finally:
        end_run(run)


def sweep() -> list[str]:
    """End every run whose owner is gone; returns their ids."""
    if not runtime_root().is_dir():
        return []
    with locked(runtime_root() / ".lock"):
        return [
            folder.name
            for folder in sorted(runtime_root().iterdir())
            if folder.is_dir() and _sweep_one(folder)
        ]


def _sweep_one(folder: Path) -> bool:
    try:
        owner = json.loads((folder / OWNER).read_text())
    except (FileNotFoundError, ValueError):
        owner = {"pid": 0, "start": 0, "scratch": ""}  # its owner died before it wrote the record
    if owner["pid"] and start_time(owner["pid"]) == owner["start"]:
        return False
    scratch = Path(owner["scratch"]) if owner["scratch"] else None
    end_run(Run(folder.name, folder, scratch or folder))
    return True


def _kill_recorded(folder: Path) -> None:
    for record_path in folder.glob("*.pid"):
        record = json.loads(record_path.read_text())
        kill_process(record["pid"], record["start"])


def kill_process(pid: int, started: int | None) -> None:
    """SIGKILL the process if it is still the one that started at ``started``."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # The descriptor pins the process, so the check and the signal cannot hit a successor.
        if started is not None and start_time(pid) == started:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)
