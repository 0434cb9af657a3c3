"""A trend in words, for a terminal and for pages."""

from datetime import date

from results_parsers.trends.analysis import Trend
from results_parsers.trends.drift import PER_RUNS


def in_words(trend: Trend) -> str:
    """The series and its changes, a line each."""
    series, key = trend.series, trend.series.key
    unit = "ratios to the reference" if series.by_ratio else series.unit
    lines = [f"{key.test}: {key.metric} ({key.host_class}, {key.accelerator}), in {unit}"]
    for change in trend.changes:
        word = "better" if change.better else "WORSE"
        percent = f"{change.change_percent:+.1f} %" if change.change_percent is not None else "?"
        lines.append(
            f"  {date.fromtimestamp(change.time)}: {change.before:.4g} -> {change.after:.4g} "
            f"({percent}, {word}, p = {change.p:.1g})"
        )
    if trend.drift:
        word = "WORSE" if trend.drifts_worse else "better"
        lines.append(
            f"  drifts: {trend.drift.change:+.3g} in {PER_RUNS} runs "
            f"({trend.drift.low:+.3g} to {trend.drift.high:+.3g}, {word})"
        )
    if trend.prediction:
        one = trend.prediction
        lines.append(f"  next run: {one.value:.4g} ({one.low:.4g} to {one.high:.4g})")
    return "\n".join(lines)
