"""An Avocado job folder: its tests, and the records of ours among them.

Sources: Avocado's ``results.json`` (``avocado/plugins/jsonresult.py``), whose ``whiteboard`` holds
our record, ``shared/schemas/record.json``, as text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BadResults(Exception):
    """A results file cannot be read; the message names the file and why."""


@dataclass(frozen=True)
class TestResult:
    """One test of a job; ``record`` is None where the whiteboard holds none of ours."""

    __test__ = False  # not a test class, whatever pytest makes of its name

    name: str
    status: str
    reason: str
    seconds: float
    logdir: str
    record: Mapping[str, Any] | None


@dataclass(frozen=True)
class JobResult:
    """A finished job; ``folder`` is where it was read from."""

    folder: Path
    job_id: str
    tests: tuple[TestResult, ...]


def read_job(path: Path) -> JobResult:
    """The job in a folder (or of its ``results.json``). Raises ``BadResults``."""
    file = path / "results.json" if path.is_dir() else path
    try:
        document = json.loads(file.read_text())
        tests = tuple(_read_test(entry) for entry in document["tests"])
        return JobResult(file.parent.resolve(), str(document["job_id"]), tests)
    except OSError as error:
        raise BadResults(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadResults(f"{file}: not the results of an Avocado job: {error!r}") from error


def _read_test(entry: Mapping[str, Any]) -> TestResult:
    return TestResult(
        name=str(entry["name"]),
        status=str(entry["status"]),
        reason=str(entry.get("fail_reason") or ""),
        seconds=float(entry.get("time_elapsed") or 0.0),
        logdir=str(entry.get("logdir") or ""),
        record=_read_record(entry.get("whiteboard") or ""),
    )


def _read_record(whiteboard: str) -> Mapping[str, Any] | None:
    try:
        record = json.loads(whiteboard)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "schema" in record else None
