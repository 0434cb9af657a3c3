"""Loads that fio runs in the guest: files written, synced, dropped from the cache, read back.

fio compares every block with what it has written (``verify``), so a fast filesystem that loses
data is no fast one. Its options are described in fio(1).
"""

import errno
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.protocol import COMMAND_NOT_FOUND, CommandResult

JOB_FILE = "/run/vexfs/benchmark.fio"
TIMEOUT_S = 300.0
SMALL_FILE = 48 << 10  # bytes; fits into the blocks that an inode names itself, everywhere
TEXT_LIMIT = 1000  # characters of what fio says in a finding

_GLOBAL = """[global]
directory={folder}
ioengine=psync
thread
fallocate=none
randseed=1
verify=crc32c
verify_state_save=0
end_fsync=1
unlink=1
group_reporting
gtod_reduce=1
disk_util=0
"""


@dataclass(frozen=True)
class Load:
    """A group of fio's jobs: ``jobs`` of them at once, each with ``files`` of ``file_bytes`` bytes.

    ``pattern`` is fio's ``rw``, ``block`` the bytes of one request.
    """

    name: str
    pattern: str
    block: int
    files: int
    file_bytes: int
    jobs: int = 1

    @property
    def size(self) -> int:
        """Bytes that are to be written, and to be read."""
        return self.jobs * self.files * self.file_bytes

    @property
    def section(self) -> str:
        """Its part of the job file; it begins when the one before has ended."""
        return (
            f"[{self.name}]\nstonewall\nnew_group\nrw={self.pattern}\nbs={self.block}\n"
            f"nrfiles={self.files}\nfilesize={self.file_bytes}\nnumjobs={self.jobs}\n"
            "file_service_type=sequential\n"
        )


@dataclass(frozen=True)
class Fault:
    """What fio's result shows to be wrong; ``kind`` and ``title`` as a finding has them."""

    title: str
    kind: str
    expected: str
    actual: str


@dataclass(frozen=True)
class Outcome:
    """What a load gave: megabytes (10^6 bytes) a second, written and read, or a fault."""

    rate: float = 0.0
    fault: Fault | None = None


def run_fio(guest: Guest, folder: str, loads: Iterable[Load]) -> dict[str, Outcome]:
    """What each load gave, run one after another in ``folder``.

    Raises ``NotApplicable`` if the guest has no fio, and what ``Guest.run`` raises.
    """
    loads = list(loads)
    text = _GLOBAL.format(folder=folder) + "".join(load.section for load in loads)
    guest.put(JOB_FILE, text.encode())
    command = ["fio", "--output-format=json", JOB_FILE]
    result = guest.run(command, timeout_s=TIMEOUT_S)
    if result.status == COMMAND_NOT_FOUND:
        raise NotApplicable("the guest lacks fio; add the package to its image's recipe")
    return read_output(result, loads)


def read_output(result: CommandResult, loads: Iterable[Load]) -> dict[str, Outcome]:
    """What fio's output says of each load; one that it does not report is a fault too."""
    said = result.stderr.decode(errors="replace").strip()[-TEXT_LIMIT:]
    try:
        jobs = _jobs(result.stdout)
    except (ValueError, KeyError, TypeError) as error:
        jobs, said = {}, f"{said}\n{error!r}".strip()
    outcomes = {load.name: _outcome(load, jobs.get(load.name), said) for load in loads}
    if result.status != 0 and not any(one.fault for one in outcomes.values()):
        actual = f"exit status {result.status}: {said}"
        fault = Fault("fio failed", "fio-failed", "exit status 0", actual)
        return {name: Outcome(fault=fault) for name in outcomes}
    return outcomes


def _jobs(stdout: bytes) -> dict[str, Any]:
    """The jobs by name; fio may say something before its JSON."""
    document = json.loads(stdout[max(0, stdout.find(b"{")) :])
    return {job["jobname"]: job for job in document["jobs"]}


def _outcome(load: Load, job: dict[str, Any] | None, said: str) -> Outcome:
    if job is None:
        actual = said or "no word of it"
        fault = Fault(f"fio: {load.name} has no result", "fio-failed", "a result", actual)
        return Outcome(fault=fault)
    if job["error"]:
        return Outcome(fault=_error(load, job["error"], said))
    moved = {what: job[what]["io_bytes"] for what in ("write", "read")}
    for what, size in moved.items():
        if size != load.size:
            title = f"fio: {load.name}: short {what}"
            expected, actual = f"{load.size} bytes", f"{size} bytes, and no error\n{said}".strip()
            return Outcome(fault=Fault(title, "short-io", expected, actual))
    seconds = sum(job[what]["runtime"] for what in moved) / 1000
    return Outcome(rate=sum(moved.values()) / 1e6 / max(seconds, 0.001))


def _error(load: Load, number: int, said: str) -> Fault:
    """fio reports a block that is not what it wrote as EILSEQ."""
    if number == errno.EILSEQ:
        title, expected = f"fio: {load.name}: data mismatch", "the bytes that were written"
        return Fault(title, "data-mismatch", expected, said)
    name = errno.errorcode.get(number, str(number))
    return Fault(f"fio: {load.name}: unexpected {name}", "io-call-failed", "success", said)
