"""What happened during a test, as marks on the plots of its samples."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVENTS = "events.jsonl"
LARGEST_BYTES = 8 << 20  # what is after that is not read
LONGEST_TEXT = 160
MOST_MARKS = 60
"""So many are drawn and named, the findings among them in any case."""

STEP, EVENT, FINDING = "step", "event", "finding"
_DETAILS = {
    "guest": "number",
    "fault": "fault",
    "fault ended": "fault",
    "finding": "title",
    "step": "name",
}
_NAMELESS = ("transition", "transition ended")


@dataclass(frozen=True)
class Mark:
    """A moment (seconds since 1970) of a ``kind``, and what happened then."""

    time: float
    kind: str
    text: str


def read_marks(folder: Path, record: Mapping[str, Any]) -> tuple[Mark, ...]:
    """The steps, events and findings of a test, as they came; findings by their timelines' times
    where they have one. Those that were expected are events.
    """
    found = [mark for line in _lines(folder / EVENTS) if (mark := _read(line))]
    timed = {
        str(one["finding"]): float(one["time"])
        for one in record.get("timelines", ())
        if isinstance(one.get("time"), int | float)
    }
    found = [one for one in found if one.kind != FINDING or one.text not in timed]
    found += [Mark(time, FINDING, title) for title, time in timed.items()]
    fine = {str(one["title"]) for one in record.get("findings", ()) if _is_fine(one)}
    shown = (_shown(mark, expected=mark.text in fine) for mark in found)
    return tuple(sorted(shown, key=lambda mark: mark.time))


def _is_fine(finding: Mapping[str, Any]) -> bool:
    return bool(finding.get("expected") or finding.get("known"))


def _shown(mark: Mark, *, expected: bool) -> Mark:
    if mark.kind == FINDING and expected:
        return Mark(mark.time, EVENT, f"expected: {mark.text}"[:LONGEST_TEXT])
    return Mark(mark.time, mark.kind, mark.text[:LONGEST_TEXT])


def named(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Those that are worth a name: not the steps, and the findings first if there are too many."""
    chosen = [mark for mark in marks if mark.kind != STEP]
    if len(chosen) > MOST_MARKS:
        chosen = sorted(chosen, key=lambda mark: mark.kind != FINDING)[:MOST_MARKS]
    return tuple(sorted(chosen, key=lambda mark: mark.time))


def _lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return []


def _read(line: str) -> Mark | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or not isinstance(event.get("time"), int | float):
        return None
    time, name = float(event["time"]), event.get("event")
    if name in _NAMELESS:
        return Mark(time, EVENT, str(name))
    if name not in _DETAILS:
        return None
    detail = str(event.get(_DETAILS[name], ""))
    if name in (STEP, FINDING):
        return Mark(time, name, detail)
    return Mark(time, EVENT, f"{name} {detail}")
