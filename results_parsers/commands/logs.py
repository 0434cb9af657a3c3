"""Count the lines of the logs by templates, job by job, and say which were never there before.

Reads the logs of those jobs of the history whose folders are there and that were not read yet.
Exit code 3 if there are none, now or before.
"""

import argparse
import json
from dataclasses import asdict

from results_parsers.commands.options import add_db, add_json
from results_parsers.history import open_history
from results_parsers.history.log_templates import (
    TemplateCount,
    count_nights,
    count_templates,
    mine_jobs,
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recent", type=int, default=1, metavar="N", help="the last N jobs (default: 1)"
    )
    parser.add_argument(
        "--nights", type=int, default=30, metavar="N", help="of the counts in --json (default: 30)"
    )
    parser.add_argument("--all", action="store_true", help="print the known templates as well")
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    with open_history(options.db) as history:
        mined = mine_jobs(history)
        counts = count_templates(history, recent=options.recent)
        nights = count_nights(history, options.nights)
    if options.json:
        document = {
            "read_now": asdict(mined),
            "templates": [asdict(one) for one in counts],
            "nights": [asdict(one) for one in nights],
        }
        print(json.dumps(document, indent=2))
        return 0 if counts else 3
    for one in counts:
        if one.new or options.all:
            print(_in_words(one))
    new = sum(one.new for one in counts)
    lines = sum(one.lines for one in counts)
    print(f"{len(counts)} templates in {lines} lines of the last {options.recent} jobs; {new} new")
    print(
        f"read now: {mined.lines} lines of {mined.jobs} jobs; {mined.without_logs} jobs have none"
    )
    return 0 if counts else 3


def _in_words(one: TemplateCount) -> str:
    mark = "new" if one.new else "known"
    return f"{mark:<5} {one.lines:>6} lines in {one.tests} tests: {one.text}"
