"""Write synthetic jobs into a folder, to try the other verbs on; nothing in them was measured."""

import argparse
from datetime import date
from pathlib import Path

from results_parsers.demo import make_demo
from results_parsers.errors import UsageError

MOST_NIGHTS = 20_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the jobs' folders are made")
    parser.add_argument("--nights", type=int, default=90, help="default: 90")
    parser.add_argument("--seed", type=int, default=1, help="default: 1")
    last = date.today()
    parser.add_argument("--last", type=date.fromisoformat, default=last, metavar="YYYY-MM-DD")


def run(options: argparse.Namespace) -> int:
    if not 1 <= options.nights <= MOST_NIGHTS:
        raise UsageError(f"--nights = {options.nights}; allowed: 1 to {MOST_NIGHTS}")
    jobs = list(make_demo(options.folder, options.nights, options.seed, options.last))
    print(f"{len(jobs)} synthetic jobs in {options.folder}")
    return 0
