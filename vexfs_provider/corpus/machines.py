"""The machines that consoles are recorded on: processors, memory, board, disks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vexfs_provider.guest.shape import Disk, Shape

WARM_SHAPES = (
    Shape(smp=2, memory_mib=512),
    Shape(smp=1, memory_mib=384),
    Shape(smp=4, memory_mib=1024),
)
"""Few, since a warm snapshot of each is saved first."""

DISKS = tuple(
    Disk("data", size_mib=size, bus=bus, logical_sector=sector, physical_sector=4096)
    for bus in ("virtio_blk", "virtio_scsi", "nvme")
    for sector in (512, 4096)
    for size in (512, 1024)
)
PROCESSORS = ("max", "qemu64", "Nehalem", "Haswell-noTSX", "EPYC", "Skylake-Server-noTSX-IBRS")
BOARDS = ("pc", "q35")
ARGUMENTS: tuple[tuple[str, ...], ...] = (
    (),
    ("ignore_loglevel",),
    ("loglevel=4",),
    ("printk.time=0",),
    ("mitigations=off",),
    ("nokaslr", "debug"),
    ("panic_on_warn=1", "oops=panic"),
    ("slub_debug=FZ",),
    ("nopti", "nosmap"),
    ("clocksource=hpet",),
    ("crashkernel=64M",),
    ("notsc", "tsc=unstable"),
    ("pci=noaer", "noapic"),
    ("kfence.sample_interval=100",),
    ("hung_task_panic=1", "softlockup_panic=1"),
    ("init_on_free=1",),
    ("numa=fake=2",),
)


@dataclass(frozen=True)
class Setting:
    """A machine and its disk."""

    shape: Shape
    disk: Disk

    @property
    def text(self) -> str:
        """For people and labels."""
        shape, disk = self.shape, self.disk
        words = [shape.machine, shape.cpu, f"{shape.smp} CPUs", f"{shape.memory_mib} MiB"]
        words += [f"{disk.bus} {disk.size_mib} MiB, sectors of {disk.logical_sector}"]
        return ", ".join([*words, *shape.kernel_arguments])


def warm_setting(number: int) -> Setting:
    """The machine of the ``number``-th guest that is forked."""
    shape = WARM_SHAPES[number // len(WARM_SHAPES) % len(WARM_SHAPES)]
    return Setting(shape, DISKS[number % len(DISKS)])


def large_setting(number: int) -> Setting:
    """The same with the most memory, which sanitizers need."""
    return replace(warm_setting(number), shape=WARM_SHAPES[-1])


def cold_settings(dice: random.Random) -> Iterator[Setting]:
    """Machines without end, no two alike soon; each is booted."""
    number = 0
    while True:
        shape = Shape(
            machine=dice.choice(BOARDS),
            cpu=dice.choice(PROCESSORS) if number % 2 else "max",
            smp=dice.choice((1, 2, 2, 3, 4)),
            memory_mib=dice.choice((320, 448, 512, 640, 768, 1024, 1536)),
            kernel_arguments=ARGUMENTS[number % len(ARGUMENTS)],
        )
        disk = Disk("data", bus=dice.choice(("virtio_blk", "virtio_scsi", "nvme", "ahci")))
        if disk.bus == "ahci":
            shape = replace(shape, machine="pc")
        yield Setting(shape, disk)
        number += 1
