"""A disk on the network that does not answer for a time: QEMU's NBD client, and a server of ours.

The server, qemu-nbd, is on a socket of this run: there is no network that others could disturb.
"""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest import disks
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.qemu_process import QemuProcess

SERVER = "qemu-nbd"
RECONNECT_S = 2  # so long QEMU waits for a server that is gone before it fails what is asked of it
START_TIMEOUT_S = 20.0
ANSWER_TIMEOUT_S = 60.0  # QEMU asks a server that was gone again every 16 s at the latest
READ_TIMEOUT_S = 30.0
POLL_S = 0.05


class NetworkDisk:
    """What the guest's first disk stands on instead of its image; see ``network_disk``."""

    def __init__(self, guest: Guest):
        self._guest = guest
        self._disk = next(iter(guest.disks.values()))
        self.device = guest.disk_path(self._disk.name)
        berth = guest.machine.berth
        self._run = berth.run
        self._socket = berth.run.folder / f"{berth.name}.nbd"
        self._file, _ = disks.block_nodes(self._disk)
        self._client = f"{self._disk.name}-remote"
        self._server: QemuProcess | None = None

    def start(self) -> None:
        """Start the server, and wait until it listens."""
        # QEMU has the image's lock, but nothing stands on that node meanwhile.
        path = str(self._disk.path).replace(",", ",,")
        image = f"driver=raw,file.driver=file,file.locking=off,file.filename={path}"
        command = [SERVER, "-t", "-k", str(self._socket), "--image-opts", image]
        log = self._guest.folder / f"{SERVER}.log"
        self._server = QemuProcess(command, (), log, self._run, SERVER)
        deadline = Deadline(START_TIMEOUT_S, f"start of {SERVER}")
        while not self._socket.exists():
            deadline.check()
            time.sleep(POLL_S)

    def end(self) -> None:
        """The server is gone, as after a crash of its machine."""
        if self._server:
            self._server.end()
            self._server = None
            self._socket.unlink(missing_ok=True)

    def stop_answering(self) -> None:
        """The server keeps its connection and says nothing."""
        if self._server:
            os.kill(self._server.pid, signal.SIGSTOP)

    def answer(self) -> None:
        """It goes on where it stopped."""
        if self._server:
            os.kill(self._server.pid, signal.SIGCONT)

    def plug(self) -> None:
        """Have the guest's disk stand on the server."""
        remote = {
            "driver": "nbd",
            "node-name": self._client,
            "server": {"type": "unix", "path": str(self._socket)},
            "reconnect-delay": RECONNECT_S,
            "cache": self._file["cache"],
            "discard": "unmap",
        }
        qmp = self._guest.machine.qmp
        qmp.execute_raw("blockdev-add", remote)
        disks.stand_on(qmp, self._disk, self._client)

    def unplug(self) -> None:
        """Have it stand on its image again; it must be unmounted, and the server there."""
        qmp = self._guest.machine.qmp
        disks.stand_on(qmp, self._disk, self._file["node-name"])
        qmp.execute("blockdev-del", node_name=self._client)

    def wait_for_answer(self) -> None:
        """Wait until the guest can read its disk. Raises ``DeadlineExpired``."""
        deadline = Deadline(ANSWER_TIMEOUT_S, "an answer of the disk")
        read = ["dd", f"if={self.device}", "of=/dev/null", "bs=4096", "count=1", "iflag=direct"]
        while not self._guest.run(read, timeout_s=READ_TIMEOUT_S).ok:
            deadline.check()
            time.sleep(POLL_S)


@contextlib.contextmanager
def network_disk(guest: Guest) -> Iterator[NetworkDisk]:
    """Within it the image of the guest's first disk is on the network.

    Raises ``NotApplicable`` if the host has no server.
    """
    if shutil.which(SERVER) is None:
        raise NotApplicable(f"the host has no {SERVER}; install it: apt-get install qemu-utils")
    disk = NetworkDisk(guest)
    disk.start()
    try:
        disk.plug()
        yield disk
        disk.unplug()
    finally:
        disk.end()


class Outage:
    """The server is gone for longer than QEMU waits, and comes back (a ``disk_errors.Fault``)."""

    def __init__(self, disk: NetworkDisk):
        self._disk = disk
        self.device = disk.device

    def inject(self) -> None:
        """Every request fails after ``RECONNECT_S`` seconds."""
        self._disk.end()

    def remove(self) -> None:
        """The server is there again, and QEMU has found it."""
        self._disk.start()
        self._disk.wait_for_answer()

    def close(self) -> None:
        """Nothing is left of the fault."""
