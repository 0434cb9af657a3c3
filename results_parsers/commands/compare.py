"""Compare the metrics of some jobs with those of others: better, worse, same or undecided.

A and B name jobs: last:N, a tag, or the beginning of a job's id. Exit code 1 if a metric is worse.
"""

import argparse
import json
from pathlib import Path

from results_parsers.commands.options import add_db, add_json, needs_numbers
from results_parsers.history import open_history
from results_parsers.thresholds import find_thresholds


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
        from results_parsers.history.comparison import compare_jobs
        from results_parsers.reports.comparison import metric_in_words
    thresholds = find_thresholds(options.thresholds)
    with open_history(options.db) as history:
        compared = compare_jobs(history, options.one, options.other, thresholds=thresholds)
    if options.json:
        documents = [
            {
                "test": one.samples.test,
                "metric": one.samples.metric,
                "verdict": one.found.verdict.value,
                "change_percent": one.found.change_percent,
                "low": one.found.low,
                "high": one.found.high,
                "samples": one.found.samples,
            }
            for one in compared.metrics
        ]
        print(json.dumps({"metrics": documents, "only_in_one": compared.alone}, indent=2))
    else:
        for one in compared.metrics:
            print(metric_in_words(one))
        print(
            f"{len(compared.metrics)} metrics compared; {compared.alone} are in one of the two only"
        )
    if not compared.metrics:
        return 3
    return int(compared.is_worse)
