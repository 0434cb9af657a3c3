"""The way of samples out of a guest: a virtio port that is plugged while it runs.

So it needs nothing of the machine that is saved and restored, and the agent's port stays free. It
is to be unplugged before the guest moves to a QEMU that has no such port.
"""

import socket

from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.hotplug import remove_device
from vexfs_provider.guest.machine import Machine
from vexfs_provider.guest.qmp import Qmp

PORT = "vexfs.monitor"
_NAME = "monitor"  # of the character device and of the descriptor that it gets
_CODE = "monitor_sampler"
_START_TIMEOUT_S = 30.0


def plug_port(qmp: Qmp) -> socket.socket:
    """Plug the port; the socket that it ends at. Raises ``GuestError``, ``DeadlineExpired``."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            qmp.give_descriptor(_NAME, theirs.fileno())
        address = {"type": "fd", "data": {"str": _NAME}}
        backend = {"type": "socket", "data": {"addr": address, "server": False}}
        qmp.execute("chardev-add", id=_NAME, backend=backend)
        port = {"driver": "virtserialport", "id": f"{_NAME}-port", "chardev": _NAME, "name": PORT}
        qmp.execute_raw("device_add", port)
    except BaseException:
        ours.close()
        raise
    return ours


def unplug_port(machine: Machine) -> None:
    """Take the port away, whose sampler then ends. Raises ``GuestError``, ``DeadlineExpired``."""
    remove_device(machine, f"{_NAME}-port")
    machine.qmp.execute("chardev-remove", id=_NAME)


def start_sampler(guest: Guest, interval_s: int) -> list[str]:
    """Have the guest send a sample every so many seconds; what its kernel cannot tell."""
    guest.load_code(_CODE)
    arguments = {"port": PORT, "interval_s": interval_s}
    return guest.call(_CODE, "start", _START_TIMEOUT_S, **arguments)
