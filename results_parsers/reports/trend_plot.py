"""A trend drawn by matplotlib: the nights, their levels, where they changed, what comes next."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from results_parsers.errors import ResultsError
from results_parsers.trends.analysis import Trend
from results_parsers.trends.drift import PER_RUNS
from results_parsers.trends.series import Band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES = (8.0, 2.6)
NEUTRAL = "#7a828a"  # axes and words: read on white and on black
POINTS, LEVEL, CHANGE, NEXT = "#0969da", "#bf8700", "#cf222e", "#1a7f37"


def plot_svg(trend: Trend, band: Band | None = None) -> str:
    """The plot as an ``<svg>`` element for a page, transparent. Raises ``ResultsError`` without
    matplotlib.
    """
    buffer = io.StringIO()
    figure = _draw(trend, band)
    import matplotlib

    # The same plot is the same text each time; its words are text.
    with matplotlib.rc_context({"svg.hashsalt": "vexfs", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def plot_png(trend: Trend, band: Band | None = None) -> bytes:
    """The plot as a PNG file, on white. Raises ``ResultsError`` without matplotlib."""
    buffer = io.BytesIO()
    _draw(trend, band).savefig(buffer, format="png", dpi=120, facecolor="white")
    return buffer.getvalue()


def _draw(trend: Trend, band: Band | None) -> "Figure":
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
    _draw_bands(trend, band, axes)
    axes.set_ylabel(f"times {series.reference}" if series.by_ratio else series.unit, color=NEUTRAL)
    locator = AutoDateLocator(maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.tick_params(colors=NEUTRAL)
    for spine in axes.spines.values():
        spine.set_color(NEUTRAL)
        spine.set_linewidth(0.6)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False, fontsize="small", labelcolor=NEUTRAL)
    return figure


def _draw_bands(trend: Trend, band: Band | None, axes: "Axes") -> None:
    """Where the baseline lies, where the next run should, and the reference if that is near."""
    if band is not None:
        label = f"baseline:\n{band.name}"
        axes.axhspan(band.low, band.high, color=NEUTRAL, alpha=0.18, linewidth=0, label=label)
    if trend.prediction is not None:
        one = trend.prediction
        axes.axhspan(one.low, one.high, color=NEXT, alpha=0.15, linewidth=0, label="next run")
    values = trend.series.points()
    reach = float(values.max() - values.min())
    if trend.series.by_ratio and values.min() - reach <= 1 <= values.max() + reach:
        label = f"reference:\n{trend.series.reference}"
        axes.axhline(1, color=NEUTRAL, linewidth=1, linestyle=":", label=label)


def _draw_levels(trend: Trend, times: Sequence[float], axes: "Axes") -> None:
    """The level between two changes, or the drift since the last one."""
    cuts = [change.index for change in trend.changes]
    edges = [0, *cuts, len(times)]
    levels = [trend.changes[0].before, *(one.after for one in trend.changes)] if cuts else []
    for cut in cuts:
        label = "change" if cut == cuts[0] else None
        axes.axvline(times[cut], color=CHANGE, linewidth=1, linestyle="--", label=label)
    for level, start, end in zip(levels, edges, edges[1:], strict=False):
        last = end == len(times)
        if not (last and trend.drift):
            label = None if start else "level"
            both = [times[start], times[end - 1]]
            axes.plot(both, [level, level], color=LEVEL, linewidth=1.6, label=label)
    if trend.drift:
        count = len(times) - edges[-2]
        ends = [trend.drift.intercept + trend.drift.change / PER_RUNS * n for n in (0, count - 1)]
        axes.plot([times[edges[-2]], times[-1]], ends, color=LEVEL, linewidth=1.6, label="drift")
