"""Events in which devices of a running guest come, go or change."""

import re

from vexfs_provider.guest import hotplug
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import WRITERS, Load

CODE = "disk_events"
CALL_TIMEOUT_S = 60.0
GROWTH_MIB = 256
LEAST_GROWTH = 0.8  # of the disk's, which the filesystem's own structures take part of
RESIZABLE_BUSES = ("virtio_blk", "virtio_scsi")
LOST_DEVICE = ("EIO", "ENODEV", "ENXIO", "EROFS", "ESHUTDOWN")
"""What a call may fail with when the device is gone, or the filesystem has given up for it."""

LOST_DEVICE_REPORTS = r"^(?:block layer: |Buffer I/O error|JBD2: )"
"""Titles of what the kernel says then, beside the filesystem's own messages."""


def _own_disk(bench: Bench) -> str:
    return next(iter(bench.guest.disks))


def unplug(bench: Bench, load: Load) -> None:
    """The unmounted disk is unplugged and plugged again."""
    name = _own_disk(bench)
    if not bench.guest.disks[name].hot_pluggable:
        bench.unsupported(
            f"unplug: {bench.guest.disks[name].bus} takes no disks in a running guest"
        )
        return
    load.stop()
    bench.unmount()
    path = bench.device
    disk = hotplug.unplug_disk(bench.guest, name)
    if bench.guest.run(["test", "-e", path], timeout_s=CALL_TIMEOUT_S).ok:
        bench.fail(
            "an unplugged disk is still there",
            kind="hotplug",
            operation=f"device_del of {disk.serial}",
            expected=f"no {path}",
            actual="it is there",
        )
    bench.device = hotplug.plug_disk_again(bench.guest, disk)
    bench.mount()


def removal(bench: Bench, load: Load) -> None:
    """The disk of the mounted filesystem vanishes: calls fail, the guest lives, it recovers."""
    guest = bench.guest
    guest.load_code(CODE)
    guest.call(CODE, "prepare", CALL_TIMEOUT_S, folder=bench.mountpoint)
    own = rf"|^{re.escape(bench.profile.log_prefix)}" if bench.profile.log_prefix else ""
    with bench.expecting(LOST_DEVICE_REPORTS + own):
        disk = hotplug.unplug_disk(guest, _own_disk(bench))
        ends = [end.rpartition(": ")[2] for end in load.wait_for_failures()]
        outcomes = {f"writer {number}": end for number, end in enumerate(ends)}
        outcomes |= guest.call(CODE, "use", CALL_TIMEOUT_S, folder=bench.mountpoint)
        _judge(bench, outcomes, len(ends))
        load.lost()
        bench.unmount()
    bench.device = hotplug.plug_disk_again(guest, disk)
    bench.mount()


def _judge(bench: Bench, outcomes: dict[str, str], ended: int) -> None:
    wrong = {what: how for what, how in outcomes.items() if how not in LOST_DEVICE}
    if wrong:
        bench.fail(
            "a call on a filesystem whose disk is gone does not fail as it must",
            kind="lost-device",
            operation="; ".join(sorted({what.rstrip(" 0123456789") for what in wrong})),
            expected=f"one of {', '.join(LOST_DEVICE)}",
            actual="; ".join(f"{what}: {how}" for what, how in wrong.items()),
        )
    if ended < WRITERS:
        bench.fail(
            "processes that write go on, or hang, when the disk is gone",
            kind="lost-device",
            operation=f"{WRITERS} processes that write and fsync",
            expected="each gets an error",
            actual=f"{ended} got one",
        )


def grow(bench: Bench, load: Load) -> None:
    """The disk grows, the guest sees it, and the filesystem grows after it."""
    guest, name = bench.guest, _own_disk(bench)
    disk = guest.disks[name]
    if disk.bus not in RESIZABLE_BUSES:
        bench.unsupported(f"grow: {disk.bus} does not tell the guest")
        return
    guest.load_code(CODE)
    size_mib = disk.size_mib + GROWTH_MIB
    hotplug.resize_disk(guest, name, size_mib)
    arguments = {"path": bench.device, "size": size_mib << 20}
    seen = guest.call(CODE, "wait_for_size", CALL_TIMEOUT_S, **arguments)
    if seen != size_mib << 20:
        _wrong_size(bench, "a disk has not the size that it was given", size_mib, seen)
    if bench.profile.grow is None:
        bench.unsupported(f"grow: {bench.profile.name} has no grow command")
        return
    before = guest.call(CODE, "capacity", CALL_TIMEOUT_S, folder=bench.mountpoint)
    bench.filesystem.grow(bench.device, bench.mountpoint)
    after = guest.call(CODE, "capacity", CALL_TIMEOUT_S, folder=bench.mountpoint)
    if after - before < LEAST_GROWTH * (GROWTH_MIB << 20):
        _wrong_size(bench, "the filesystem has not grown with its disk", size_mib, after)
    load.wait_for_progress("has its filesystem grow")


def _wrong_size(bench: Bench, title: str, expected_mib: int, actual: int) -> None:
    bench.fail(
        title,
        kind="grow",
        operation=f"block_resize to {expected_mib} MiB",
        expected=f"about {expected_mib << 20} bytes",
        actual=f"{actual} bytes",
    )


def cpu_hotplug(bench: Bench, load: Load) -> None:
    """A processor comes, the load runs on it alone, and it is put offline under it.

    It stays plugged: with QEMU 7.2 under TCG its ejection does not end.
    """
    guest = bench.guest
    guest.load_code("processors")
    hotplug.plug_cpu(guest)
    number = guest.call("processors", "bring_up", CALL_TIMEOUT_S)
    guest.call("processors", "pin", CALL_TIMEOUT_S, pids=load.pids, processor=number)
    load.wait_for_progress("runs on a new processor")
    guest.call("processors", "switch", CALL_TIMEOUT_S, processor=number, on=False)
    load.wait_for_progress("has lost its processor")


def balloon(bench: Bench, load: Load) -> None:
    """The host takes half of the guest's memory away, and gives it back."""
    guest = bench.guest
    hotplug.plug_balloon(guest)
    if not guest.run(["modprobe", "virtio_balloon"], timeout_s=CALL_TIMEOUT_S).ok:
        bench.unsupported("balloon: the guest's kernel has no module virtio_balloon")
        return
    whole_mib = guest.machine.plan.shape.memory_mib
    for memory_mib in (whole_mib // 2, whole_mib):
        hotplug.set_balloon(guest, memory_mib)
        load.wait_for_progress(f"has {memory_mib} MiB of memory")
    hotplug.remove_device(guest.machine, hotplug.BALLOON)
