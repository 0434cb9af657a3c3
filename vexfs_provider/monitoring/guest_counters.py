"""The guest's side of a sample: texts of its /proc, read here to spare the guest the work.

A guest is hostile: whatever it sends is a line of numbers, or it is dropped.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

KIB_A_MIB = 1024
SECTOR = 512  # bytes, whatever the disk's are (Documentation/admin-guide/iostats.rst)
SHOWN_MEMORY = {"Dirty": "dirty_mib", "Writeback": "writeback_mib", "Slab": "slab_mib"}
MOST_DISKS = 32
LIMIT = 1 << 63


class BadLine(Exception):
    """A line that the guest's sampler would not write."""


@dataclass(frozen=True)
class Disk:
    """Counters of one disk since boot: requests, their time in milliseconds, sectors."""

    reads: int
    read_sectors: int
    read_ms: int
    writes: int
    written_sectors: int
    write_ms: int
    in_flight: int
    busy_ms: int


@dataclass(frozen=True)
class Reading:
    """Counters of a guest at one time of its monotonic clock, in seconds.

    ``busy`` and ``total`` are ticks of all processors; ``memory`` is in KiB, by the names of
    /proc/meminfo and ``used``; ``stalls`` are microseconds, by resource and ``some`` or ``full``.
    ``cost`` is the processor time of the sampler itself, in seconds.
    """

    time: float
    cost: float
    busy: int
    total: int
    memory: Mapping[str, int] = field(default_factory=dict)
    stalls: Mapping[str, int] = field(default_factory=dict)
    disks: Mapping[str, Disk] = field(default_factory=dict)


def parse_line(line: bytes) -> Reading:
    """A line of ``deps/guest/code/monitor_sampler.py``. Raises ``BadLine``."""
    try:
        told = json.loads(line)
        texts = told["texts"]
        busy, total = _cpu(texts["stat"])
        return Reading(
            time=_seconds(told["time"]),
            cost=_seconds(told["cost"]),
            busy=busy,
            total=total,
            memory=_memory(texts["meminfo"]),
            stalls={
                f"{resource}_{kind}": microseconds
                for resource in ("cpu", "memory", "io")
                for kind, microseconds in _stalls(texts.get(f"pressure/{resource}", "")).items()
            },
            disks=_disks(texts["diskstats"]),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise BadLine(f"{type(error).__name__}: {error}: {line[:80]!r}") from error


def _seconds(value: object) -> float:
    if not isinstance(value, float) or not 0 <= value < LIMIT:
        raise ValueError(f"a time of {value!r}")
    return value


def _count(word: str) -> int:
    value = int(word)
    if not 0 <= value < LIMIT:
        raise ValueError(f"a count of {value}")
    return value


def _cpu(text: str) -> tuple[int, int]:
    """Busy and all ticks: proc(5), /proc/stat; guest time is part of user time."""
    name, *words = text.splitlines()[0].split()
    if name != "cpu":
        raise ValueError(f"/proc/stat begins with {name!r}")
    ticks = [_count(word) for word in words[:8]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def _memory(text: str) -> dict[str, int]:
    rows = (line.split() for line in text.splitlines())
    found = {row[0].rstrip(":"): _count(row[1]) for row in rows}
    found["used"] = found["MemTotal"] - found["MemAvailable"]
    return found


def _stalls(text: str) -> dict[str, int]:
    """Microseconds by kind: Documentation/accounting/psi.rst."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: _count(row[-1].removeprefix("total=")) for row in rows}


def _disks(text: str) -> dict[str, Disk]:
    """Disks that were ever used, by name: Documentation/admin-guide/iostats.rst."""
    found = {}
    whole = text[: text.rfind("\n") + 1]  # the sampler cuts what is too long
    for words in [line.split() for line in whole.splitlines()][:MOST_DISKS]:
        c = [_count(word) for word in words[3:14]]
        if any(c):
            found[words[2]] = Disk(c[0], c[2], c[3], c[4], c[6], c[7], c[8], c[9])
    return found


def difference(before: Reading, after: Reading) -> dict[str, object]:
    """What was used between two readings, and the levels of the later one.

    ``cpu_percent`` is of all processors of the guest, ``psi_RESOURCE_KIND_percent`` of the time,
    ``cost_percent`` (the sampler's own) of one processor. ``memory_used_mib`` is what is
    not available to new programs. ``disks`` has for each disk that is in use what ``_disk`` says.
    """
    seconds = after.time - before.time
    ticks = after.total - before.total
    memory = after.memory
    values: dict[str, object] = {
        "cpu_percent": 100 * (after.busy - before.busy) / ticks if ticks > 0 else 0.0,
        "memory_used_mib": memory["used"] / KIB_A_MIB,
        **{name: memory[key] / KIB_A_MIB for key, name in SHOWN_MEMORY.items() if key in memory},
        **{
            f"psi_{name}_percent": (after.stalls[name] - microseconds) / 1e4 / seconds
            for name, microseconds in before.stalls.items()
            if name in after.stalls
        },
        "cost_percent": 100 * (after.cost - before.cost) / seconds,
    }
    disks = {
        name: _disk(before.disks[name], disk, seconds)
        for name, disk in after.disks.items()
        if name in before.disks and (disk != before.disks[name] or disk.in_flight)
    }
    return {**values, "disks": disks}


def _disk(before: Disk, after: Disk, seconds: float) -> dict[str, float]:
    """``await_ms`` is the mean time of the requests that ended, ``in_flight`` those under way."""
    requests = after.reads - before.reads + after.writes - before.writes
    waited_ms = after.read_ms - before.read_ms + after.write_ms - before.write_ms
    read = (after.read_sectors - before.read_sectors) * SECTOR
    written = (after.written_sectors - before.written_sectors) * SECTOR
    return {
        "await_ms": waited_ms / requests if requests > 0 else 0.0,
        "in_flight": after.in_flight,
        "busy_percent": (after.busy_ms - before.busy_ms) / 10 / seconds,
        "read_mib_per_s": read / (1 << 20) / seconds,
        "write_mib_per_s": written / (1 << 20) / seconds,
    }
