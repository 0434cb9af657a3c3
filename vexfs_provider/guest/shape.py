"""What a machine looks like: processors, memory, accelerator, test disks. Pure data."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

BUSES = ("virtio_blk", "virtio_scsi", "nvme", "ahci")
FORMATS = ("raw", "qcow2")
CACHES = ("none", "writeback", "unsafe")
AIOS = ("threads", "native", "io_uring")
SECTOR_SIZES = (512, 4096)
ACCELERATORS = ("tcg", "kvm")


@dataclass(frozen=True)
class Disk:
    """A test disk. ``size_mib`` in MiB, sectors in bytes; ``path`` names an existing image.

    So much of a new one as ``old_data_mib`` says, from its start on, holds what is left of a use
    before: on a disk of zeros nobody would see a block that is given to a file without clearing it.
    One that is ``read_only`` may be an image that other guests have too.
    """

    name: str
    size_mib: int = 512
    bus: str = "virtio_blk"
    format: str = "raw"
    cache: str = "writeback"
    aio: str = "threads"
    logical_sector: int = 512
    physical_sector: int = 512
    old_data_mib: int = 0
    path: Path | None = None
    read_only: bool = False

    @property
    def hot_pluggable(self) -> bool:
        """Whether the bus takes the disk while the guest runs; ahci does not."""
        return self.bus != "ahci"

    @property
    def serial(self) -> str:
        return f"vexfs-{self.name}"


@dataclass(frozen=True)
class Shape:
    """What must be the same in the machine that saves a snapshot and in the one that restores it.

    ``cold_disks`` are the disks on a bus without hotplug: they are there from the boot on. Further
    processors can be plugged up to ``max_cpus``; 0 is for none.
    """

    machine: str = "pc"
    cpu: str = "max"
    smp: int = 2
    max_cpus: int = 0
    memory_mib: int = 512
    accelerator: str = "tcg"
    cold_disks: tuple[Disk, ...] = field(default=())
    kernel_arguments: tuple[str, ...] = ()

    @property
    def memory_bytes(self) -> int:
        return self.memory_mib << 20

    def with_memory(self, least_mib: int) -> Self:
        """This shape with at least so much memory (MiB)."""
        return replace(self, memory_mib=max(self.memory_mib, least_mib))

    @property
    def cpu_argument(self) -> str:
        """QEMU's ``-cpu``. Without ERMS and FSRM the kernel copies and clears memory by words: an
        emulated processor moves a byte in the time of a word, and a third of a write's time is
        saved.
        """
        return f"{self.cpu},erms=off,fsrm=off" if self.accelerator == "tcg" else self.cpu

    @property
    def smp_argument(self) -> str:
        """QEMU's ``-smp``."""
        return f"{self.smp},maxcpus={self.max_cpus}" if self.max_cpus else str(self.smp)

    def key_parts(self) -> dict[str, object]:
        """The JSON value that stands for this shape in a snapshot's key.

        What few shapes have is only in theirs, so that it changes no other key.
        """
        rare = {"max_cpus": self.max_cpus} if self.max_cpus else {}
        disks = [
            [d.name, d.size_mib, d.bus, d.logical_sector, d.physical_sector]
            for d in self.cold_disks
        ]
        return {
            "machine": self.machine,
            "cpu": self.cpu_argument,
            "smp": self.smp,
            "memory_mib": self.memory_mib,
            "accelerator": self.accelerator,
            "cold_disks": disks,
            "kernel_arguments": list(self.kernel_arguments),
            **rare,
        }
