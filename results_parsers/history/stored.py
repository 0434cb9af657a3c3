"""Jobs as the history has them: wherever their folders are by now."""

import json
import zlib
from pathlib import Path
from typing import Any

from results_parsers.history.database import History
from results_parsers.job import JobResult, TestResult
from results_parsers.whiteboard import is_record


def latest_jobs(history: History, count: int) -> list[JobResult]:
    """The last ``count`` jobs, the latest last."""
    query = "SELECT * FROM jobs ORDER BY started DESC, id DESC LIMIT ?"
    rows = history.connection.execute(query, (count,)).fetchall()
    return [_job(history, row) for row in reversed(rows)]


def find_job(history: History, beginning: str) -> JobResult | None:
    """The job whose id begins so, if there is just one."""
    query = "SELECT * FROM jobs WHERE substr(job_id, 1, length(?1)) = ?1 LIMIT 2"
    rows = history.connection.execute(query, (beginning,)).fetchall()
    return _job(history, rows[0]) if len(rows) == 1 else None


def _job(history: History, row: Any) -> JobResult:
    query = "SELECT * FROM tests WHERE job = ? ORDER BY id"
    tests = tuple(_test(test) for test in history.connection.execute(query, (row["id"],)))
    return JobResult(
        folder=Path(row["folder"]),
        job_id=row["job_id"],
        tests=tests,
        started=row["started"],
        complete=bool(row["complete"]),
        problems=tuple(json.loads(row["problems"])),
        digest=row["digest"],
    )


def _test(row: Any) -> TestResult:
    whole = json.loads(zlib.decompress(row["record"])) if row["record"] else {}
    ours = is_record(whole)
    return TestResult(
        name=row["name"],
        status=row["status"],
        reason=row["reason"],
        seconds=row["seconds"],
        logdir=row["logdir"],
        record=whole if ours else None,
        started=row["started"],
        whiteboard={} if ours else whole,
    )
