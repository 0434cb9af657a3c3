"""Small plots of what the monitor has seen during a test, drawn as lines of SVG.

Five hundred tests have a thousand of them: drawn by matplotlib they would take a minute.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 240, 40  # units of the SVG
LEAST_SAMPLES = 3
MOST_POINTS = 240
LARGEST_BYTES = 8 << 20


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
    Quantity("qemu_write_mib_per_s", "QEMU writes", "MiB/s"),
)


@dataclass(frozen=True)
class SamplePlot:
    """A line of points, ``x,y`` in a box of ``WIDTH`` by ``HEIGHT``, with its ends in words."""

    label: str
    points: str
    peak: str
    seconds: float


def plot_samples(file: Path) -> tuple[SamplePlot, ...]:
    """The plots of a test; none where there are no samples. Lines that are cut off are left out."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            return ()
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return ()
    samples = [sample for line in lines if (sample := _read(line))]
    plots = (_plot(quantity, samples) for quantity in QUANTITIES)
    return tuple(plot for plot in plots if plot is not None)


def _read(line: str) -> Mapping[str, Any] | None:
    try:
        sample = json.loads(line)
    except ValueError:
        return None
    is_sample = isinstance(sample, dict) and isinstance(sample.get("time"), int | float)
    return sample if is_sample else None


def _plot(quantity: Quantity, samples: list[Mapping[str, Any]]) -> SamplePlot | None:
    found = [
        (float(sample["time"]), float(sample[quantity.field]))
        for sample in samples
        if isinstance(sample.get(quantity.field), int | float)
    ]
    if len(found) < LEAST_SAMPLES:
        return None
    found = found[:: max(1, len(found) // MOST_POINTS)]
    start, end = found[0][0], found[-1][0]
    peak = max(value for _, value in found)
    span, top = end - start or 1.0, peak or 1.0
    points = " ".join(
        f"{(time - start) / span * WIDTH:.1f},{HEIGHT - max(0.0, value) / top * HEIGHT:.1f}"
        for time, value in found
    )
    return SamplePlot(quantity.label, points, f"{peak:,.4g} {quantity.unit}", end - start)
