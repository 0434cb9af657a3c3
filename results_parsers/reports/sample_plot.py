"""Small plots of what the monitor has seen during a test, drawn as lines of SVG.

Five hundred tests have a thousand of them: drawn by matplotlib they would take a minute.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results_parsers.reports.marks import STEP, Mark, named

WIDTH, HEIGHT = 240, 40  # units of the SVG
TICK = 4  # of a step
LEAST_SAMPLES = 3
MOST_POINTS = 240
LARGEST_BYTES = 2 << 20  # of a file that is read whole
MOST_LINES = 4 * MOST_POINTS  # of a larger one: host and guest take turns


@dataclass(frozen=True)
class Quantity:
    """What is drawn: a field of the samples, and its name for people."""

    field: str
    label: str
    unit: str


QUANTITIES = (
    Quantity("cpu_percent", "guest's processors", "%"),
    Quantity("memory_used_mib", "guest's memory", "MiB"),
    Quantity("qemu_rss_mib", "QEMU's memory", "MiB"),
    Quantity("qemu_read_mib_per_s", "QEMU reads", "MiB/s"),
    Quantity("qemu_write_mib_per_s", "QEMU writes", "MiB/s"),
)


@dataclass(frozen=True)
class SamplePlot:
    """A line of points, ``x,y`` in a box of ``WIDTH`` by ``HEIGHT``; its peak in words."""

    label: str
    points: str
    peak: str


@dataclass(frozen=True)
class ShownMark:
    """A mark at ``x`` in the boxes, ``seconds`` after they begin."""

    x: float
    seconds: float
    kind: str
    text: str


@dataclass(frozen=True)
class SamplePlots:
    """The plots of a test, which share ``seconds`` of time; ``steps`` is an SVG path of ticks."""

    plots: tuple[SamplePlot, ...] = ()
    seconds: float = 0.0
    steps: str = ""
    marks: tuple[ShownMark, ...] = ()


def plot_samples(file: Path, marks: Sequence[Mark] = ()) -> SamplePlots:
    """The plots of a test; none where there are no samples. Lines that are cut off are left out.

    Marks before the first sample or after the last one are drawn at the edge.
    """
    samples = _read_samples(file)
    if not samples:
        return SamplePlots()
    times = [float(sample["time"]) for sample in samples]
    start, span = min(times), (max(times) - min(times)) or 1.0
    plots = (_plot(quantity, samples, start, span) for quantity in QUANTITIES)
    found = tuple(plot for plot in plots if plot is not None)
    if not found:
        return SamplePlots()
    shown = [
        ShownMark(_place(mark.time, start, span), mark.time - start, mark.kind, mark.text)
        for mark in named(marks)
    ]
    places = (_place(mark.time, start, span) for mark in marks if mark.kind == STEP)
    steps = "".join(f"M{place},{HEIGHT}v-{TICK}" for place in dict.fromkeys(places))
    return SamplePlots(found, span, steps, tuple(shown))


def _read_samples(file: Path) -> list[Mapping[str, Any]]:
    try:
        lines = _lines(file)
    except OSError:
        return []
    return [sample for line in lines if (sample := _read(line))]


def _lines(file: Path) -> list[bytes]:
    """All lines of a file, or ``MOST_LINES`` from all over it where it is that of a long soak."""
    size = file.stat().st_size
    if size <= LARGEST_BYTES:
        return file.read_bytes().splitlines()
    found = []
    with file.open("rb") as opened:
        for number in range(MOST_LINES):
            opened.seek(number * size // MOST_LINES)
            opened.readline()  # the rest of a line
            found.append(opened.readline())
    return found


def _read(line: bytes) -> Mapping[str, Any] | None:
    try:
        sample = json.loads(line)
    except ValueError:
        return None
    is_sample = isinstance(sample, dict) and isinstance(sample.get("time"), int | float)
    return sample if is_sample else None


def _place(time: float, start: float, span: float) -> float:
    return round(min(1.0, max(0.0, (time - start) / span)) * WIDTH, 1)


def _plot(
    quantity: Quantity, samples: Sequence[Mapping[str, Any]], start: float, span: float
) -> SamplePlot | None:
    found = [
        (float(sample["time"]), float(sample[quantity.field]))
        for sample in samples
        if isinstance(sample.get(quantity.field), int | float)
    ]
    if len(found) < LEAST_SAMPLES:
        return None
    found = found[:: max(1, len(found) // MOST_POINTS)]
    peak = max(value for _, value in found)
    top = peak or 1.0
    points = " ".join(
        f"{_place(time, start, span)},{HEIGHT - max(0.0, value) / top * HEIGHT:.1f}"
        for time, value in found
    )
    return SamplePlot(quantity.label, points, f"{peak:,.4g} {quantity.unit}")
