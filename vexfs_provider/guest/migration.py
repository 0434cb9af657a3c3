"""QEMU's migration, by which the state of a running guest goes into a file and comes back.

The guest's RAM is left out where it is a file by itself and QEMU has the capability
``x-ignore-shared``.
"""

from typing import BinaryIO

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestError
from vexfs_provider.guest.machine import Machine

IGNORE_SHARED = "x-ignore-shared"
TIMEOUT_S = 120.0


def save_state(machine: Machine, file: BinaryIO) -> bool:
    """Write the state to ``file`` and wait for the end; whether the RAM is left out.

    Raises ``GuestError`` with QEMU's reason, and ``DeadlineExpired``.
    """
    leaves_ram_out = _prepare(machine)
    machine.qmp.give_descriptor("state", file.fileno())
    start = len(machine.qmp.events)
    machine.qmp.execute("migrate", uri="fd:state")
    _wait_for_end(machine, start)
    return leaves_ram_out


def _prepare(machine: Machine) -> bool:
    """Have QEMU report its progress and leave the RAM file out, if it can; whether it can."""
    wanted = [{"capability": name, "state": True} for name in (IGNORE_SHARED, "events")]
    known = {entry["capability"] for entry in machine.qmp.execute("query-migrate-capabilities")}
    usable = [entry for entry in wanted if entry["capability"] in known]
    machine.qmp.execute("migrate-set-capabilities", capabilities=usable)
    return IGNORE_SHARED in known


def _wait_for_end(machine: Machine, start: int) -> None:
    deadline = Deadline(TIMEOUT_S, "saving the guest")
    status = ""
    while status != "completed":
        event = machine.wait_event("MIGRATION", deadline, start=start)
        start = machine.qmp.events.index(event, start) + 1
        status = event["data"]["status"]
        if status == "failed":
            reason = machine.qmp.execute("query-migrate").get("error-desc", "no reason given")
            raise GuestError(f"saving the guest failed: {reason}")


def load_state(machine: Machine, file: BinaryIO, *, without_ram: bool) -> None:
    """Have a machine that waits for its state read it from ``file``; returns before it is read.

    ``without_ram`` is what ``save_state`` returned.
    """
    if without_ram:
        wanted = [{"capability": IGNORE_SHARED, "state": True}]
        machine.qmp.execute("migrate-set-capabilities", capabilities=wanted)
    machine.qmp.give_descriptor("state", file.fileno())
    machine.qmp.execute("migrate-incoming", uri="fd:state")
