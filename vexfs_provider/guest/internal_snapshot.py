"""Snapshots of a running machine that lie in its qcow2 disks: memory, devices and disks together.

What HMP calls savevm and loadvm. The read-only disks are left out.
"""

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestError
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.migration import take_ram_along

TIMEOUT_S = 120.0
_JOB = "internal-snapshot"


def save(guest: Guest, tag: str) -> None:
    """Save the running guest under ``tag``; it goes on.

    Raises ``GuestError`` with QEMU's reason, which also is that a disk is not qcow2.
    """
    # A file that is the machine's own RAM would otherwise not become part of it.
    take_ram_along(guest.machine.qmp)
    _run_job(guest, "snapshot-save", tag)


def load(guest: Guest, tag: str) -> None:
    """Go back to what was saved under ``tag``. Raises ``GuestError`` with QEMU's reason."""
    guest.machine.qmp.execute("stop")
    _run_job(guest, "snapshot-load", tag)
    guest.machine.qmp.execute("cont")


def _run_job(guest: Guest, command: str, tag: str) -> None:
    machine = guest.machine
    nodes = [disk.name for disk in guest.disks.values()]
    deadline = Deadline(TIMEOUT_S, command)
    start = len(machine.qmp.events)
    arguments = {"job-id": _JOB, "tag": tag, "vmstate": nodes[0], "devices": nodes}
    machine.qmp.execute_raw(command, arguments)
    while True:
        event = machine.wait_event("JOB_STATUS_CHANGE", deadline, start=start)
        start = machine.qmp.events.index(event, start) + 1
        if event["data"]["id"] == _JOB and event["data"]["status"] == "concluded":
            break
    job = next(one for one in machine.qmp.execute("query-jobs") if one["id"] == _JOB)
    machine.qmp.execute("job-dismiss", id=_JOB)
    if "error" in job:
        raise GuestError(f"QEMU's {command} failed: {job['error']}")
