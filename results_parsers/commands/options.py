"""Options that several verbs have."""

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from results_parsers.errors import ResultsError
from results_parsers.history import default_path
from results_parsers.job import JobResult
from results_parsers.reader import Skipped, read_jobs


def add_db(parser: argparse.ArgumentParser) -> None:
    """``--db FILE``."""
    help_text = f"the history (default: {default_path()})"
    parser.add_argument("--db", type=Path, default=default_path(), metavar="FILE", help=help_text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


@contextlib.contextmanager
def needs_numbers() -> Iterator[None]:
    """Imports within need the extra ``results``. Raises ``ResultsError`` where it is missing."""
    try:
        yield
    except ImportError as error:
        raise ResultsError(
            f"this needs {error.name}; run: pip install 'vexfs-provider[results]'"
        ) from error


def read_or_say(paths: Sequence[Path]) -> tuple[list[JobResult], int]:
    """The jobs that can be read; how many cannot, which are named on standard error."""
    jobs, skipped = [], 0
    for job in read_jobs(paths):
        if isinstance(job, Skipped):
            skipped += 1
            print(f"skipped: {job.why}", file=sys.stderr)
        else:
            jobs.append(job)
    return jobs, skipped
