"""The folder of a job whose ``results.json`` was never written: what its tests have left there."""

import re
from datetime import datetime
from pathlib import Path

from results_parsers.avocado_json import read_record
from results_parsers.job import TestResult

NEVER_ENDED = "INTERRUPTED"
NAME = re.compile(r"job-(\d{4}-\d\d-\d\dT\d\d\.\d\d)-([0-9a-f]{7,40})$")
"""A job's folder, by when it started (local time) and the beginning of its id."""

_NUMBERED = re.compile(r"\d+-(.+)$")


def job_id(folder: Path) -> str:
    """The job's id, or the beginning of it; empty if nothing tells."""
    try:
        return (folder / "id").read_text().strip()
    except (OSError, ValueError):
        return short_id(folder.name)


def short_id(name: str) -> str:
    """The beginning of a job's id in its folder's name, or in the name of its JUnit suite."""
    found = NAME.search(name)
    return found[2] if found else ""


def started(name: str) -> float | None:
    """When a job started by the name of its folder, to a minute."""
    found = NAME.search(name)
    return datetime.strptime(found[1], "%Y-%m-%dT%H.%M").timestamp() if found else None


def read_tests(folder: Path, problems: list[str]) -> list[TestResult]:
    """The tests whose log folders are there, in their order; what was wrong, in ``problems``."""
    results = folder / "test-results"
    if not results.is_dir():
        return []
    links = {link.name: link.parent.name for link in results.glob("by-status/*/*")}
    return [
        _read_test(path, name[1], links.get(path.name, ""), problems)
        for path in sorted(results.iterdir())
        if (name := _NUMBERED.match(path.name)) and path.is_dir()
    ]


def _read_test(path: Path, name: str, status: str, problems: list[str]) -> TestResult:
    try:
        text = (path / "whiteboard").read_text(errors="replace")
    except OSError:
        text = ""
    record, whiteboard = read_record(text, name, problems)
    ours = record or {}
    return TestResult(
        name=name,
        status=status or str(ours.get("status", "")) or NEVER_ENDED,
        reason=str(ours.get("reason", "")),
        seconds=float(ours.get("duration_s", 0.0)),
        logdir=str(path),
        record=record,
        whiteboard=whiteboard,
    )
