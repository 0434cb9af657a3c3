"""A trend drawn by matplotlib: the nights, their levels, where they changed, what comes next."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from results_parsers.errors import ResultsError
from results_parsers.trends.analysis import Trend
from results_parsers.trends.drift import PER_RUNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES = (8.0, 2.6)
NEUTRAL = "#7a828a"  # axes and words: read on white and on black
POINTS, LEVEL, CHANGE, NEXT = "#0969da", "#bf8700", "#cf222e", "#1a7f37"


def plot_svg(trend: Trend) -> str:
    """The plot as an ``<svg>`` element for a page, transparent. Raises ``ResultsError`` without
    matplotlib.
    """
    buffer = io.StringIO()
    figure = _draw(trend)
    import matplotlib

    # The same plot is the same text each time; its words are text.
    with matplotlib.rc_context({"svg.hashsalt": "vexfs", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def plot_png(trend: Trend) -> bytes:
    """The plot as a PNG file, on white."""
    buffer = io.BytesIO()
    _draw(trend).savefig(buffer, format="png", dpi=120, facecolor="white")
    return buffer.getvalue()


def _draw(trend: Trend) -> "Figure":
    try:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ResultsError(
            "plots need matplotlib; run: pip install 'vexfs-provider[reports]'"
        ) from error
    series, values = trend.series, trend.series.points()
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.subplots()
    times = date2num([datetime.fromtimestamp(time, UTC) for time in series.times])
    axes.plot(times, values, ".", markersize=4, color=POINTS, label="runs")
    _draw_levels(trend, times, axes)
    if trend.prediction is not None:
        one = trend.prediction
        axes.axhspan(one.low, one.high, color=NEXT, alpha=0.15, linewidth=0)
    axes.set_ylabel(f"{'ratio' if series.by_ratio else series.unit}", color=NEUTRAL)
    locator = AutoDateLocator(maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.tick_params(colors=NEUTRAL)
    for spine in axes.spines.values():
        spine.set_color(NEUTRAL)
        spine.set_linewidth(0.6)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_levels(trend: Trend, times: Sequence[float], axes: "Axes") -> None:
    """The level between two changes, or the drift since the last one."""
    cuts = [change.index for change in trend.changes]
    edges = [0, *cuts, len(times)]
    levels = [trend.changes[0].before, *(one.after for one in trend.changes)] if cuts else []
    for cut in cuts:
        axes.axvline(times[cut], color=CHANGE, linewidth=1, linestyle="--")
    for level, start, end in zip(levels, edges, edges[1:], strict=False):
        last = end == len(times)
        if not (last and trend.drift):
            axes.plot([times[start], times[end - 1]], [level, level], color=LEVEL, linewidth=1.6)
    if trend.drift:
        count = len(times) - edges[-2]
        ends = [trend.drift.intercept + trend.drift.change / PER_RUNS * n for n in (0, count - 1)]
        axes.plot([times[edges[-2]], times[-1]], ends, color=LEVEL, linewidth=1.6)
