"""What happened in a guest, from all who have noted it: entries of a timeline."""

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vexfs_provider.guest.console_times import Line, host_time
from vexfs_provider.guest.diary import Operation
from vexfs_provider.runner.timeline import Entry

TAIL = 1 << 20  # bytes of a file that are read, its last ones
SHOWN = {
    "guest": ("cpu_percent", "memory_used_mib", "dirty_mib", "slab_mib"),
    "host": (
        *("host_cpu_percent", "others_cpu_percent", "host_steal_percent", "host_load"),
        *("qemu_cpu_percent", "qemu_rss_mib", "qemu_read_mib_per_s", "qemu_write_mib_per_s"),
    ),
}
"""Of a sample, by its source, beside pressure and disks."""

_UNITS = (("_percent", " %"), ("_mib_per_s", " MiB/s"), ("_mib", " MiB"), ("_ms", " ms"))
# ftrace's line of a call: Documentation/trace/ftrace.rst, "Output format"
_TRACED = re.compile(rb"^\s*(\S.*?-\d+)\s+\[\d+\]\s+\S+\s+(\d+\.\d{6}): (.+)$", re.MULTILINE)


def console_entries(lines: Iterable[Line]) -> Iterator[Entry]:
    """An entry for each line of the console."""
    return (Entry(line.time, "console", line.text) for line in lines)


def operation_entries(operations: Iterable[Operation]) -> Iterator[Entry]:
    """Begin and end of each; one that did not end was in flight."""
    for operation in operations:
        if operation.end is None:
            yield Entry(operation.start, "operation", f"begins, and does not end: {operation.what}")
        else:
            took = operation.end - operation.start
            yield Entry(operation.start, "operation", f"begins: {operation.what}")
            yield Entry(operation.end, "operation", f"ends after {took:.3f} s: {operation.what}")


def event_entries(path: Path) -> Iterator[Entry]:
    """The events of a test: its steps, faults that it injects, and what it expects of them."""
    for line in _json_lines(path):
        rest = {name: value for name, value in line.items() if name not in ("time", "event")}
        details = ", ".join(f"{name} {_plain(value)}" for name, value in rest.items())
        yield Entry(
            line["time"], "event", f"{line['event']}: {details}" if details else line["event"]
        )


def sample_entries(path: Path) -> Iterator[Entry]:
    """Samples of the monitor: processors, memory, pressure and I/O."""
    for sample in _json_lines(path):
        words = [
            f"{_label(name)} {sample[name]:.1f}{_unit(name)}"
            for name in (*SHOWN[sample["source"]], *_pressure(sample))
            if name in sample
        ]
        for disk, values in sample.get("disks", {}).items():
            figures = (f"{_label(name)} {value:.1f}{_unit(name)}" for name, value in values.items())
            words.append(f"{disk}: {' '.join(figures)}")
        if "noise" in sample:
            words.append(f"noise: {sample['noise']}")
        text = f"{sample['source']} {sample['name']}: {', '.join(words)}"
        yield Entry(sample["time"], "sample", text)


def trace_entries(folder: Path, lines: list[Line]) -> Iterator[Entry]:
    """What ftrace has left in files ``*.trace``, whose clock is that of the kernel's log."""
    for path in sorted(folder.glob("*.trace")):
        for found in _TRACED.finditer(_tail(path)):
            task, kernel_s, text = (group.decode(errors="replace") for group in found.groups())
            time = host_time(lines, float(kernel_s))
            if time is not None:
                yield Entry(time, "trace", f"{task}: {text.strip()}")


def _tail(path: Path) -> bytes:
    """The end of a file, from the begin of a line on; nothing if there is no file."""
    try:
        with open(path, "rb") as file:
            size = path.stat().st_size
            file.seek(max(0, size - TAIL))
            data = file.read()
    except FileNotFoundError:
        return b""
    return data if size <= TAIL else data[data.find(b"\n") + 1 :]


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in _tail(path).splitlines():
        with contextlib.suppress(ValueError):  # the last one, if its writer was cut off
            yield json.loads(line)


def _pressure(sample: Mapping[str, Any]) -> list[str]:
    """The pressure that there is, of ``psi_RESOURCE_KIND_percent``."""
    return sorted(name for name, value in sample.items() if name.startswith("psi_") and value)


def _label(name: str) -> str:
    for suffix, _ in _UNITS:
        name = name.removesuffix(suffix)
    return name.replace("_", " ")


def _unit(name: str) -> str:
    return next((unit for suffix, unit in _UNITS if name.endswith(suffix)), "")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
