"""Logs made of logs: reports without their headers, and headers that somebody only quotes.

No rule fires on a crash whose header nobody knows, so that is what suspicion must be learnt from;
and real consoles quote too few reports to learn from them.
"""

import random
import re

from vexfs_provider.detection.console import line_end
from vexfs_provider.detection.report import Report, reports

_PASSES = 12
_STAMP = re.compile(rb"(?:<\d{1,3}>)?\[ {0,9}\d{1,9}\.\d{6}\]\s?(?:\[ *[TC]\d+\]\s?)?")
_PREFIX = re.compile(rb"(?:<\d{1,3}>)?(?:\[[^\]\n]{1,40}\]\s?){0,2}(?:[^:\n]{0,48}kernel:\s)?")
_STRANGE = (
    b"HWGUARD: domain check tripped at level %d",
    b"sentinel: object state differs, slot %d",
    b"arch: machine stop requested by unit %d",
    b"core integrity: rule %d does not hold",
    b"trap %d was taken in supervisor mode",
    b"%d: an assertion about this path is wrong",
)
"""Headers that no kernel has."""


def crashes_in(log: bytes) -> list[Report]:
    """The reports of a log that are more than notices, and not a mere restart."""
    return [each for each in reports(log) if not each.notice and each.kind != "reboot"]


def without_headers(log: bytes, dice: random.Random) -> bytes | None:
    """The log with each report's header gone, or another in its place that no rule knows.

    None if a rule fires all the same.
    """
    remove = dice.random() < 0.5
    strange = dice.choice(_STRANGE) % dice.randrange(100)
    for _ in range(_PASSES):
        found = crashes_in(log)
        if not found:
            return log
        for report in reversed(found):
            begin, end = report.start, line_end(log, report.start)
            prefix = _PREFIX.match(log, begin, end)
            kept = b"" if remove or prefix is None else prefix.group() + strange
            log = log[:begin] + kept + log[end:]
    return None


def around(log: bytes, report: Report, dice: random.Random) -> bytes:
    """A part of the log: the report, maybe broken off, and little of what was before."""
    begin = max(report.start - dice.choice((0, 200, 3000)), 0)
    end = dice.choice((report.end, report.end, (report.start + 2 * report.end) // 3))
    return log[log.rfind(b"\n", 0, begin + 1) + 1 : max(end, line_end(log, report.start))]


def without_stamps(log: bytes) -> bytes:
    """The log as a console shows it that has no stamps."""
    return _STAMP.sub(b"", log)


def quoted(log: bytes, report: Report, dice: random.Random) -> bytes:
    """The log up to the report, with the report's words among it as a program would print them.

    Its first line alone, or with the lines behind, always without the kernel's stamps; or stamped,
    by somebody who wrote only the first line into the kernel's log.
    """
    before = log[: report.start]
    # With the last words of a console, nothing behind them tells that they are quoted.
    place = before.rfind(b"\n", 0, max(len(before) * dice.choice((3, 5, 7, 9, 10)) // 10, 1)) + 1
    end = line_end(log, report.start)
    header = log[report.start : end]
    text = dice.choice(
        (
            without_stamps(header),
            without_stamps(header),
            without_stamps(log[report.start : min(report.end, report.start + 3000)]).strip(),
            without_stamps(header)[: max(len(header) // 2, 8)],
            b"# " + without_stamps(header),
            header,
        )
    )
    return before[:place] + text + b"\n" + before[place:]


def window(log: bytes, dice: random.Random) -> bytes:
    """Some lines of the log."""
    size = dice.choice((300, 1000, 4000, 12000))
    begin = dice.randrange(max(len(log) - size, 1))
    return log[log.find(b"\n", begin) + 1 : begin + size]
