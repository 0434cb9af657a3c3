"""What speaks for and against a report that a rule found: the form of its header and what follows.

Only the first lines of its own extent are looked at, so the cost does not depend on the console.
"""

import math
import re
from collections import Counter
from itertools import islice

from vexfs_provider.detection.classifier.marks import GRAVE, mark_of
from vexfs_provider.detection.console import Line, clean_lines
from vexfs_provider.detection.report import Report

LOOKED_AT = 2048  # bytes, and
LINES = 16  # lines, from the header on
_NEAR = 12  # lines within which the kernel goes on with its report

_STAMP = re.compile(rb"\[ {0,9}(\d{1,9}\.\d{6})\]")
_QUOTES = re.compile(r"[\"'`]\w|\\n|\$\(|\b(?:echo|grep|printf|expected|looking for)\b")
_STRUCTURE = (
    "frame",
    "fault",
    "registers",
    "cpu",
    "modules",
    "machine",
    "end",
    "dump",
    "task",
    "object",
    "locks",
)

SIGNS = {
    "alone": 0,  # a message that has no stack, such as "BUG: workqueue lockup"
    "header stamped": 1,
    "quoted": -1,
    "nothing follows": 0,
    "truncated": 0,
    "truncated, others follow": -1,
    "unstamped among stamped": -1,
    "unstamped, stamped follows at once": -1,
    "late second line": -1,
    "structure near": 1,
    "structure follows": 1,
    "structure is stamped as the header": 1,
    "no structure though lines follow": -1,
    **{f"has {mark}": 1 for mark in ("frame", "trace", *_STRUCTURE[1:], "banner")},
    "frames": 1,
    "grave header": 1,
}
"""The features by name; in which direction each may count: 1 for a crash, -1 against, 0 either."""


def report_features(report: Report, text: bytes) -> tuple[float, ...]:
    """The values of ``SIGNS`` for a report whose first bytes are ``text``.

    Takes any bytes, looks at ``LOOKED_AT`` of them at most, and changes nothing.
    """
    raw = text[: min(LOOKED_AT, max(report.end - report.start, 1))]
    lines = list(islice(clean_lines(raw), LINES))
    if not lines:
        return (0.0,) * len(SIGNS)
    header, following = lines[0], lines[1:]
    marks = [mark_of(line) for line in following]
    count = Counter(marks)
    structure = [line for line, mark in zip(following, marks, strict=True) if mark in _STRUCTURE]
    alike = sum(line.stamped == header.stamped for line in structure)
    alone = report.rule.lines == 1
    values = {
        "alone": alone,
        "header stamped": header.stamped,
        "quoted": bool(_QUOTES.search(header.text)),
        "nothing follows": not following,
        "truncated": report.corrupted,
        "truncated, others follow": report.corrupted and len(following) > _NEAR,
        **_mixed(header, following),
        "late second line": not alone and _pause_s(raw) > 1.0,
        "structure near": any(mark in _STRUCTURE for mark in marks[:_NEAR]),
        "structure follows": math.log1p(len(structure)),
        "structure is stamped as the header": alike / len(structure) if structure else 0.0,
        "no structure though lines follow": not alone and len(following) > 3 and not structure,
        **{f"has {mark}": count[mark] > 0 for mark in ("trace", *_STRUCTURE, "banner")},
        "frames": math.log1p(count["frame"]),
        "grave header": bool(GRAVE.search(header.text[:256])),
    }
    return tuple(float(values[name]) for name in SIGNS)


def _mixed(header: Line, following: list[Line]) -> dict[str, bool]:
    """A header that a program printed stands without a stamp among lines of the kernel's log."""
    stamped = sum(line.stamped for line in following)
    bare = not header.stamped
    return {
        "unstamped among stamped": bare and 2 * stamped > len(following),
        "unstamped, stamped follows at once": bare and bool(following) and following[0].stamped,
    }


def _pause_s(raw: bytes) -> float:
    """Seconds between the first two stamps; a report is printed at once."""
    stamps = [float(stamp.group(1)) for stamp in islice(_STAMP.finditer(raw), 2)]
    return abs(stamps[1] - stamps[0]) if len(stamps) == 2 else 0.0
