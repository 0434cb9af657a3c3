"""Compare the metrics of some jobs with those of others: better, worse, same or undecided.

A and B name jobs: last:N, a tag, or the beginning of a job's id. Exit code 1 if a metric is worse.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from results_parsers.commands.options import add_db, add_json, needs_numbers
from results_parsers.history import open_history
from results_parsers.thresholds import BESIDE, Thresholds, read_thresholds

if TYPE_CHECKING:
    from results_parsers.history.series import Samples
    from results_parsers.trends.compare import Comparison


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("one", metavar="A", help="the baseline")
    parser.add_argument("other", metavar="B", help="what is compared with it")
    parser.add_argument(
        "--thresholds", type=Path, metavar="FILE", help="TOML with default and [metrics], percent"
    )
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    with needs_numbers():
        from results_parsers.history.series import read_samples, select_jobs
        from results_parsers.trends.compare import Verdict, compare
    thresholds = _thresholds(options.thresholds)
    with open_history(options.db) as history:
        before = read_samples(history, select_jobs(history, options.one))
        after = read_samples(history, select_jobs(history, options.other))
    rows = []
    for key in sorted(before.keys() & after.keys()):
        one, other = before[key], after[key]
        limit = thresholds.of(one.metric)
        found = compare(one.values, other.values, better=one.better, threshold_percent=limit)
        rows.append((one, found))
        if not options.json:
            print(_in_words(one, found))
    alone = len(before.keys() ^ after.keys())
    if options.json:
        documents = [
            {
                "test": one.test,
                "metric": one.metric,
                "verdict": found.verdict.value,
                "change_percent": found.change_percent,
                "low": found.low,
                "high": found.high,
                "samples": found.samples,
            }
            for one, found in rows
        ]
        print(json.dumps({"metrics": documents, "only_in_one": alone}, indent=2))
    else:
        print(f"{len(rows)} metrics compared; {alone} are in one of the two only")
    if not rows:
        return 3
    return int(any(found.verdict is Verdict.WORSE for _, found in rows))


def _thresholds(path: Path | None) -> Thresholds:
    if path is None and not BESIDE.is_file():
        return Thresholds()
    return read_thresholds(path or BESIDE)


def _in_words(one: "Samples", found: "Comparison") -> str:
    change = ""
    if found.change_percent is not None:
        change = f" {found.change_percent:+.1f} % ({found.low:+.1f} to {found.high:+.1f})"
    counts = f"{found.samples[0]} and {found.samples[1]} samples"
    return f"{found.verdict.value:<9} {one.test} {one.metric}:{change} [{counts}]"
