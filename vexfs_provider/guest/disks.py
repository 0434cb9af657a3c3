"""Test disks: image files, QEMU block nodes and devices, hotplug. Vocabulary of ``-blockdev``."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from vexfs_provider.errors import GuestError, NotApplicable
from vexfs_provider.guest.qmp import Qmp
from vexfs_provider.guest.shape import Disk

# QEMU's own translation of cache modes (qemu-options, "cache=").
CACHE_FLAGS = {
    "none": {"direct": True, "no-flush": False},
    "writeback": {"direct": False, "no-flush": False},
    "unsafe": {"direct": False, "no-flush": True},
}
DRIVERS = {
    "virtio_blk": "virtio-blk-pci",
    "virtio_scsi": "scsi-hd",
    "nvme": "nvme",
    "ahci": "ide-hd",
}
OLD_DATA = 0xA5  # every byte of it
CONTROLLERS = {"virtio_scsi": "virtio-scsi-pci", "ahci": "ich9-ahci"}


def image_path(disk: Disk, folder: Path) -> Path:
    """Where ``create_image`` puts the image of ``disk``."""
    return folder / f"{disk.name}.{disk.format}"


def create_image(disk: Disk, folder: Path) -> Path:
    """Make the sparse image of ``disk`` in ``folder``; ``GuestError`` has qemu-img's words."""
    path = image_path(disk, folder)
    old_mib = min(disk.old_data_mib, disk.size_mib)
    if disk.format == "raw":
        with open(path, "wb") as image:  # what the tools do for raw, without a process
            image.truncate(disk.size_mib << 20)
            for _ in range(old_mib):
                image.write(bytes([OLD_DATA]) * (1 << 20))
        return path
    form = ["-f", disk.format]
    run_tool(["qemu-img", "create", "-q", *form, str(path), f"{disk.size_mib}M"])
    if old_mib:
        write = f"write -q -P {OLD_DATA:#x} 0 {old_mib}M"
        run_tool(["qemu-io", *form, "-c", write, str(path)])
    return path


def run_tool(command: list[str]) -> None:
    """Run one of QEMU's tools on an image. Raises ``GuestError`` with its words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise GuestError(f"{' '.join(command)} failed: {done.stderr.strip()}")


def with_image(disk: Disk, folder: Path) -> Disk:
    """``disk``, with an empty image in ``folder`` if it names none."""
    return disk if disk.path else replace(disk, path=create_image(disk, folder))


def block_nodes(disk: Disk) -> list[dict[str, Any]]:
    """The disk's block nodes, protocol first, as ``blockdev-add`` takes them."""
    if disk.path is None:
        raise GuestError(f"disk {disk.name!r} has no image file")
    if disk.aio == "native" and disk.cache != "none":
        raise NotApplicable(f"disk {disk.name!r}: aio=native needs cache=none, not {disk.cache!r}")
    cache = CACHE_FLAGS[disk.cache]
    file = {
        "driver": "file",
        "node-name": f"{disk.name}-file",
        "filename": str(disk.path),
        "aio": disk.aio,
        "cache": cache,
        "discard": "unmap",
    }
    top = {
        "driver": disk.format,
        "node-name": disk.name,
        "file": f"{disk.name}-file",
        "cache": cache,
        "discard": "unmap",
    }
    if disk.read_only:
        return [{**node, "read-only": True} for node in (file, top)]
    return [file, top]


def controller(disk: Disk) -> dict[str, Any] | None:
    """The controller that must be there before the disk, one a disk; None where none is needed."""
    driver = CONTROLLERS.get(disk.bus)
    return {"driver": driver, "id": f"{disk.name}-bus"} if driver else None


def device(disk: Disk) -> dict[str, Any]:
    """The disk's device as ``device_add`` takes it."""
    properties: dict[str, Any] = {
        "driver": DRIVERS[disk.bus],
        "id": f"{disk.name}-device",
        "drive": disk.name,
        "serial": disk.serial,
        "logical_block_size": disk.logical_sector,
        "physical_block_size": disk.physical_sector,
    }
    if disk.bus in CONTROLLERS:
        properties["bus"] = f"{disk.name}-bus.0"
    if disk.bus == "ahci" and disk.logical_sector != 512:
        raise NotApplicable(f"disk {disk.name!r}: ahci has sectors of 512 bytes only")
    return properties


def block_device_arguments(disk: Disk) -> list[str]:
    """Command line arguments for the nodes of a disk that is there from the boot on."""
    arguments = []
    for node in block_nodes(disk):
        arguments += ["-blockdev", json.dumps(node)]
    return arguments


def device_arguments(disk: Disk) -> list[str]:
    """Command line arguments for controller and device of such a disk."""
    arguments = []
    for properties in (controller(disk), device(disk)):
        if properties is not None:
            arguments += ["-device", json.dumps(properties)]
    return arguments


def stand_on(qmp: Qmp, disk: Disk, node: str) -> None:
    """Have a plugged disk stand on another node than that of its image, or on that again."""
    *_, top = block_nodes(disk)
    qmp.execute_raw("blockdev-reopen", {"options": [{**top, "file": node}]})


def plug(qmp: Qmp, disk: Disk, *, with_controller: bool = True) -> None:
    """Add the disk to a running machine; without its controller if that is there already."""
    for node in block_nodes(disk):
        qmp.execute_raw("blockdev-add", node)
    for properties in (controller(disk) if with_controller else None, device(disk)):
        if properties is not None:
            qmp.execute_raw("device_add", properties)
