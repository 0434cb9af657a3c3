"""Test disks: every bus, format and sector size shows as asked for and keeps what is written."""

import pytest

from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.guest.shape import Disk

DISKS = [
    Disk("plain", 64),
    Disk("blocks4k", 96, logical_sector=4096, physical_sector=4096),
    Disk("emulated", 64, logical_sector=512, physical_sector=4096),
    Disk("thin", 128, format="qcow2", cache="none", aio="native"),
    Disk("scsi", 64, bus="virtio_scsi", cache="unsafe"),
    Disk("scsi4k", 64, bus="virtio_scsi", logical_sector=4096, physical_sector=4096),
    Disk("fast", 64, bus="nvme"),
    Disk("fast4k", 80, bus="nvme", logical_sector=4096, physical_sector=4096, aio="io_uring"),
]
NAMES = {"virtio_blk": "/dev/vd", "virtio_scsi": "/dev/sd", "nvme": "/dev/nvme", "ahci": "/dev/sd"}


def check_disk(fork, disk, scratch):
    """Its bus, size and sectors, and a block that goes down to the host's image."""
    device = fork.guest.disk_path(disk.name)
    assert device.startswith(NAMES[disk.bus])
    sizes = fork.sh(f"blockdev --getsize64 --getss --getpbsz {device}").split()
    wanted = [disk.size_mib << 20, disk.logical_sector, disk.physical_sector]
    assert [int(size) for size in sizes] == wanted
    mark = f"mark of {disk.name}".encode().ljust(4096, b".")
    write = ["dd", f"of={device}", "bs=4096", "seek=3", "oflag=direct", "conv=fsync,notrunc"]
    assert fork.guest.run(write, timeout_s=20, input=mark).ok
    assert fork.guest.get(device, offset=3 * 4096, size=4096) == mark
    if disk.format == "raw":
        with open(scratch / f"{disk.name}.raw", "rb") as image:
            image.seek(3 * 4096)
            assert image.read(4096) == mark


@pytest.mark.parametrize("disk", DISKS, ids=lambda disk: f"{disk.bus}-{disk.name}")
def test_a_disk_is_as_asked_for(start, run, disk):
    check_disk(start(disks=(disk,), start="warm"), disk, run.scratch)


def test_disks_of_several_buses_in_one_guest(start, run):
    disks = tuple(disk for disk in DISKS if disk.name in ("plain", "thin", "scsi", "fast"))
    fork = start(disks=disks, start="warm")
    for disk in disks:
        check_disk(fork, disk, run.scratch)


@pytest.mark.parametrize("disk_format", ["raw", "qcow2"])
def test_a_new_disk_has_old_data_if_asked_for(start, disk_format):
    fork = start(disks=(Disk("used", 64, format=disk_format, old_data_mib=3),), start="warm")
    device = fork.guest.disk_path("used")
    edge = 3 << 20
    assert fork.guest.get(device, size=4096) == b"\xa5" * 4096
    assert fork.guest.get(device, offset=edge - 512, size=1024) == b"\xa5" * 512 + bytes(512)


def test_ahci_is_there_from_the_boot_on_and_forks_get_an_empty_disk(start, run):
    """It cannot be plugged in, so the snapshot has seen another disk in its place."""
    disk = Disk("sata", 64, bus="ahci")
    fork = start(kernel="6.1-generic", disks=(disk,), start="warm")
    device = fork.guest.disk_path("sata")
    assert fork.guest.get(device, size=1 << 16) == bytes(1 << 16)
    check_disk(fork, disk, run.scratch)


def test_the_machines_shape_is_as_asked_for(start):
    shape = GuestSpec().shape
    fork = start(start="warm")
    memory_kib = int(fork.sh("awk '/MemTotal/ { print $2 }' /proc/meminfo"))
    assert int(fork.sh("nproc")) == shape.smp
    # The kernel keeps a part of it for itself.
    assert 0.8 * shape.memory_mib < memory_kib / 1024 <= shape.memory_mib
