"""Devices that come and go while a guest runs: disks, processors, a memory balloon.

Everything raises ``GuestError`` with QEMU's reason, ``DeadlineExpired`` and ``GuestDied``.
"""

from typing import Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestError
from vexfs_provider.guest import disks
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.machine import Machine
from vexfs_provider.guest.shape import Disk

UNPLUG_TIMEOUT_S = 30.0
BALLOON = "balloon"


def remove_device(machine: Machine, name: str) -> None:
    """Ask for a device back, and wait until the guest has let it go."""
    start = len(machine.qmp.events)
    deadline = Deadline(UNPLUG_TIMEOUT_S, f"removal of {name}")
    machine.qmp.execute("device_del", id=name)
    while True:
        event = machine.wait_event("DEVICE_DELETED", deadline, start=start)
        start = machine.qmp.events.index(event, start) + 1
        if event["data"].get("device") == name:
            return


def unplug_disk(guest: Guest, name: str) -> Disk:
    """Take a disk out of the machine; its controller stays, if it has one of its own.

    On PCI the guest is asked and removes the disk. SCSI disks are gone at once: the guest is told
    when it has happened.
    """
    disk = guest.disks[name]
    remove_device(guest.machine, disks.device(disk)["id"])
    for node in reversed(disks.block_nodes(disk)):
        guest.machine.qmp.execute("blockdev-del", node_name=node["node-name"])
    guest.forget_disk(name)
    return disk


def plug_disk_again(guest: Guest, disk: Disk) -> str:
    """Plug a disk that ``unplug_disk`` has taken out; its path in the guest."""
    disks.plug(guest.machine.qmp, disk, with_controller=False)
    return guest.find_disk(disk)


def resize_disk(guest: Guest, name: str, size_mib: int) -> None:
    """Make a plugged disk's image larger; the guest is told."""
    guest.machine.qmp.execute("block_resize", node_name=name, size=size_mib << 20)


def plug_cpu(guest: Guest) -> None:
    """Plug one more processor, which the guest has to put online."""
    slots: list[dict[str, Any]] = guest.machine.qmp.execute("query-hotpluggable-cpus")
    free = [slot for slot in slots if "qom-path" not in slot]
    if not free:
        raise GuestError(f"the machine has no room for more processors: {len(slots)} are there")
    slot = min(free, key=lambda one: sorted(one["props"].items()))
    name = "cpu-" + "-".join(str(number) for _, number in sorted(slot["props"].items()))
    properties = {"driver": slot["type"], "id": name, **slot["props"]}
    guest.machine.qmp.execute_raw("device_add", properties)


def plug_balloon(guest: Guest) -> None:
    """Plug a memory balloon.

    Never into a machine that shares its RAM: QEMU punches what the guest gives back out of the file
    under it (``ram_block_discard_range``), which would be that of the snapshot.
    """
    if guest.machine.plan.shares_ram:
        raise GuestError(
            "a guest whose memory is shared can have no balloon; start it with own_ram"
        )
    guest.machine.qmp.execute_raw("device_add", {"driver": "virtio-balloon-pci", "id": BALLOON})


def set_balloon(guest: Guest, memory_mib: int) -> None:
    """Ask the guest to make do with so much memory (MiB), and wait until it does."""
    size = memory_mib << 20
    machine = guest.machine
    deadline = Deadline(UNPLUG_TIMEOUT_S, f"the balloon's change to {memory_mib} MiB")
    machine.qmp.execute("balloon", value=size)
    while True:
        start = len(machine.qmp.events)
        if machine.qmp.execute("query-balloon")["actual"] == size:
            return
        machine.wait_event("BALLOON_CHANGE", deadline, start=start)
