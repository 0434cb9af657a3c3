"""A folder of the host that a guest mounts, served by virtiofsd.

Guests are hostile: the daemon has nothing of the host in its file system but that folder.
"""

import contextlib
import errno
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from vexfs_provider.errors import GuestError, NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.hotplug import remove_device
from vexfs_provider.guest.qemu_process import QemuProcess

PROGRAMS = (Path("/usr/lib/qemu/virtiofsd"), Path("/usr/libexec/virtiofsd"))
"""Of Debian's package qemu-system-common up to Debian 12, and of virtiofsd from then on."""

TAG = "vexfs-share"
_DEVICE = "share"


def open_shared(folder: Path, name: str, flags: int) -> int:
    """Open a file in a shared folder, or in one below it, for the host; the descriptor.

    A hostile guest may have put links or FIFOs there: those are refused (``OSError``), not followed
    nor waited for.
    """
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    *above, last = name.split("/")
    try:
        for part in above:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        descriptor = os.open(last, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file", name)
    return descriptor


@contextlib.contextmanager
def shared_folder(guest: Guest, folder: Path) -> Iterator[None]:
    """Within it the guest can mount ``folder``: type virtiofs, device ``TAG``.

    The guest must have been started with ``own_ram``, for the daemon maps its memory. Raises
    ``NotApplicable`` if this host has no daemon or may not run it, and ``GuestError``.
    """
    program = _find_program()
    if guest.machine.plan.shares_ram:
        raise GuestError("virtiofs needs a guest whose memory is its own; start it with own_ram")
    run = guest.machine.berth.run
    path = run.folder / f"{guest.machine.berth.name}.share"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1)
        options = f"source={folder},sandbox=namespace,cache=none"
        command = [str(program), f"--fd={listening.fileno()}", "-o", options]
        log = guest.folder / "virtiofsd.log"
        daemon = QemuProcess(command, (listening.fileno(),), log, run, "virtiofsd")
    try:
        _plug(guest, path, daemon)
        try:
            yield
        finally:
            _unplug(guest)
    finally:
        daemon.end()
        path.unlink()


def _find_program() -> Path:
    if os.geteuid() != 0:
        raise NotApplicable("a share needs root: virtiofsd makes namespaces to be confined in")
    for path in PROGRAMS:
        if path.exists():
            return path
    names = " nor ".join(map(str, PROGRAMS))
    raise NotApplicable(
        f"the host has neither {names}; install it: apt-get install qemu-system-common, or, where "
        "that does not have it, virtiofsd"
    )


def _plug(guest: Guest, path: Path, daemon: QemuProcess) -> None:
    qmp = guest.machine.qmp
    address = {"type": "unix", "data": {"path": str(path)}}
    backend = {"type": "socket", "data": {"addr": address, "server": False}}
    device = {"driver": "vhost-user-fs-pci", "id": _DEVICE, "chardev": _DEVICE, "tag": TAG}
    try:
        qmp.execute("chardev-add", id=_DEVICE, backend=backend)
        qmp.execute_raw("device_add", device)
    except GuestError as error:
        raise GuestError(f"{error}; virtiofsd says: {daemon.last_words()}") from error


def _unplug(guest: Guest) -> None:
    remove_device(guest.machine, _DEVICE)
    guest.machine.qmp.execute("chardev-remove", id=_DEVICE)
