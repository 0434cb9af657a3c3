"""Live migration of a guest into a second QEMU on this host, which takes its disks over."""

from dataclasses import replace

from vexfs_provider.deadline import Deadline
from vexfs_provider.guest import disks
from vexfs_provider.guest.command_line import restore_arguments
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.machine import LaunchPlan, Machine
from vexfs_provider.guest.migration import send_state

START_TIMEOUT_S = 60.0
IMMOBILE_BUSES = ("nvme",)
"""Buses whose devices QEMU cannot move."""


def move(guest: Guest) -> None:
    """Move a running guest to a new machine, and end the one that it leaves.

    Each QEMU locks the images while it may write to them: the new one opens them without, and gets
    the locks when the old one has given them up. Raises ``GuestError`` if that fails; then the
    guest runs where it was.
    """
    source = guest.machine
    start = restore_arguments(source.plan.shape, None)
    plan = LaunchPlan(source.plan.shape, source.plan.boot, start)
    berth = replace(source.berth, name=f"{source.berth.name}m")
    destination = Machine(berth, plan, Deadline(START_TIMEOUT_S, "start of the second QEMU"))
    try:
        # In the order in which they were plugged, so that each is in the same slot.
        for disk in guest.disks.values():
            if disk.hot_pluggable:
                disks.plug(destination.qmp, disk)
        send_state(source, destination)
    except BaseException:
        destination.kill()
        raise
    source.kill()
    guest.machine = destination
