"""What looks wrong in a console on which no rule fires: the structure of a report without header.

Stacks that the kernel prints for a reason of its own (SysRq, fault injection, no memory left) and
what it tells of programs that died count apart: see ``marks.REASONS``.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from vexfs_provider.detection.classifier.marks import (
    GRAVE,
    MARKS,
    SYMBOL,
    TAINTED,
    TROUBLE,
    mark_of,
    reason_of,
)
from vexfs_provider.detection.console import Line, clean_lines
from vexfs_provider.detection.sample import sample_of

_BURST = 3  # frames in a row that make a stack
_NUMBERS = re.compile(r"[\d:.+-]+|0x[0-9a-f]+")  # what differs in the same message
_LAST = 4  # lines at the end, to tell a report that breaks off
_SHOWN = 3  # lines that are kept for each feature
_MANY = 20  # different messages; more say no more

# The kernel also frames mere notices with banners, such as that of trace_printk.
_COUNTED = tuple(mark for mark in MARKS if mark != "banner")

SIGNS = {
    **{f"has {mark}": 1 for mark in _COUNTED},
    "stacks": 1,
    "frames": 1,
    "longest stack": 1,
    "dumps": 1,
    "marks": 1,
    "kinds of marks": 1,
    "registers and stack": 1,
    "ends in a report": 1,
    "tainted by a death": 1,
    "symbols in messages": 1,
    "grave messages": 1,
    "troubled messages": 1,
    "explained stacks": -1,
}
"""The features by name; in which direction each may count: 1 for a crash, -1 against, 0 either."""


_MESSAGES = (
    ("symbol", "symbols in messages", SYMBOL),
    ("grave", "grave messages", GRAVE),
    ("troubled", "troubled messages", TROUBLE),
)


@dataclass
class Look:
    """What one pass over a console has counted; ``shown``: lines by the feature they speak for."""

    marks: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    stacks: int = 0
    longest: int = 0
    explained: int = 0
    ending: bool = False
    told: set[str] = field(default_factory=set)
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def show(self, feature: str, line: Line) -> None:
        if len(self.shown[feature]) < _SHOWN:
            self.shown[feature].append(line.text[:200])


def console_features(console: bytes) -> tuple[tuple[float, ...], dict[str, list[str]]]:
    """The values of ``SIGNS``, and for each feature the first lines that speak for it.

    Takes any bytes; of a large console only its ``Sample``, in linear time.
    """
    look = look_at(clean_lines(sample_of(console)))
    marks, messages = look.marks, look.messages
    total = sum(marks.values())
    kinds = len(marks)
    values = {
        **{f"has {mark}": marks[mark] > 0 for mark in _COUNTED},
        "stacks": math.log1p(look.stacks),
        "frames": math.log1p(marks["frame"]),
        "longest stack": math.log1p(look.longest),
        "dumps": math.log1p(marks["dump"]),
        "marks": math.log1p(total),
        "kinds of marks": kinds,
        "registers and stack": marks["registers"] > 0 and look.longest >= _BURST,
        "ends in a report": look.ending,
        "tainted by a death": messages["tainted"] > 0,
        "symbols in messages": messages["symbol"] > 0,
        "grave messages": math.log1p(messages["grave"]),
        "troubled messages": math.log1p(messages["troubled"]),
        "explained stacks": math.log1p(look.explained),
    }
    return tuple(float(values[name]) for name in SIGNS), look.shown


def look_at(lines: Iterable[Line]) -> Look:
    """Count what the lines bear."""
    look = Look()
    good_for, renewed, frames = 0, 0, 0
    recent: list[bool] = []
    for line in lines:
        look.lines += 1
        mark = mark_of(line)
        reason = None if mark else reason_of(line)
        if reason:
            good_for, renewed = reason.lines, reason.lines * reason.renewed
        elif mark == "cut":  # a report begins, whatever was told before
            good_for = 0
        explained = good_for > 0
        good_for -= explained
        if mark and explained:
            good_for = max(good_for, renewed)
            look.explained += mark == "frame"
        frames = frames + 1 if mark == "frame" and not explained else 0
        look.stacks += frames == _BURST
        look.longest = max(look.longest, frames)
        if not explained:
            _count(look, line, mark)
        recent = [*recent[-_LAST + 1 :], bool(mark) and not explained]
    look.ending = sum(recent) >= _LAST - 1
    return look


def _count(look: Look, line: Line, mark: str) -> None:
    if mark in _COUNTED:
        look.marks[mark] += 1
        look.show(f"has {mark}", line)
    if "ainted" in line.text and TAINTED.search(line.text):
        look.messages["tainted"] += 1
        look.show("tainted by a death", line)
    if mark or not line.stamped:  # what programs print is not the kernel's word
        return
    for kind, feature, pattern in _MESSAGES:
        if look.messages[kind] < _MANY and pattern.search(line.text[:512]):
            words = _NUMBERS.sub("", line.text[:60])
            if words not in look.told:
                look.told.add(words)
                look.messages[kind] += 1
                look.show(feature, line)
