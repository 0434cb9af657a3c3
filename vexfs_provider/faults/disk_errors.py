"""Disks whose writes fail for a time, in the guest's device mapper or in QEMU's block layer."""

from collections.abc import Callable, Mapping
from typing import Protocol

from vexfs_provider.faults.flaky_disk import FlakyDisk
from vexfs_provider.guest import disks
from vexfs_provider.guest.guest import Guest

EIO = 5


class Fault(Protocol):
    """Something that can go wrong with a disk; ``device`` is the path in the guest to use."""

    device: str

    def inject(self) -> None:
        """Have it go wrong."""

    def remove(self) -> None:
        """All is well again."""

    def close(self) -> None:
        """Leave the disk as it was; nobody uses ``device`` any more."""


class MappedDiskErrors(FlakyDisk):
    """A device of the device mapper in front of ``device``, whose writes fail (EIO).

    Reads go on: what a filesystem has in its memory is not all that it needs to give up decently.
    """

    def __init__(self, guest: Guest, device: str):
        super().__init__(guest, device, "error_writes")


class QemuDiskErrors:
    """Writes to a plugged disk fail in QEMU (EIO): the device itself reports them.

    A ``blkdebug`` node is put below the disk's own (QEMU: docs/devel/blkdebug.rst). Flushes of
    nothing still succeed: QEMU makes one itself before it takes the node away.
    """

    def __init__(self, guest: Guest, device: str):
        self.device = device
        self._qmp = guest.machine.qmp
        self._disk = next(iter(guest.disks.values()))
        self._file, _ = disks.block_nodes(self._disk)
        self._filter = f"{self._disk.name}-faults"

    def inject(self) -> None:
        """Every write fails from now on."""
        error = {"event": "none", "iotype": "write", "errno": EIO, "once": False}
        settings = {"image": self._file["node-name"], "inject-error": [error]}
        cache = {"cache": self._file["cache"], "discard": "unmap"}
        node = {"driver": "blkdebug", "node-name": self._filter, **settings, **cache}
        self._qmp.execute_raw("blockdev-add", node)
        disks.stand_on(self._qmp, self._disk, self._filter)

    def remove(self) -> None:
        """Every write succeeds from now on."""
        disks.stand_on(self._qmp, self._disk, self._file["node-name"])
        self._qmp.execute("blockdev-del", node_name=self._filter)

    def close(self) -> None:
        """Nothing is left of the fault but what ``remove`` takes away."""


MakeFault = Callable[[Guest, str], Fault]
"""Makes a fault of a guest's test disk, by its path there."""

WAYS: Mapping[str, MakeFault] = {"device_mapper": MappedDiskErrors, "qemu": QemuDiskErrors}
