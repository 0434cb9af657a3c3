"""Jobs into the history: each once, and the more complete reading of it."""

import enum
import json
import math
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from results_parsers.history.database import History
from results_parsers.job import JobResult, TestResult

SYNTHETIC = "synthetic"
"""The tag of jobs that were never run (``results_parsers.demo``)."""

JOB_ID_LENGTH = 40
"""Shorter ones are the beginning of an id, all that a JUnit file has of it."""

SHORTEST_ID = 7


class Ingested(enum.Enum):
    """What became of a job."""

    NEW = "new"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


def ingest(history: History, job: JobResult, *, tags: tuple[str, ...] = ()) -> Ingested:
    """Store a job, in one transaction; a second time changes nothing but its ``tags``.

    What was read of a job that was still running, or was cut off, is replaced when there is more.
    """
    [outcome] = ingest_all(history, [job], tags=tags)
    return outcome


def ingest_all(
    history: History, jobs: Iterable[JobResult], *, tags: tuple[str, ...] = ()
) -> list[Ingested]:
    """The same for several jobs in one transaction, which takes less time."""
    outcomes = []
    with history.transaction() as connection:
        for job in jobs:
            outcome, number = _store(connection, job)
            rows = [(number, tag) for tag in (*tags, *_own_tags(job))]
            connection.executemany("INSERT OR IGNORE INTO tags (job, tag) VALUES (?, ?)", rows)
            outcomes.append(outcome)
    return outcomes


def _own_tags(job: JobResult) -> tuple[str, ...]:
    records = (test.record for test in job.tests if test.record is not None)
    return (SYNTHETIC,) if any(one["configuration"].get("synthetic") for one in records) else ()


def _store(connection: sqlite3.Connection, job: JobResult) -> tuple[Ingested, int]:
    old = _known(connection, job.job_id)
    if old is None:
        return Ingested.NEW, _insert(connection, job)
    if old["digest"] == job.digest or (old["complete"] and not job.complete):
        where = (str(job.folder), old["id"])  # it may have been moved
        connection.execute("UPDATE jobs SET folder = ? WHERE id = ?", where)
        return Ingested.UNCHANGED, old["id"]
    tags = connection.execute("SELECT tag FROM tags WHERE job = ?", (old["id"],)).fetchall()
    connection.execute("DELETE FROM jobs WHERE id = ?", (old["id"],))
    number = _insert(connection, job)
    rows = [(number, tag["tag"]) for tag in tags]
    connection.executemany("INSERT INTO tags (job, tag) VALUES (?, ?)", rows)
    return Ingested.REPLACED, number


def _known(connection: sqlite3.Connection, job_id: str) -> sqlite3.Row | None:
    found = connection.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
    if found is None and SHORTEST_ID <= len(job_id) < JOB_ID_LENGTH:
        pattern = (job_id, job_id + "g")  # all ids are hexadecimal
        query = "SELECT * FROM jobs WHERE job_id >= ? AND job_id < ?"
        found = connection.execute(query, pattern).fetchone()
    if found is None and len(job_id) == JOB_ID_LENGTH:
        beginnings = [job_id[:length] for length in range(SHORTEST_ID, JOB_ID_LENGTH)]
        marks = ", ".join("?" * len(beginnings))
        query = f"SELECT * FROM jobs WHERE job_id IN ({marks})"
        found = connection.execute(query, beginnings).fetchone()
    return found


def _insert(connection: sqlite3.Connection, job: JobResult) -> int:
    number = _add(
        connection,
        "jobs",
        job_id=job.job_id,
        digest=job.digest,
        folder=str(job.folder),
        started=job.started,
        complete=int(job.complete),
        problems=json.dumps(job.problems),
    )
    for test in job.tests:
        _insert_test(connection, number, job, test)
    return number


def _insert_test(
    connection: sqlite3.Connection, job_number: int, job: JobResult, test: TestResult
) -> None:
    record = test.record
    whole = record or test.whiteboard
    number = _add(
        connection,
        "tests",
        job=job_number,
        name=test.short_name,
        status=test.status,
        reason=test.reason,
        seconds=test.seconds,
        started=job.started if test.started is None else test.started,
        logdir=test.logdir.rpartition("/")[2],
        record=zlib.compress(json.dumps(whole).encode(), 1) if whole else None,
        **({} if record is None else _what_was_tested(record)),
    )
    if record is None:
        return
    for name, metric in record["metrics"].items():
        if math.isfinite(metric["value"]):
            _add(connection, "metrics", test=number, name=name, **_metric(metric))
    for place, finding in enumerate(record["findings"]):
        _add(connection, "findings", test=number, place=place, **_finding(finding))


def _what_was_tested(record: Mapping[str, Any]) -> dict[str, Any]:
    configuration = record["configuration"]
    return {
        "level": record["level"],
        "scenario": record["scenario"],
        "filesystem": record["filesystem"],
        "kernel": str(configuration.get("kernel", "")),
        "kernel_release": str(configuration.get("kernel_release", "")),
        "accelerator": str(configuration.get("accelerator", "")),
        "host_class": host_class(configuration.get("host")),
    }


def host_class(host: object) -> str:
    """The kind of host, of which figures can be compared: its processors, by number and model."""
    if not isinstance(host, dict) or "processors" not in host:
        return "unknown"
    return f"{host['processors']} x {host.get('model') or 'unknown processor'}"


def _metric(metric: Mapping[str, Any]) -> dict[str, Any]:
    reference = metric.get("reference") or {}
    return {
        "unit": metric["unit"],
        "better": metric["better"],
        "value": metric["value"],
        "samples": json.dumps(metric["samples"]),
        "noisy": len(metric.get("noise") or ()),
        "reference": reference.get("filesystem"),
        "ratio": reference.get("ratio"),
    }


def _finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": finding["title"],
        "kind": finding["kind"],
        "severity": finding["severity"],
        "expected": int(finding["expected"]),
        "known": int(finding["known"]),
        "count": finding["count"],
    }


def _add(connection: sqlite3.Connection, table: str, **values: Any) -> int:
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    command = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
    return connection.execute(command, tuple(values.values())).lastrowid or 0
