"""The host's side of a sample: what the host, and the QEMU of one guest, have used.

Counters are read by psutil; what is told is what they have grown by from one reading to the next.
"""

import os
import time
from dataclasses import dataclass

import psutil

MIB = 1 << 20


@dataclass(frozen=True)
class Transfers:
    """Bytes that went in and out since something started."""

    read: int
    written: int


NO_TRANSFERS = Transfers(0, 0)


@dataclass(frozen=True)
class Reading:
    """Counters at one time. Processor time in seconds, all processors together.

    ``busy`` has no time that was waited for I/O, and none that the hypervisor of this host took
    for itself (``steal``). ``guest`` is that of QEMU, ``own`` of this process.
    """

    time: float
    processors: int
    busy: float
    waiting: float
    steal: float
    guest: float
    own: float
    guest_disk: Transfers = NO_TRANSFERS
    disk: Transfers = NO_TRANSFERS
    network: Transfers = NO_TRANSFERS


def read_counters(qemu: psutil.Process) -> Reading:
    """The counters now. Raises ``psutil.Error`` if QEMU has ended."""
    cpu = psutil.cpu_times()
    with qemu.oneshot():
        used = qemu.cpu_times()
        moved = qemu.io_counters()
    mine = os.times()
    return Reading(
        time=time.monotonic(),
        processors=psutil.cpu_count() or 1,
        busy=cpu.user + cpu.nice + cpu.system + cpu.irq + cpu.softirq,
        waiting=cpu.iowait,
        steal=cpu.steal,
        guest=used.user + used.system,
        own=mine.user + mine.system,
        guest_disk=Transfers(moved.read_bytes, moved.write_bytes),
        disk=_disk(),
        network=_network(),
    )


def _disk() -> Transfers:
    total = psutil.disk_io_counters(nowrap=False)
    return Transfers(total.read_bytes, total.write_bytes) if total else NO_TRANSFERS


def _network() -> Transfers:
    total = psutil.net_io_counters(nowrap=False)
    return Transfers(total.bytes_recv, total.bytes_sent) if total else NO_TRANSFERS


def difference(before: Reading, after: Reading) -> dict[str, float]:
    """What was used between two readings, at different times.

    Percent: ``host_cpu_percent``, ``host_iowait_percent`` and ``host_steal_percent`` of all
    processors; ``qemu_cpu_percent`` and ``others_cpu_percent`` (of processes that are neither QEMU
    nor we ourselves) of one. The rest is in MiB a second.
    """
    seconds = after.time - before.time
    whole = 100 / (seconds * after.processors)
    busy = after.busy - before.busy
    guest, own = after.guest - before.guest, after.own - before.own
    return {
        "host_cpu_percent": busy * whole,
        "host_iowait_percent": (after.waiting - before.waiting) * whole,
        "host_steal_percent": (after.steal - before.steal) * whole,
        "qemu_cpu_percent": guest * 100 / seconds,
        "others_cpu_percent": max(0.0, busy - guest - own) * 100 / seconds,
        **_rates("qemu", ("read", "write"), before.guest_disk, after.guest_disk, seconds),
        **_rates("host", ("read", "write"), before.disk, after.disk, seconds),
        **_rates("network", ("receive", "send"), before.network, after.network, seconds),
    }


def _rates(
    what: str, names: tuple[str, str], before: Transfers, after: Transfers, seconds: float
) -> dict[str, float]:
    read, write = names
    return {
        f"{what}_{read}_mib_per_s": (after.read - before.read) / MIB / seconds,
        f"{what}_{write}_mib_per_s": (after.written - before.written) / MIB / seconds,
    }


def levels(qemu: psutil.Process) -> dict[str, float]:
    """What is so at one time: ``qemu_rss_mib`` (pages shared with other guests count),
    ``host_memory_available_mib`` and ``host_load`` (of the last minute).
    """
    return {
        "qemu_rss_mib": qemu.memory_info().rss / MIB,
        "host_memory_available_mib": psutil.virtual_memory().available / MIB,
        "host_load": os.getloadavg()[0],
    }
