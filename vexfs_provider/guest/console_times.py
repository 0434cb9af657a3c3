"""When the lines of a guest's console were written, on the host's clock.

Lines carry the time of the guest's kernel, which starts at its boot, stands still while the guest
does, and drifts. How long the console was at some times of the host's says between which of them a
line has come; between those the kernel's own times count.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_KERNEL_TIME = re.compile(rb"\[ *(\d+\.\d{6})\](?:\[[^\]]*\])? ")
_CONTROL = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Mark:
    """The console's length in bytes at a time, in seconds since the epoch."""

    time: float
    size: int


@dataclass(frozen=True)
class Line:
    """A line of a console and when it was written; ``kernel_s``: the kernel's own time, if any."""

    time: float
    offset: int
    text: str
    kernel_s: float | None = None


def timed_lines(console: bytes, start: int, marks: Iterable[Mark]) -> list[Line]:
    """The lines from byte ``start`` on, in their order; those that no mark helps with are missing.

    A line has never a time before that of the line above it.
    """
    ordered = sorted(marks, key=lambda mark: (mark.size, mark.time))
    sizes = [mark.size for mark in ordered]
    found: list[Line] = []
    offset_s: float | None = None
    for offset, text in _lines(console, start):
        before, behind = bisect_right(sizes, offset) - 1, bisect_left(sizes, offset + len(text))
        earliest = ordered[before].time if before >= 0 else float("-inf")
        latest = ordered[behind].time if behind < len(ordered) else float("inf")
        stamp = _KERNEL_TIME.match(text)
        kernel_s = float(stamp[1]) if stamp else None
        if kernel_s is not None and offset_s is not None:
            likely = kernel_s + offset_s
        else:
            likely = found[-1].time if found else latest if latest < float("inf") else earliest
        time = min(max(likely, earliest), latest)
        if time in (float("inf"), float("-inf")):
            continue
        if kernel_s is not None:
            offset_s = time - kernel_s
        time = max(time, found[-1].time) if found else time
        shown = _CONTROL.sub(b"", text).decode(errors="replace").strip()
        if not shown:
            continue
        found.append(Line(time, offset, shown, kernel_s))
    return found


def host_time(lines: list[Line], kernel_s: float) -> float | None:
    """The host's time of a time of the kernel's; None if no line tells."""
    known = [line for line in lines if line.kernel_s is not None]
    if not known:
        return None
    nearest = min(known, key=lambda line: abs((line.kernel_s or 0.0) - kernel_s))
    return nearest.time + kernel_s - (nearest.kernel_s or 0.0)


def _lines(console: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    offset = start
    for text in console[start:].splitlines(keepends=True):
        yield offset, text
        offset += len(text)
