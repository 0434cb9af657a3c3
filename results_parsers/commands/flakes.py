"""Say of each finding of the last jobs whether it is new, a regression, flaky or fixed.

Exit code 1 if one is new or a regression.
"""

import argparse
import json

from results_parsers.commands.options import add_db, add_json, needs_numbers
from results_parsers.history import open_history


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recent", type=int, default=7, metavar="N", help="the last N jobs (default: 7)"
    )
    parser.add_argument(
        "--baseline", metavar="JOBS", help="a tag or last:N (default: all jobs before those)"
    )
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    with needs_numbers():
        from results_parsers.history.findings import judge_findings
        from results_parsers.trends.flakes import Flake
    with open_history(options.db) as history:
        judged = judge_findings(history, recent=options.recent, baseline=options.baseline)
    if options.json:
        documents = [
            {
                "test": one.test,
                "title": one.title,
                "verdict": one.verdict.verdict.value,
                "recent": str(one.verdict.recent),
                "baseline": str(one.verdict.baseline),
                "runs_needed": one.verdict.needed,
            }
            for one in judged
        ]
        print(json.dumps(documents, indent=2))
    else:
        for one in judged:
            print(f"{one.verdict}: {one.test}: {one.title}")
        print(f"{len(judged)} findings in the last {options.recent} jobs or before")
    bad = (Flake.NEW, Flake.REGRESSION)
    return int(any(one.verdict.verdict in bad for one in judged))
