"""A loop device on a file in the guest, for the time of a ``with`` block."""

import contextlib
from collections.abc import Iterator, Sequence

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.scenarios.bench import Bench

TIMEOUT_S = 60.0


@contextlib.contextmanager
def loop_device(bench: Bench, path: str) -> Iterator[str]:
    """Attach a loop device to a file; yields its path. Raises ``NotApplicable`` without any."""
    _run(bench, ["modprobe", "-q", "loop"])  # it may be built in
    attached = _run(bench, ["losetup", "--find", "--show", path])
    if not attached.ok:
        raise NotApplicable(f"losetup of {path}: {attached.text}")
    device = attached.stdout.decode().strip()
    try:
        yield device
    finally:
        detached = _run(bench, ["losetup", "--detach", device])
    if not detached.ok:
        bench.fail(
            "a loop device stays busy after its unmount",
            kind="device-busy",
            operation=f"losetup --detach {device}",
            expected="success",
            actual=detached.text,
        )


def _run(bench: Bench, command: Sequence[str]) -> CommandResult:
    return bench.guest.run(command, timeout_s=TIMEOUT_S)
