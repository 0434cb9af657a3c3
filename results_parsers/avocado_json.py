"""Avocado's ``results.json`` (``avocado/plugins/jsonresult.py``), also that of older releases."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from results_parsers.job import BadResults, TestResult
from results_parsers.whiteboard import is_record, read_whiteboard, upgrade

EARLIEST_EPOCH_S = 1_000_000_000.0
"""Smaller times of old releases are those of a monotonic clock."""

_JOB_ID = re.compile(r'"job_id":\s*"([^"]+)"')
_TESTS = re.compile(r'"tests":\s*\[')


@dataclass(frozen=True)
class Document:
    """What a ``results.json`` says, ``cut`` if it ends before its end."""

    job_id: str
    started: float | None
    tests: tuple[TestResult, ...]
    problems: tuple[str, ...]
    cut: bool = False


def parse(text: str) -> Document:
    """The text of a ``results.json``; of one that is cut off, the tests that are whole.

    Raises ``BadResults`` (naming no file) if it is anything else.
    """
    try:
        document = json.loads(text)
        cut = False
    except (ValueError, RecursionError) as error:
        document = _salvage(text, error)
        cut = True
    problems: list[str] = []
    try:
        tests = tuple(read_test(entry, problems) for entry in document["tests"])
        job_id = str(document["job_id"])
        started = _started(document.get("start"), tests)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadResults(f"not the results of an Avocado job: {error!r}") from error
    return Document(job_id, started, tests, tuple(problems), cut)


def read_test(entry: Mapping[str, Any], problems: list[str]) -> TestResult:
    """One entry of ``tests``; what is wrong with its record is added to ``problems``."""
    name = str(entry.get("name") or entry.get("url") or entry["id"])
    record, whiteboard = read_record(str(entry.get("whiteboard") or ""), name, problems)
    return TestResult(
        name=name,
        status=str(entry["status"]),
        reason=str(entry.get("fail_reason") or ""),
        seconds=float(entry.get("time_elapsed") or entry.get("time") or 0.0),
        logdir=str(entry.get("logdir") or ""),
        record=record,
        started=_epoch(entry.get("actual_time_start")) or _epoch(entry.get("start")),
        whiteboard=whiteboard,
    )


def read_record(
    text: str, name: str, problems: list[str]
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """The record on the whiteboard of the test ``name`` and, if there is none, what else is."""
    whiteboard = read_whiteboard(text)
    if not is_record(whiteboard):
        return None, whiteboard
    try:
        return upgrade(whiteboard), {}
    except BadResults as error:
        problems.append(f"{name}: {error}")
        return None, whiteboard


def _started(text: object, tests: tuple[TestResult, ...]) -> float | None:
    """From the tests' own times; the job's is local time without a zone."""
    known = [test.started for test in tests if test.started]
    if known:
        return min(known)
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _epoch(value: object) -> float | None:
    if isinstance(value, int | float) and EARLIEST_EPOCH_S < value < float("inf"):
        return float(value)
    return None


def _salvage(text: str, error: Exception) -> dict[str, Any]:
    """The job and the whole tests of a text that is cut off."""
    job, tests = _JOB_ID.search(text), _TESTS.search(text)
    if not job or not tests:
        raise BadResults(f"not the results of an Avocado job: {error}") from error
    return {"job_id": job[1], "tests": list(_whole_entries(text, tests.end()))}


def _whole_entries(text: str, place: int) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    while True:
        start = text.find("{", place)
        if start < 0:
            return
        try:
            entry, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            return
        yield entry
