"""The text that a test has left on its whiteboard: a record of ours, or what others write there.

Ours is one JSON document (``shared/schemas/record.json``); Avocado-VT leaves a mapping as Python
writes it, and ``<unknown>`` where the test never came to its end.
"""

import ast
import json
from collections.abc import Mapping
from typing import Any

from results_parsers.job import BadResults

NEWEST_SCHEMA = 1
LONGEST_LITERAL = 1_000_000

_DEFAULTS: Mapping[str, Any] = {
    "level": 0,
    "scenario": "",
    "filesystem": "",
    "status": "",
    "reason": "",
    "duration_s": 0.0,
    "configuration": {},
    "guests": [],
    "metrics": {},
    "monitoring": [],
    "unsupported": [],
    "findings": [],
    "artefacts": [],
    "reproduce": "",
}
_FINDING_DEFAULTS: Mapping[str, Any] = {
    "kind": "",
    "frame": None,
    "severity": "error",
    "confidence": 1.0,
    "expected": False,
    "known": False,
    "count": 1,
    "evidence": [],
    "recommendation": "",
}
_METRIC_DEFAULTS: Mapping[str, Any] = {"unit": "", "better": "lower"}


def read_whiteboard(text: str) -> Mapping[str, Any]:
    """The mapping on a whiteboard, empty if there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = _literal(text)
    return value if isinstance(value, dict) else {}


def _literal(text: str) -> Any:
    if not text.startswith("{") or len(text) > LONGEST_LITERAL:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def is_record(whiteboard: Mapping[str, Any]) -> bool:
    """Whether it is a record of ours."""
    return "schema" in whiteboard


def upgrade(document: Mapping[str, Any]) -> dict[str, Any]:
    """A record of today's shape, of one that was written before some of its fields were.

    Raises ``BadResults`` for a version that is not known, and for a field of another type.
    """
    version = document["schema"]
    if not isinstance(version, int) or not 0 <= version <= NEWEST_SCHEMA:
        raise BadResults(f"record: schema = {version!r}; known: 0 to {NEWEST_SCHEMA}")
    record = _filled(document, _DEFAULTS, "record")
    for place, metric in record["metrics"].items():
        record["metrics"][place] = _metric(metric, f"metrics/{place}")
    record["findings"] = [
        _finding(finding, f"findings/{place}") for place, finding in enumerate(record["findings"])
    ]
    return record


def _filled(document: Any, defaults: Mapping[str, Any], place: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise BadResults(f"record: {place} is {document!r:.60}, no mapping")
    filled = {**defaults, **document}
    for name, default in defaults.items():
        wanted = (int, float) if isinstance(default, float) else type(default)
        if default is not None and not isinstance(filled[name], wanted):
            raise BadResults(
                f"record: {place}: {name} = {filled[name]!r:.60}; a {type(default).__name__} is"
                " allowed"
            )
        if isinstance(default, dict | list) and name not in document:
            filled[name] = type(default)()  # the default itself stays as it is
    return filled


def _metric(document: Any, place: str) -> dict[str, Any]:
    metric = _filled(document, _METRIC_DEFAULTS, place)
    try:
        metric["value"] = float(metric["value"])
        metric["samples"] = [float(one) for one in metric.get("samples", [metric["value"]])]
    except (KeyError, TypeError, ValueError) as error:
        raise BadResults(f"record: {place}: no value and samples in numbers: {error!r}") from error
    return metric


def _finding(document: Any, place: str) -> dict[str, Any]:
    finding = _filled(document, _FINDING_DEFAULTS, place)
    if not isinstance(finding.get("title"), str):
        raise BadResults(f"record: {place}: title = {finding.get('title')!r:.60}; a str is allowed")
    return finding
