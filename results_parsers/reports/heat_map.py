"""Tests and findings by nights: what was red when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from results_parsers.history.database import History
from results_parsers.history.series import number_list

RED = "FAIL"


@dataclass(frozen=True)
class Cell:
    """Of one row in one job: a status, empty where there was none; what is written, and said."""

    status: str
    text: str
    title: str


@dataclass(frozen=True)
class HeatMap:
    """Rows by jobs, the latest first; ``days`` are the jobs' names for people."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def map_tests(history: History, nights: int) -> HeatMap:
    """The status of each test in each of the last jobs."""
    jobs = _latest(history, nights)
    rows = history.connection.execute(
        f"SELECT name, job, status FROM tests WHERE job IN ({number_list(jobs)}) ORDER BY id"
    )
    return _map(jobs, rows, _test_cell)


def map_titles(history: History, nights: int) -> HeatMap:
    """How many tests of each of the last jobs had each unexpected finding."""
    jobs = _latest(history, nights)
    rows = history.connection.execute(
        f"""SELECT title, job, count(DISTINCT test) FROM findings
            JOIN tests ON tests.id = findings.test
            WHERE job IN ({number_list(jobs)}) AND NOT expected AND NOT known
            GROUP BY title, job"""
    )
    return _map(jobs, rows, _title_cell)


def _latest(history: History, nights: int) -> dict[int, str]:
    """The last jobs and their days, the latest first."""
    query = "SELECT id, started FROM jobs ORDER BY started DESC, id DESC LIMIT ?"
    rows = history.connection.execute(query, (nights,))
    return {row["id"]: _day(row["started"]) for row in rows}


def _map(
    jobs: Mapping[int, str], rows: Iterable[Sequence[Any]], make_cell: Callable[[Any, str], Cell]
) -> HeatMap:
    found: dict[str, dict[int, Any]] = {}
    for name, job, value in rows:
        found.setdefault(name, {})[job] = value
    return HeatMap(
        tuple(jobs.values()),
        tuple(
            (name, tuple(make_cell(found[name].get(job), day) for job, day in jobs.items()))
            for name in sorted(found)
        ),
    )


def _test_cell(status: str | None, day: str) -> Cell:
    text = "" if status in (None, "PASS") else str(status)[0]
    return Cell(status or "", text, f"{day}: {status or 'not run'}")


def _title_cell(count: int | None, day: str) -> Cell:
    if not count:
        return Cell("", "", f"{day}: not found")
    return Cell(RED, str(count), f"{day}: found by {count} tests")


def _day(started: float | None) -> str:
    return "?" if started is None else str(date.fromtimestamp(started))
