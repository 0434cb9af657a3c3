"""What the trends are made of, from the history: series of metrics, and counts of findings."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results_parsers.errors import UsageError
from results_parsers.history.database import History
from results_parsers.trends.series import Series, SeriesKey

_RAN = "tests.status IN ('PASS', 'WARN', 'FAIL')"
"""Tests that have run to their end; what others have measured is left out."""

_SERIES = f"""
    SELECT tests.name AS test, scenario, filesystem, kernel, accelerator, host_class,
        metrics.name AS metric, unit, better, tests.started AS started, value, ratio,
        tests.job AS job, reference
    FROM metrics JOIN tests ON tests.id = metrics.test
    WHERE {_RAN} AND tests.started IS NOT NULL {{more}}
    ORDER BY test, scenario, filesystem, kernel, accelerator, host_class, metric, started"""


def read_series(history: History, *, test: str = "", metric: str = "") -> list[Series]:
    """All series (``trends.series.Series``), or those whose test's name has ``test`` in it and
    whose metric is ``metric``.
    """
    conditions, arguments = [], []
    if test:
        conditions.append("AND instr(tests.name, ?)")
        arguments.append(test)
    if metric:
        conditions.append("AND metrics.name = ?")
        arguments.append(metric)
    rows = history.connection.execute(_SERIES.format(more=" ".join(conditions)), arguments)
    points: dict[SeriesKey, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        key = SeriesKey(*(row[n] or "" for n in range(7)))
        points[key].append(row)
    return [
        Series(
            key,
            rows[-1]["unit"],
            rows[-1]["better"],
            tuple(row["started"] for row in rows),
            tuple(row["value"] for row in rows),
            tuple(row["ratio"] for row in rows),
            tuple(row["job"] for row in rows),
            rows[-1]["reference"] or "",
        )
        for key, rows in points.items()
    ]


@dataclass(frozen=True)
class Selection:
    """Some jobs, named as the user did."""

    name: str
    jobs: tuple[int, ...]


def select_jobs(history: History, name: str) -> Selection:
    """The jobs of a baseline: ``last:N``, a tag, or the (beginning of the) id of one job.

    Raises ``UsageError`` if there are none.
    """
    query, argument = _question(name)
    jobs = tuple(row["id"] for row in history.connection.execute(query, (argument,)))
    if not jobs:
        raise UsageError(
            f"{name!r} names no jobs; allowed: last:N, a tag, the beginning of a job's id"
        )
    return Selection(name, jobs)


def jobs_before(history: History, recent: int) -> Selection:
    """All jobs but the last ``recent`` ones: the baseline where none is named; may be empty."""
    latest = select_jobs(history, f"last:{recent}").jobs
    rows = history.connection.execute("SELECT id FROM jobs")
    jobs = tuple(row["id"] for row in rows if row["id"] not in latest)
    return Selection(f"all but the last {recent}", jobs)


def _question(name: str) -> tuple[str, object]:
    kind, _, number = name.partition(":")
    if kind == "last":
        if not number.isdecimal() or not int(number):
            raise UsageError(f"{name!r}: last:N needs a number above 0, as last:7")
        return "SELECT id FROM jobs ORDER BY started DESC, id DESC LIMIT ?", int(number)
    tagged = "SELECT job FROM tags WHERE tag = ?1"
    return f"SELECT id FROM jobs WHERE id IN ({tagged}) OR job_id LIKE ?1 || '%'", name


@dataclass(frozen=True)
class Samples:
    """All samples that some jobs have of a metric, by test."""

    test: str
    metric: str
    unit: str
    better: str
    values: tuple[float, ...]


def read_samples(history: History, selection: Selection) -> dict[tuple[str, str], Samples]:
    """The samples of the selected jobs, by test and metric."""
    rows = history.connection.execute(
        f"""SELECT tests.name AS test, metrics.name AS metric, unit, better, samples
            FROM metrics JOIN tests ON tests.id = metrics.test
            WHERE tests.job IN ({number_list(selection.jobs)}) AND {_RAN}
            ORDER BY tests.started"""
    )
    found: dict[tuple[str, str], Samples] = {}
    for row in rows:
        key = (row["test"], row["metric"])
        values = tuple(json.loads(row["samples"]))
        before = found[key].values if key in found else ()
        found[key] = Samples(*key, row["unit"], row["better"], before + values)
    return found


def number_list(jobs: Iterable[int]) -> str:
    """The numbers of jobs as SQL has them between parentheses."""
    return ", ".join(str(int(job)) for job in jobs)


@dataclass(frozen=True)
class FindingCount:
    """In how many of the ``runs`` of a test a finding was there, unexpected."""

    test: str
    title: str
    hits: int
    runs: int


def count_findings(history: History, jobs: Sequence[int]) -> dict[tuple[str, str], FindingCount]:
    """The unexpected findings of the jobs' tests, by test and title."""
    runs = count_runs(history, jobs)
    rows = history.connection.execute(
        f"""SELECT tests.name, title, count(DISTINCT tests.id) FROM findings
            JOIN tests ON tests.id = findings.test
            WHERE job IN ({number_list(jobs)}) AND {_RAN} AND NOT expected GROUP BY 1, 2"""
    )
    return {
        (test, title): FindingCount(test, title, hits, runs[test]) for test, title, hits in rows
    }


def count_runs(history: History, jobs: Sequence[int]) -> dict[str, int]:
    """How often each test has run to its end in the jobs."""
    rows = history.connection.execute(
        f"""SELECT name, count(*) FROM tests
            WHERE job IN ({number_list(jobs)}) AND {_RAN} GROUP BY name"""
    )
    return {row[0]: row[1] for row in rows}


def count_passes(history: History, jobs: Sequence[int]) -> dict[str, int]:
    """How often each test has passed in the jobs, a known loss (WARN) included."""
    rows = history.connection.execute(
        f"""SELECT name, count(*) FROM tests
            WHERE job IN ({number_list(jobs)}) AND status IN ('PASS', 'WARN') GROUP BY name"""
    )
    return {row[0]: row[1] for row in rows}
