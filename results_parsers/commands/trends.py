"""Say which metrics have changed, which of them drift, and what the next run should give.

Exit code 1 if something has become worse in the last nights (--since), or drifts that way.
"""

import argparse
import json
import time
from datetime import date
from typing import TYPE_CHECKING, Any

from results_parsers.commands.options import add_db, add_json, needs_numbers
from results_parsers.history import open_history

if TYPE_CHECKING:
    from results_parsers.trends.analysis import Trend

NIGHT_S = 86_400.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--test", default="", help="only tests with this in their names")
    parser.add_argument("--metric", default="", help="only this metric")
    parser.add_argument(
        "--since", type=int, default=14, metavar="NIGHTS", help="what counts as new (default: 14)"
    )
    parser.add_argument("--all", action="store_true", help="also series in which nothing happens")
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    with needs_numbers():
        from results_parsers.history.series import read_series
        from results_parsers.trends.analysis import analyse
    with open_history(options.db) as history:
        trends = analyse(read_series(history, test=options.test, metric=options.metric))
    if options.json:
        print(json.dumps([to_dict(trend) for trend in trends], indent=2))
    else:
        moving = [one for one in trends if one.changes or one.drift]
        for trend in trends if options.all else moving:
            print(in_words(trend))
        print(f"{len(trends)} series; {len(moving)} of them change or drift")
    start = time.time() - options.since * NIGHT_S
    return int(any(worse_since(trend, start) for trend in trends))


def worse_since(trend: "Trend", start: float) -> bool:
    """Whether a series has become worse after a time, or drifts that way."""
    changed = any(not one.better and one.time >= start for one in trend.changes)
    return changed or trend.drifts_worse


def in_words(trend: "Trend") -> str:
    """The series and its changes, a line each."""
    from results_parsers.trends.drift import PER_RUNS

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


def to_dict(trend: "Trend") -> dict[str, Any]:
    """JSON values."""
    from dataclasses import asdict

    return {
        **asdict(trend.series.key),
        "unit": trend.series.unit,
        "better": trend.series.better,
        "points": len(trend.series.times),
        "by_ratio": trend.series.by_ratio,
        "changes": [{**asdict(one), "change_percent": one.change_percent} for one in trend.changes],
        "drift": asdict(trend.drift) if trend.drift else None,
        "prediction": asdict(trend.prediction) if trend.prediction else None,
    }
