"""QEMU's migration: a running guest's state goes into a file and comes back, or to a second QEMU.

Of a state in a file the guest's RAM is left out where it is a file by itself and QEMU has the
capability ``x-ignore-shared``.
"""

import contextlib
import socket
from typing import BinaryIO

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestError
from vexfs_provider.guest.machine import Machine
from vexfs_provider.guest.qmp import Qmp

IGNORE_SHARED = "x-ignore-shared"
TIMEOUT_S = 120.0
_EVENTS = {"capability": "events", "state": True}
BANDWIDTH = 4 << 30  # bytes a second: no network has to be spared


def save_state(machine: Machine, file: BinaryIO) -> bool:
    """Write the state to ``file`` and wait for the end; whether the RAM is left out.

    Raises ``GuestError`` with QEMU's reason, and ``DeadlineExpired``.
    """
    leaves_ram_out = _prepare(machine)
    machine.qmp.give_descriptor("state", file.fileno())
    start = len(machine.qmp.events)
    machine.qmp.execute("migrate", uri="fd:state")
    _wait_for_end(machine, start, "saving the guest")
    return leaves_ram_out


def _prepare(machine: Machine) -> bool:
    """Have QEMU report its progress and leave the RAM file out, if it can; whether it can."""
    wanted = [{"capability": name, "state": True} for name in (IGNORE_SHARED, "events")]
    known = {entry["capability"] for entry in machine.qmp.execute("query-migrate-capabilities")}
    usable = [entry for entry in wanted if entry["capability"] in known]
    machine.qmp.execute("migrate-set-capabilities", capabilities=usable)
    return IGNORE_SHARED in known


def _wait_for_end(machine: Machine, start: int, what: str) -> None:
    deadline = Deadline(TIMEOUT_S, what)
    status = ""
    while status != "completed":
        event = machine.wait_event("MIGRATION", deadline, start=start)
        start = machine.qmp.events.index(event, start) + 1
        status = event["data"]["status"]
        if status == "failed":
            reason = machine.qmp.execute("query-migrate").get("error-desc", "no reason given")
            raise GuestError(f"{what} failed: {reason}")


def load_state(machine: Machine, file: BinaryIO, *, without_ram: bool) -> None:
    """Have a machine that waits for its state read it from ``file``; returns before it is read.

    ``without_ram`` is what ``save_state`` returned.
    """
    if without_ram:
        wanted = [{"capability": IGNORE_SHARED, "state": True}]
        machine.qmp.execute("migrate-set-capabilities", capabilities=wanted)
    machine.qmp.give_descriptor("state", file.fileno())
    machine.qmp.execute("migrate-incoming", uri="fd:state")


def take_ram_along(qmp: Qmp) -> None:
    """Make RAM that is a file of its own part of the next state, as it is by QEMU's default."""
    known = {entry["capability"] for entry in qmp.execute("query-migrate-capabilities")}
    if IGNORE_SHARED in known:
        capabilities = [{"capability": IGNORE_SHARED, "state": False}]
        qmp.execute("migrate-set-capabilities", capabilities=capabilities)


def send_state(source: Machine, destination: Machine) -> None:
    """Move a running guest from one machine to the other, which waits for it with the same devices.

    The guest goes on until little is left to send, but without hardware virtualisation it stands
    still meanwhile: QEMU's TCG does not see all that is written to memory which it has sent. (Of
    QEMU 7.2's moves under two writers to memory, 3 of 5 left a broken kernel, at a standstill 0 of
    18.)

    Afterwards it runs at the destination, and the source has given up its disks; after an error it
    still runs at the source. Raises ``GuestError`` with QEMU's reason, and ``DeadlineExpired``.
    """
    halts = source.plan.shape.accelerator == "tcg"
    ends = socket.socketpair()
    with ends[0], ends[1]:
        for machine, end in zip((source, destination), ends, strict=True):
            take_ram_along(machine.qmp)
            machine.qmp.give_descriptor("state", end.fileno())
            machine.qmp.execute("migrate-set-capabilities", capabilities=[_EVENTS])
    if halts:
        source.qmp.execute("stop")
    try:
        _send(source, destination)
    except BaseException:
        if halts:
            with contextlib.suppress(GuestError):  # it may be gone; the reason is the one above
                source.qmp.execute("cont")
        raise
    if halts:
        destination.qmp.execute("cont")


def _send(source: Machine, destination: Machine) -> None:
    source.qmp.execute("migrate-set-parameters", max_bandwidth=BANDWIDTH)
    start, arrived = len(source.qmp.events), len(destination.qmp.events)
    destination.qmp.execute("migrate-incoming", uri="fd:state")
    source.qmp.execute("migrate", uri="fd:state")
    _wait_for_end(source, start, "moving the guest")
    _wait_for_end(destination, arrived, "the guest's arrival")
