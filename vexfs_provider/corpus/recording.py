"""A guest for each log: started, made to do something, its console kept, ended."""

import contextlib
import re
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from vexfs_provider.corpus.plan import Task
from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import DeadlineExpired, GuestError
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.launch import GuestSpec, start_guest
from vexfs_provider.guest.machine import State
from vexfs_provider.isolation.runs import Run
from vexfs_provider.progress import SILENT
from vexfs_provider.store import Store

MODULE = "/run/vexfs/vexfs_crash.ko"
SCRIPT = "/run/vexfs/script"
START_TIMEOUT_S = 20.0
POLL_S = 0.05
QUIET_S = 0.4
LONGEST_ECHO_S = 5.0
ENDED = "vexfs_corpus: the script has ended"
_END_LINE = re.compile(rb"(?m)^[^\n]*%s[^\n]*\n?" % ENDED.encode())
"""Taken out of the log again: it would tell a reader that the guest survived."""


@dataclass(frozen=True)
class Recorder:
    """What all recordings of a build have in common; ``modules`` by the kernel's name."""

    run: Run
    modules: dict[str, Path]
    accelerator: str
    store: Store

    def record(self, task: Task) -> bytes:
        """The console of a guest that did the task, until what it was to say has been said.

        It ends earlier if the guest does, and at the latest after the task's time. Raises
        ``GuestError`` if the guest does not start, or a test of level 1 does not pass.
        """
        with tempfile.TemporaryDirectory(prefix="vexfs-corpus-") as folder:
            if task.test:
                return task.test.console(task.kernel, Path(folder), self.store)
            return self._console(task, Path(folder))

    def _console(self, task: Task, folder: Path) -> bytes:
        spec = GuestSpec(
            kernel=task.kernel.name,
            shape=replace(task.setting.shape, accelerator=self.accelerator),
            disks=(task.setting.disk,) if task.disk else (),
            start="cold" if task.script is None else "warm",
        )
        with self._start(spec, folder) as guest:
            if task.script is not None:
                device = guest.disk_path(task.setting.disk.name) if task.disk else ""
                _run_script(guest, self.modules[task.kernel.name], task.script, device)
                _wait_for(guest, (task.says or ENDED).encode(), task.wait_s)
            _wait_for_quiet(guest)
            return _END_LINE.sub(b"", guest.console_log.read_bytes())

    def _start(self, spec: GuestSpec, folder: Path) -> Guest:
        guest, _ = start_guest(
            spec, self.run, folder, name="corpus", store=self.store, progress=SILENT
        )
        return guest


def _run_script(guest: Guest, module: Path, script: str, device: str) -> None:
    """Start the script; the module is there, and ``DISK`` names the disk."""
    guest.put(MODULE, module.read_bytes())
    guest.put(SCRIPT, f"{script}\necho '{ENDED}' >/dev/kmsg\n".encode())
    start = f"insmod {MODULE}; DISK={device} sh {SCRIPT} >/run/vexfs/output 2>&1 &"
    with contextlib.suppress(GuestError, DeadlineExpired):  # it may crash at once
        guest.run(["sh", "-c", start], timeout_s=START_TIMEOUT_S)


def _wait_for(guest: Guest, words: bytes, wait_s: float) -> None:
    """Until the console holds ``words`` behind the guest's start, or nothing more can come."""
    deadline = Deadline(wait_s, "the report")
    while words not in guest.console() and guest.state() is State.RUNNING:
        if deadline.expired:
            return
        time.sleep(POLL_S)


def _wait_for_quiet(guest: Guest) -> None:
    """Let what is being printed come to its end, which nothing announces."""
    deadline = Deadline(LONGEST_ECHO_S, "the end of the report")
    size = -1
    while size != (size := guest.console_log.stat().st_size) and not deadline.expired:
        time.sleep(QUIET_S)
