"""The JUnit file of a job, ``results.xml`` (``avocado/plugins/xunit.py``, JUnit 10's schema)."""

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from results_parsers.job import BadResults, TestResult

STATUSES = {"failure": "FAIL", "error": "ERROR", "skipped": "SKIP"}


def parse(path: Path) -> tuple[str, float | None, tuple[TestResult, ...]]:
    """The suite's name, when it was written (seconds since 1970) and its tests.

    Raises ``BadResults`` (naming no file) for what is no JUnit file, ``OSError``.
    """
    try:
        suite = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise BadResults(f"not a JUnit file: {error}") from error
    if suite.tag == "testsuites" and len(suite):
        suite = suite[0]
    if suite.tag != "testsuite":
        raise BadResults(f"not a JUnit file: its root is <{suite.tag}>")
    tests = tuple(_test(case) for case in suite.iter("testcase"))
    return suite.get("name", ""), _time(suite.get("timestamp", "")), tests


def _test(case: ElementTree.Element) -> TestResult:
    bad = next((child for child in case if child.tag in STATUSES), None)
    try:
        seconds = float(case.get("time") or 0.0)
    except ValueError as error:
        raise BadResults(f"time = {case.get('time')!r}; a number is allowed") from error
    return TestResult(
        name=case.get("name", ""),
        status="PASS" if bad is None else STATUSES[bad.tag],
        reason="" if bad is None else bad.get("message", ""),
        seconds=seconds,
        logdir="",
    )


def _time(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
