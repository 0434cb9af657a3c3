"""Put jobs into the history; again as often as you like.

What cannot be read is named and counted, and the exit code is 3 then; all the rest is stored.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from results_parsers.commands.options import add_db, add_json
from results_parsers.history import History, Ingested, ingest_all, open_history
from results_parsers.job import JobResult
from results_parsers.reader import Skipped, read_jobs

BATCH = 100
"""So many jobs share a transaction; if it fails they are not there, and can be ingested again."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        type=Path,
        help="a job's folder, its results.json or JUnit file, or a folder with jobs below it",
    )
    parser.add_argument(
        "--tag", action="append", default=[], help="a name for these jobs, as 'nightly' or 'v1.2'"
    )
    add_db(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    skipped: list[Skipped] = []
    problems: list[str] = []
    with open_history(options.db, create=True) as history:
        waiting: list[JobResult] = []
        for job in read_jobs(options.paths):
            if isinstance(job, Skipped):
                skipped.append(job)
                print(f"skipped: {job.why}", file=sys.stderr)
                continue
            for problem in job.problems:
                problems.append(problem)
                print(f"problem: {problem}", file=sys.stderr)
            waiting.append(job)
            if len(waiting) == BATCH:
                counts.update(_store(history, waiting, options))
                _tell_progress(counts.total())
        counts.update(_store(history, waiting, options))
    _tell(options, counts, skipped, problems)
    return 3 if skipped or not counts else 0


def _store(history: History, jobs: list[JobResult], options: argparse.Namespace) -> list[str]:
    """Store the jobs, and forget them."""
    outcomes = ingest_all(history, jobs, tags=tuple(options.tag))
    jobs.clear()
    return [outcome.value for outcome in outcomes]


def _tell_progress(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} jobs", end="", file=sys.stderr, flush=True)


def _tell(
    options: argparse.Namespace, counts: Counter[str], skipped: list[Skipped], problems: list[str]
) -> None:
    if options.json:
        document = {
            "db": str(options.db),
            "jobs": {one.value: counts[one.value] for one in Ingested},
            "skipped": [{"path": str(one.path), "why": one.why} for one in skipped],
            "problems": problems,
        }
        print(json.dumps(document, indent=2))
        return
    words = ", ".join(f"{counts[one.value]} {one.value}" for one in Ingested)
    print(f"{counts.total()} jobs: {words}; {len(skipped)} skipped, {len(problems)} problems")
    print(f"history: {options.db}")
