"""Where reports begin: a cheap look for literals in the bytes, then the rules on those lines."""

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from vexfs_provider.detection.console import Line, clean_lines, line_end
from vexfs_provider.detection.lines import Lines
from vexfs_provider.detection.prefilter import Prefilter
from vexfs_provider.detection.restart import Restarts
from vexfs_provider.detection.rule import SEARCHED_LINES, Rule
from vexfs_provider.detection.rules import HARMLESS, HINTS, INTERRUPTIONS, RULES

PREFILTER = Prefilter(HINTS)
"""Finds the lines at which it is worth to look."""

_RULES_OF = {
    hint: [(place, rule) for place, rule in enumerate(RULES) if rule.hint == hint] for hint in HINTS
}
_REPLAY = "** replaying previous printk message **"

Match = tuple[Rule, re.Match[str]]


class Begin(NamedTuple):
    """The index of a report's first line, and the rules that match it, best first."""

    line: int
    matches: list[Match]


class Begins(NamedTuple):
    """Where reports begin, and the lines, with their writers, at which the one before ends."""

    reports: list[Begin]
    ends: list[tuple[int, str]]


def narrowed(console: bytes, start: int, places: Iterable[int]) -> Iterator[int]:
    """The places whose lines the rules look at twice; found without a look at any other line."""
    restarts = Restarts(console, start)
    for place in places:
        lines = clean_lines(console[place : line_end(console, place)])
        if any(_matters(line, place, restarts) for line in lines):
            yield place


def _matters(line: Line, place: int, restarts: Restarts) -> bool:
    matches = matching(line)
    if matches and matches[0][0].restart:
        return restarts.unexpected(place + line.offset)
    return bool(matches) or _interrupts(line)


def _interrupts(line: Line) -> bool:
    return any(words in line.text for words in INTERRUPTIONS)


def find_begins(console: bytes, start: int, lines: Lines, places: Iterable[int]) -> Begins:
    """The begins in those lines, without those that are a further header of the report before."""
    found = Begins([], [])
    restarts = Restarts(console, start)
    open_reports: dict[str, tuple[Rule, int]] = {}  # of each writer: its rule, its last line
    for index, line in _lines_at(console, lines, places, found):
        matches = matching(line)
        if not matches:
            if _interrupts(line):
                found.ends.append((index, line.context))
            continue
        rule = matches[0][0]
        current, end = open_reports.get(line.context, (rule, 0))
        if (index < end and current.kind in rule.within) or _is_replayed(lines, index):
            continue
        if rule.restart and not restarts.unexpected(line.offset):
            continue
        if rule.notice and restarts.shuts_down(line.offset):
            continue
        found.reports.append(Begin(index, matches))
        if rule.ends_others:
            open_reports[line.context] = (rule, index + rule.lines)
            found.ends.append((index, line.context))
    return found


def matching(line: Line) -> list[Match]:
    """The rules that the line matches, best first."""
    if HARMLESS.match(line.text):
        return []
    hints = filter(line.text.__contains__, HINTS)
    candidates = [each for hint in hints for each in _RULES_OF[hint]]
    matches = [
        (rule, match)
        for _, rule in sorted(candidates, key=itemgetter(0))
        if (line.stamped or not rule.stamped) and (match := rule.header.match(line.text))
    ]
    special = [(rule, match) for rule, match in matches if not rule.general]
    return special or matches


def _lines_at(
    console: bytes, lines: Lines, places: Iterable[int], found: Begins
) -> Iterator[tuple[int, Line]]:
    """The lines at those places; ``found`` grows meanwhile, and tells how far its reports reach."""
    index = 0
    for place in places:
        end = line_end(console, place)
        last = found.reports[-1].line + SEARCHED_LINES if found.reports else 0
        index = lines.index_at(place, index, needed=last + 1)
        while (line := lines.at(index)) is not None and line.offset < end:
            yield index, line
            index += 1


def _is_replayed(lines: Lines, index: int) -> bool:
    """Whether the console lost the rest of the line and the kernel is about to repeat it."""
    following = lines.at(index + 1)
    return following is not None and following.text.startswith(_REPLAY)
