"""Trend plots as files, for mails and papers: SVG for those who scale, PNG for all others."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

from results_parsers.history.series import Selection
from results_parsers.reports.trend_plot import plot_png, plot_svg
from results_parsers.reports.write import write_bytes
from results_parsers.trends.analysis import Trend
from results_parsers.trends.series import Band, SeriesKey, baseline_band

HEADER = '<?xml version="1.0" encoding="utf-8"?>\n'
Draw = Callable[[Trend, Band | None], bytes]


def _svg_file(trend: Trend, band: Band | None) -> bytes:
    return (HEADER + plot_svg(trend, band)).encode()


FORMATS: Mapping[str, Draw] = {"svg": _svg_file, "png": plot_png}


def write_plots(trends: Sequence[Trend], folder: Path, baseline: Selection) -> list[Path]:
    """Write each trend in every format; the files, whose names are the same each time.

    Raises ``ResultsError`` without matplotlib, ``OSError``.
    """
    files = []
    for trend in trends:
        band = baseline_band(trend.series, frozenset(baseline.jobs), baseline.name)
        for suffix, draw in FORMATS.items():
            file = folder / f"{plot_name(trend.series.key)}.{suffix}"
            write_bytes(file, draw(trend, band))
            files.append(file)
    return files


def plot_name(key: SeriesKey) -> str:
    """A name for people, which ends with what tells kernels, accelerators and hosts apart."""
    words = re.sub(r"[^\w.+-]+", "_", f"{key.test}.{key.metric}")[:150]
    return f"{words}-{hashlib.sha256(repr(astuple(key)).encode()).hexdigest()[:8]}"
