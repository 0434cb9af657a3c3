"""From a corpus to rows of features with their answers, for each of the two questions."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from vexfs_provider.detection.classifier.console_form import console_features, look_at
from vexfs_provider.detection.classifier.corpus import Sample
from vexfs_provider.detection.classifier.disguise import (
    around,
    crashes_in,
    quoted,
    window,
    without_headers,
    without_stamps,
)
from vexfs_provider.detection.classifier.report_form import report_features
from vexfs_provider.detection.console import clean_lines
from vexfs_provider.detection.report import Report
from vexfs_provider.progress import Progress

_REPORTS = 3  # of one log: those that follow are mostly the first one's echo
_QUOTATIONS = 4
_LINES_BEFORE = 10
_LEAD = 4  # lines that belong to a report though they stand before its header: "cut here", banners


@dataclass(frozen=True)
class Example:
    """A row; ``family`` is the class of the crash it is made of, empty for a benign console."""

    features: tuple[float, ...]
    crash: bool
    group: str
    family: str


@dataclass
class Examples:
    """The rows of both questions, and how many logs gave none."""

    report: list[Example] = field(default_factory=list)
    console: list[Example] = field(default_factory=list)
    unseen: int = 0  # crashes that no rule knows
    alarms: int = 0  # logs without a crash on which a rule fires


def examples_of(known: list[Sample], seed: int, progress: Progress) -> Examples:
    """The examples of all logs, the same for the same seed."""
    made = Examples()
    with progress.task("making examples"):
        for number, sample in enumerate(known):
            progress.note(f"{number} of {len(known)} logs")
            _add(made, sample, random.Random(f"{seed} {sample.id}"))
    return made


def _add(made: Examples, sample: Sample, dice: random.Random) -> None:
    log = sample.log()
    found = crashes_in(log)
    family = found[0].kind if sample.crash and found else ""
    if sample.crash and not found:
        made.unseen += 1
        family = sample.kind
    made.alarms += bool(found) and not sample.crash
    for features, crash in _of_reports(log, found, sample.crash, dice):
        made.report.append(Example(features, crash, sample.group, family))
    for console, crash in _consoles(log, found, sample.crash, dice):
        made.console.append(Example(console_features(console)[0], crash, sample.group, family))


def _of_reports(
    log: bytes, found: list[Report], crash: bool, dice: random.Random
) -> Iterator[tuple[tuple[float, ...], bool]]:
    for report in found[:_REPORTS]:
        yield report_features(report, log[report.start : report.end]), crash
    if not crash or not found:
        return
    for variant in (around(log, found[0], dice), without_stamps(around(log, found[0], dice))):
        yield from ((features, True) for features in _features_in(variant))
    for _ in range(_QUOTATIONS if _can_be_told(log, found[0]) else 0):
        yield from ((features, False) for features in _features_in(quoted(log, found[0], dice)))


def _can_be_told(log: bytes, report: Report) -> bool:
    """Whether a quotation would differ from the report: by what is before it, and by stamps."""
    header = next(clean_lines(log[report.start : report.end]), None)
    before = log.count(b"\n", 0, report.start)
    return header is not None and header.stamped and before >= _LINES_BEFORE


def _features_in(log: bytes) -> Iterator[tuple[float, ...]]:
    for report in crashes_in(log)[:1]:
        yield report_features(report, log[report.start : report.end])


def _consoles(
    log: bytes, found: list[Report], crash: bool, dice: random.Random
) -> Iterator[tuple[bytes, bool]]:
    """Consoles on which no rule fires."""
    if not crash:
        # A window on a dump that somebody asked for may lack the line that says so.
        asked = look_at(clean_lines(log)).explained > 0
        pieces = [log] if asked else [log, window(log, dice), window(log, dice)]
        yield from ((piece, False) for piece in pieces if not crashes_in(piece))
        return
    whole = without_headers(log, dice)
    part = without_headers(around(log, found[0], dice), dice) if found else None
    yield from ((piece, True) for piece in (whole, part) if piece is not None)
    if found:  # what the same guest said before it crashed
        before = b"".join(log[: found[0].start].splitlines(keepends=True)[:-_LEAD])
        yield from ((piece, False) for piece in [window(before, dice)] if not crashes_in(piece))
