"""The guest's network: data go to the filesystem under test and back over TCP."""

import random
import socket
from collections.abc import Callable
from functools import partial

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest import network
from vexfs_provider.scenarios.bench import Bench

CODE = "network_echo"
PORT = 7  # echo, RFC 862
BYTES = (256 << 10) + 123
TIMEOUT_S = 60.0
PATIENCE_S = 1.0  # for a connection that must not come about


def run(bench: Bench) -> None:
    """A TCP echo by way of a file, through QEMU's own network and through a bridge with a tap.

    Otherwise the guest is isolated: through QEMU's own network it does not reach the host. Where
    no bridge may be made that is said. No metrics.
    """
    bench.guest.load_code(CODE)
    bench.make()
    bench.mount()
    if not bench.guest.run(["modprobe", "virtio_net"], timeout_s=TIMEOUT_S).ok:
        raise NotApplicable(f"kernel {bench.guest.kernel_release} has no module virtio_net")
    with bench.step("user network"), network.user_network(bench.guest, PORT) as port:
        _set_up(bench, network.USER_ADDRESS)
        _echo(bench, "user", partial(exchange, "127.0.0.1", port))
        _verify_isolated(bench)
    try:
        with bench.step("bridge"), network.bridged_network(bench.guest) as inside:
            _set_up(bench, network.BRIDGE_ADDRESS)
            there = partial(exchange, network.BRIDGE_ADDRESS, PORT)
            _echo(bench, "bridge", lambda data: inside(partial(there, data)))
    except NotApplicable as reason:
        bench.unsupported(f"bridge: {reason}")


def exchange(address: str, port: int, data: bytes) -> bytes:
    """Send data over a connection of their own, end it in that direction, take all that comes."""
    with socket.create_connection((address, port), TIMEOUT_S) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while part := connection.recv(1 << 16):
            answer += part
            if len(answer) > len(data):
                break  # a hostile guest must not exhaust the host
    return bytes(answer)


def _set_up(bench: Bench, address: str) -> None:
    arguments = {"address": address, "length": network.PREFIX_LENGTH}
    bench.guest.call(CODE, "set_up", TIMEOUT_S, **arguments)


def _echo(bench: Bench, name: str, send: Callable[[bytes], bytes]) -> None:
    path = f"{bench.mountpoint}/echo_{name}"
    bench.guest.call(CODE, "serve", TIMEOUT_S, port=PORT, path=path)
    data = random.Random(name).randbytes(bench.file_bytes(BYTES))
    try:
        answer = send(data)
    except OSError as error:
        _fail(bench, name, f"{type(error).__name__}: {error}")
        return
    if answer != data:
        _fail(bench, name, f"{len(answer)} bytes, which differ or are cut")


def _fail(bench: Bench, name: str, actual: str) -> None:
    bench.fail(
        f"what went over the {name} network to a file comes back different",
        kind="network",
        operation=f"TCP echo of {bench.file_bytes(BYTES)} bytes through a file that is fsynced",
        expected="the same bytes",
        actual=actual,
    )


def _verify_isolated(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        arguments = {"address": network.USER_HOST, "port": port, "patience_s": PATIENCE_S}
        if bench.guest.call(CODE, "reaches", TIMEOUT_S, **arguments):
            bench.fail(
                "the guest reaches the host by its network",
                kind="isolation",
                operation=f"connect to port {port} of the host's loopback",
                expected="no connection",
                actual="a connection",
            )
