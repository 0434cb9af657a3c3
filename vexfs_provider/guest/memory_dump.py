"""The memory of a stopped guest in a file that crash(8) and drgn open."""

import os
from pathlib import Path

from vexfs_provider.errors import DeadlineExpired, GuestDied, GuestError
from vexfs_provider.guest.machine import Machine

TIMEOUT_S = 300.0  # QEMU compresses some 100 MiB/s, and a loaded host far less

_FORMATS = ("kdump-raw-zlib", "kdump-zlib", "elf")  # best first; the last is as large as the memory
_DESCRIPTOR = "memory-dump"


def dump_memory(machine: Machine, into: Path) -> None:
    """Have QEMU write the guest's memory to ``into``, which must not exist.

    Raises ``GuestError`` where QEMU cannot, and what a lost QEMU raises; no file is left then.
    """
    answer = machine.qmp.execute("query-dump-guest-memory-capability")
    chosen = next((name for name in _FORMATS if name in answer["formats"]), None)
    if chosen is None:
        raise GuestError(f"QEMU dumps only {answer['formats']}; wanted: {', '.join(_FORMATS)}")
    part = into.with_name(f"{into.name}.part")
    try:
        with open(part, "xb") as file:
            machine.qmp.give_descriptor(_DESCRIPTOR, file.fileno())
            arguments = {"paging": False, "protocol": f"fd:{_DESCRIPTOR}", "format": chosen}
            machine.qmp.execute_raw("dump-guest-memory", arguments, TIMEOUT_S)
            os.fsync(file.fileno())
        part.rename(into)
    except (GuestError, GuestDied, DeadlineExpired, OSError):
        part.unlink(missing_ok=True)
        raise
