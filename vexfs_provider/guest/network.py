"""Networks that a guest gets for the length of a ``with`` block; by default it has none.

Neither leads anywhere but to the host's end: QEMU's own network is restricted to the one port that
is forwarded, and the bridge lies in a network namespace in which there is nothing else.
"""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from vexfs_provider.errors import BuildError, NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.hotplug import remove_device

USER_ADDRESS = "10.0.2.15"  # the guest's, and that of the host's loopback, in QEMU's own network
USER_HOST = "10.0.2.2"
BRIDGE_ADDRESS = "192.0.2.2"  # of a block that is for documentation (RFC 5737)
BRIDGE_HOST = "192.0.2.1"
PREFIX_LENGTH = 24

CLONE_NEWNET = 0x40000000  # linux/sched.h
TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_ID = "network"
_TAP, _BRIDGE = "vexfs-tap", "vexfs-br"

Result = TypeVar("Result")
Inside = Callable[[Callable[[], Result]], Result]
"""Calls a function within the namespace."""


@contextlib.contextmanager
def user_network(guest: Guest, port: int) -> Iterator[int]:
    """QEMU's own network; yields the TCP port of the host's loopback that leads to ``port``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host_port: int = free.getsockname()[1]
    forward = f"tcp:127.0.0.1:{host_port}-{USER_ADDRESS}:{port}"
    netdev = {"type": "user", "restrict": True, "hostfwd": [{"str": forward}]}
    with _plugged(guest, netdev):
        yield host_port


@contextlib.contextmanager
def bridged_network(guest: Guest) -> Iterator[Inside]:
    """A tap on a bridge, whose host has ``BRIDGE_HOST``; yields how to call what is to use it.

    The namespace is that of a thread and of the tap: both end with this process and with QEMU, so
    nothing is left to be swept. Raises ``NotApplicable`` with what is not permitted here.
    """
    with ThreadPoolExecutor(1, "network-namespace") as thread:
        tap = thread.submit(_make_bridge).result()
        try:
            guest.machine.qmp.give_descriptor(_ID, tap)
            with _plugged(guest, {"type": "tap", "fd": _ID}):
                yield lambda function: thread.submit(function).result()
        finally:
            os.close(tap)


@contextlib.contextmanager
def _plugged(guest: Guest, netdev: dict[str, object]) -> Iterator[None]:
    qmp = guest.machine.qmp
    qmp.execute_raw("netdev_add", {**netdev, "id": _ID})
    # Without a ROM to boot from, which needs a package of its own.
    device = {"driver": "virtio-net-pci", "id": f"{_ID}-card", "netdev": _ID, "romfile": ""}
    qmp.execute_raw("device_add", device)
    try:
        yield
    finally:
        remove_device(guest.machine, device["id"])
        qmp.execute("netdev_del", id=_ID)


def _make_bridge() -> int:
    """Move this thread into a new network namespace with a bridge and a tap; the tap."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise NotApplicable(f"a bridge needs a network namespace: {reason}; run as root")
    try:
        tap = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise NotApplicable(f"a bridge needs a tap: /dev/net/tun: {error.strerror}") from error
    try:
        flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
        fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", _TAP.encode(), flags))
        for command in (
            f"link add {_BRIDGE} type bridge",
            f"link set {_TAP} master {_BRIDGE} up",
            f"addr add {BRIDGE_HOST}/{PREFIX_LENGTH} dev {_BRIDGE}",
            f"link set {_BRIDGE} up",
        ):
            run_tool(["ip", *command.split()])
    except (BuildError, OSError) as error:
        os.close(tap)
        raise NotApplicable(f"no bridge can be made here: {error}") from error
    return tap
