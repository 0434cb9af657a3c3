"""Reads of a guest's memory, whatever the guest does: running, stopped, hung or panicked."""

from pathlib import Path

from vexfs_provider.guest.machine import Machine


def read_memory(machine: Machine, address: int, size: int, folder: Path) -> bytes:
    """``size`` bytes at a physical address; QEMU writes them by way of a file in ``folder``.

    Raises ``GuestError``, ``DeadlineExpired`` or ``OSError`` if QEMU cannot, or has ended.
    """
    path = folder / f"{machine.name}.memory"
    arguments = {"val": address, "size": size, "filename": str(path.absolute())}
    try:
        machine.qmp.execute_raw("pmemsave", arguments)
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)
