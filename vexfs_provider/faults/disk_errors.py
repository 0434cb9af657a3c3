"""Disks whose writes fail for a time, in the guest's device mapper or in QEMU's block layer."""

from collections.abc import Callable, Mapping
from typing import Protocol

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest import disks
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.protocol import COMMAND_NOT_FOUND

EIO = 5
FOR_EVER_S = 1 << 30
TIMEOUT_S = 30.0


class Fault(Protocol):
    """Something that can go wrong with a disk; ``device`` is the path in the guest to use."""

    device: str

    def inject(self) -> None:
        """Have it go wrong."""

    def remove(self) -> None:
        """All is well again."""

    def close(self) -> None:
        """Leave the disk as it was; nobody uses ``device`` any more."""


class MappedDiskErrors:
    """A device of the device mapper in front of ``device``, whose writes fail (EIO).

    Reads go on: what a filesystem has in its memory is not all that it needs to give up decently.
    It is dm-flakey with ``error_writes`` (Linux: Documentation/admin-guide/device-mapper/
    dm-flakey.rst). Raises ``NotApplicable`` where the guest cannot make it.
    """

    NAME = "faulty"

    def __init__(self, guest: Guest, device: str):
        self._guest = guest
        self._disk = device
        self._sectors = self._run("blockdev", "--getsz", device).strip()
        self._run("dmsetup", "create", self.NAME, "--table", self._table("linear"))
        self.device = f"/dev/mapper/{self.NAME}"

    def inject(self) -> None:
        """Every write fails from now on; what is under way still comes through."""
        self._change(self._table("flakey", f" 0 {FOR_EVER_S} 1 error_writes"))

    def remove(self) -> None:
        """Every write succeeds from now on."""
        self._change(self._table("linear"))

    def close(self) -> None:
        """Remove the device; it must not be in use."""
        self._run("dmsetup", "remove", "--retry", self.NAME)

    def _table(self, target: str, features: str = "") -> str:
        return f"0 {self._sectors} {target} {self._disk} 0{features}"

    def _change(self, table: str) -> None:
        self._run("dmsetup", "load", self.NAME, "--table", table)
        # A filesystem that must freeze first would wait for writes that fail.
        self._run("dmsetup", "suspend", "--nolockfs", self.NAME)
        self._run("dmsetup", "resume", self.NAME)

    def _run(self, *command: str) -> str:
        done = self._guest.run(list(command), timeout_s=TIMEOUT_S)
        if not done.ok:
            lacks = done.status == COMMAND_NOT_FOUND
            why = "the guest lacks it" if lacks else done.text.strip()
            raise NotApplicable(f"{' '.join(command)}: {why}")
        return done.text


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
