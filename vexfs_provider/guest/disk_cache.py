"""A disk's own volatile cache: what the disk has acknowledged is safe only when it was flushed.

None of QEMU's cache modes has one that ends with QEMU: the host's page cache outlives it. An
overlay in the qcow2 format does. Where it has a cluster stands in tables that QEMU keeps in its
memory, until the guest flushes or a table is new (QEMU: docs/qcow2-cache.txt, block/qcow2-cache.c).
Killed before, it leaves the image's old bytes in that place, for good.
"""

from pathlib import Path

from vexfs_provider.errors import GuestError
from vexfs_provider.guest import disks
from vexfs_provider.guest.guest import Guest

CLUSTER = "4k"  # a block of most filesystems: each is lost for itself


class DiskCache:
    """The cache of a plugged disk, from now on; once its QEMU is dead, ``settle`` is next.

    A cluster that has been flushed is safe at once when it is written again: the cache loses most
    of what is new. What it flushes goes on through the disk's cache mode.
    """

    def __init__(self, guest: Guest, name: str):
        disk = guest.disks[name]
        if disk.path is None:
            raise GuestError(f"disk {name!r} has no image file")
        self._overlay = disk.path.with_name(f"{name}.cache")
        self._create(disk.path, disk.format)
        flags = disks.CACHE_FLAGS[disk.cache]
        file = {"driver": "file", "filename": str(self._overlay), "aio": disk.aio, "cache": flags}
        node = {"driver": "qcow2", "node-name": f"{name}-cache", "file": file, "cache": flags}
        qmp = guest.machine.qmp
        qmp.execute_raw("blockdev-add", {**node, "discard": "unmap", "backing": None})
        qmp.execute_raw("blockdev-snapshot", {"node": name, "overlay": node["node-name"]})

    def _create(self, image: Path, form: str) -> None:
        options = ["-f", "qcow2", "-o", f"cluster_size={CLUSTER}", "-b", str(image), "-F", form]
        disks.run_tool(["qemu-img", "create", "-q", *options, str(self._overlay)])

    def settle(self) -> None:
        """Put what has come through into the disk's image."""
        disks.run_tool(["qemu-img", "commit", "-q", "-f", "qcow2", str(self._overlay)])
        self._overlay.unlink()
