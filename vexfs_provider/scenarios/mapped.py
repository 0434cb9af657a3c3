"""Devices of the device mapper in the guest, each for the time of a ``with`` block."""

import contextlib
from collections.abc import Iterator

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest.protocol import COMMAND_NOT_FOUND, CommandResult
from vexfs_provider.scenarios.bench import Bench

SECTOR = 512
TIMEOUT_S = 30.0


@contextlib.contextmanager
def mapped(bench: Bench, name: str, table: str) -> Iterator[str]:
    """A mapped device by its table (dmsetup(8)); yields its path. It must be free at the end.

    Raises ``NotApplicable`` if the guest cannot make it.
    """
    result = _dmsetup(bench, "create", name, "--table", table)
    if not result.ok:
        raise NotApplicable(f"dmsetup create {name} --table {table!r}: {result.text}")
    try:
        yield f"/dev/mapper/{name}"
    finally:
        result = _dmsetup(bench, "remove", "--retry", name)
    if not result.ok:
        bench.fail(
            "a device stays busy after its unmount",
            kind="device-busy",
            operation=f"dmsetup remove {name}, with nothing mounted on it",
            expected="success",
            actual=result.text,
        )
        _dmsetup(bench, "remove", "--force", "--deferred", name)


def _dmsetup(bench: Bench, *words: str) -> CommandResult:
    result = bench.guest.run(["dmsetup", *words], timeout_s=TIMEOUT_S)
    if result.status == COMMAND_NOT_FOUND:
        raise NotApplicable("the guest lacks dmsetup; add the package to its image's recipe")
    return result


def sectors_of(bench: Bench, device: str) -> int:
    """The size of a device in sectors of 512 bytes."""
    result = bench.guest.run(["blockdev", "--getsz", device], timeout_s=TIMEOUT_S)
    if not result.ok:
        raise NotApplicable(f"blockdev --getsz {device}: {result.text}")
    return int(result.stdout)
