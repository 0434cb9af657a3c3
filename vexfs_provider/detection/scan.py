"""Console bytes to findings: where reports begin and end, and how each is named."""

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vexfs_provider.detection.console import Line, clean_lines
from vexfs_provider.detection.finding import EVIDENCE_LIMIT, Evidence, Finding, normalise_title
from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.rules import RULES
from vexfs_provider.detection.stack import guilty, plain_name

UNNAMED = "corrupted"  # in place of a function that the report does not show
DETAIL_LINES = 10

_HINTS = tuple(dict.fromkeys(rule.hint for rule in RULES))
_END = re.compile(r"---\[ end (?:trace|Kernel panic)|(?:kernel: )?Rebooting in \d+ seconds")

_Begin = tuple[int, Rule, re.Match[str]]  # the index of a line, and what it begins


@dataclass(frozen=True)
class _Report:
    """A rule that matched the first of ``lines``; ``end`` is the first byte behind them."""

    rule: Rule
    match: re.Match[str]
    lines: Sequence[Line]
    end: int


def scan(console: bytes, *, source: str = "console.log", start: int = 0) -> list[Finding]:
    """The findings in ``console`` from byte ``start`` on, in the order of their first lines.

    ``source`` becomes the name in the evidence, whose offsets count from the console's begin.
    Takes any bytes and raises nothing for them; time is linear in their number. The same title may
    come more than once: see ``merge``.
    """
    lines = list(clean_lines(console, start))
    return [_finding(report, console, source) for report in _reports(lines, len(console))]


def _reports(lines: Sequence[Line], console_end: int) -> Iterator[_Report]:
    begins = list(_begins(lines))
    for (index, rule, match), limit in zip(begins, _limits(lines, begins), strict=True):
        behind = _behind_last(lines, index, limit)
        end = lines[behind].offset if behind < len(lines) else console_end
        yield _Report(rule, match, lines[index:behind], end)


def _limits(lines: Sequence[Line], begins: Sequence[_Begin]) -> list[int]:
    """For each begin, the index of the first line that cannot belong to its report."""
    limits = []
    next_begin: dict[str, int] = {}  # of each context: reports of several CPUs interleave
    for index, rule, _ in reversed(begins):
        context = lines[index].context
        limits.append(min(index + rule.lines, next_begin.get(context, len(lines)), len(lines)))
        if rule.ends_others:
            next_begin[context] = index
    return limits[::-1]


def _begins(lines: Sequence[Line]) -> Iterator[_Begin]:
    """Lines that begin a report, without those that are a further header of the one before."""
    open_reports: dict[str, tuple[Rule, int]] = {}  # of each context: its rule, its last line
    for index, line in enumerate(lines):
        if not any(map(line.text.__contains__, _HINTS)):
            continue
        found = _first_match(line.text)
        if found is None:
            continue
        rule, match = found
        current, end = open_reports.get(line.context, (rule, 0))
        if index < end and current.kind in rule.within:
            continue
        yield index, rule, match
        if rule.ends_others:
            open_reports[line.context] = (rule, index + rule.lines)


def _first_match(text: str) -> tuple[Rule, re.Match[str]] | None:
    for rule in RULES:
        if rule.hint in text and (match := rule.header.match(text)):
            return rule, match
    return None


def _behind_last(lines: Sequence[Line], begin: int, limit: int) -> int:
    """The index behind the report's last line: its closing line, or the limit."""
    for index in range(begin, limit):
        if _END.match(lines[index].text):
            return index + 1
    return limit


def _finding(report: _Report, console: bytes, source: str) -> Finding:
    rule, header = report.rule, report.lines[0]
    # Reports of several CPUs interleave; where lines say who printed them, keep to the first's.
    own = [line for line in report.lines[1:] if line.context == header.context]
    groups = _groups(rule, report.match, own)
    named = groups.get("func")
    frame = guilty(own, rule.blame, named)
    if frame is None and named and "{func}" in rule.title:
        frame = plain_name(named)
    title = _TitleFormatter().vformat(rule.title, (), {**groups, "frame": frame or UNNAMED})
    text = console[header.offset : min(report.end, header.offset + EVIDENCE_LIMIT)]
    evidence = Evidence(source, text.decode("utf-8", "replace").replace("\r", ""), header.offset)
    return Finding(
        title=normalise_title(title),
        kind=rule.kind,
        frame=frame,
        severity=rule.severity,
        evidence=(evidence,),
        recommendation=rule.recommendation,
    )


def _groups(rule: Rule, match: re.Match[str], following: Sequence[Line]) -> dict[str, Any]:
    groups: dict[str, Any] = match.groupdict()
    if rule.detail:
        found = (rule.detail.search(line.text) for line in following[:DETAIL_LINES])
        detail = next(filter(None, found), None)
        groups.update(detail.groupdict() if detail else {})
    return groups


class _TitleFormatter(string.Formatter):
    """Fills a title; a group that did not match is empty, or what follows its colon.

    ``{bug:undefined-behaviour}`` has a default; ``{access:capital}`` begins with a capital.
    """

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key)) or ""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "capital":
            return str(value).capitalize()
        return str(value) or format_spec
