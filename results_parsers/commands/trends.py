"""Say which metrics have changed, which of them drift, and what the next run should give.

Exit code 1 if something has become worse in the last nights (--since), or drifts that way.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results_parsers.commands.options import add_db, add_json, needs_numbers
from results_parsers.history import History, open_history

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
    parser.add_argument(
        "--plots", type=Path, metavar="DIR", help="draw them there as well, as SVG and PNG"
    )
    parser.add_argument(
        "--baseline", metavar="JOBS", help="of the plots: as in compare (default: all but the last)"
    )
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    with needs_numbers():
        from results_parsers.history.series import read_series
        from results_parsers.trends.analysis import analyse
        from results_parsers.trends.words import in_words
    with open_history(options.db) as history:
        trends = analyse(read_series(history, test=options.test, metric=options.metric))
        moving = [one for one in trends if one.changes or one.drift]
        shown = trends if options.all else moving
        if options.plots:
            _plot(options, history, shown)
    if options.json:
        print(json.dumps([to_dict(trend) for trend in trends], indent=2))
    else:
        for trend in shown:
            print(in_words(trend))
        print(f"{len(trends)} series; {len(moving)} of them change or drift")
    start = time.time() - options.since * NIGHT_S
    return int(any(worse_since(trend, start) for trend in trends))


def _plot(options: argparse.Namespace, history: History, trends: Sequence["Trend"]) -> None:
    from results_parsers.history.series import jobs_before, select_jobs
    from results_parsers.reports.plot_files import write_plots

    name = options.baseline
    baseline = select_jobs(history, name) if name else jobs_before(history, 1)
    files = write_plots(trends, options.plots, baseline)
    print(f"{len(files)} plots in {options.plots}", file=sys.stderr)


def worse_since(trend: "Trend", start: float) -> bool:
    """Whether a series has become worse after a time, or drifts that way."""
    changed = any(not one.better and one.time >= start for one in trend.changes)
    return changed or trend.drifts_worse


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
