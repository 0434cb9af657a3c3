"""A history of synthetic jobs, in which it is known what happens."""

from datetime import date
from pathlib import Path

from results_parsers.demo import make_demo
from results_parsers.history import ingest_all, open_history
from results_parsers.reader import read_job

NIGHTS = 60
"""One of them is missing."""


def make_history(folder: Path) -> Path:
    """The history of ``NIGHTS`` jobs until today in ``folder``; the first 30 are "before"."""
    jobs = [read_job(path) for path in make_demo(folder / "jobs", NIGHTS, 1, date.today())]
    with open_history(folder / "h.sqlite", create=True) as history:
        ingest_all(history, jobs[:30], tags=("before",))
        ingest_all(history, jobs[30:], tags=("after",))
    return folder / "h.sqlite"
