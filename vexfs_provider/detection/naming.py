"""How a report is called, from the rules that match its first line and from its other lines."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vexfs_provider.detection.completeness import missing_stack
from vexfs_provider.detection.extent import Extent
from vexfs_provider.detection.finding import normalise_title
from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.stack import long_names
from vexfs_provider.detection.trail import NOBODY, Found

UNNAMED = "corrupted"  # in place of a function that the report does not show
_LOST = "serialport: VM disconnected."  # a cloud's console was cut off, mostly within the report


@dataclass(frozen=True)
class Name:
    """The rule that named the report, and the name; ``wrong``: why not to trust it, or empty."""

    rule: Rule
    title: str
    alternatives: tuple[str, ...]
    frame: str | None
    wrong: str


def name_of(matches: Sequence[tuple[Rule, re.Match[str]]], extent: Extent) -> Name:
    """The name by the first rule whose details are there; else the header is the name."""
    for rule, match in matches:
        groups = _groups(rule, match, extent.own)
        if groups is not None:
            return _name(rule, groups, extent)
    title = normalise_title(extent.own[0].strip("[ ]"))
    return Name(matches[0][0], title, (), None, "the lines that complete the header are missing")


def _name(rule: Rule, groups: Mapping[str, Any], extent: Extent) -> Name:
    found: list[Found | None] = []
    clean = True
    if rule.blame is not NOBODY:
        found, clean = rule.blame.follow(extent.own)
    named = [_blamed([each.name if each else UNNAMED for each in found]), *_longer(found)]
    filled = [{**groups, **names} for names in named]
    titles = [_filled(rule.title, each) for each in filled]
    titles += [_filled(other, each) for other in rule.alternatives for each in filled]
    title, *others = dict.fromkeys(map(normalise_title, titles))
    wrong = _wrong(rule, extent, all_named=clean and all(found))
    return Name(rule, title, tuple(others), _frame(found, groups), wrong)


def _wrong(rule: Rule, extent: Extent, *, all_named: bool) -> str:
    if not all_named:
        return "no function to blame"
    if rule.truncated:
        return "what it belongs to is lost"
    if any(_LOST in text for text in extent.seen):
        return "the console was cut off"
    return missing_stack(extent.seen) if rule.traced else ""


def _groups(rule: Rule, match: re.Match[str], texts: Sequence[str]) -> dict[str, Any] | None:
    """What the header and the details say; None if a detail is missing."""
    groups: dict[str, Any] = match.groupdict()
    following = iter(texts[1:])
    for search in rule.searches:
        found = next(filter(None, map(search.search, following)), None)
        if found is None:
            return None
        groups.update((key, value) for key, value in found.groupdict().items() if value)
    return groups


def _frame(found: Sequence[Found | None], groups: Mapping[str, Any]) -> str | None:
    if found:
        return found[0].name if found[0] else None
    return groups.get("func")


def _blamed(names: Sequence[str]) -> dict[str, str]:
    return dict(zip(("frame", "origin"), names, strict=False))


def _longer(found: Sequence[Found | None]) -> list[dict[str, str]]:
    """The names with more of a system call's prefix, the first function's before the second's."""
    if not found or not found[0]:
        return []
    rest = [each.name if each else UNNAMED for each in found[1:]]
    return [_blamed([name, *rest]) for name in long_names(found[0].printed)]


def _filled(template: str, groups: Mapping[str, Any]) -> str:
    return template.format_map(defaultdict(str, {key: groups[key] or "" for key in groups}))
