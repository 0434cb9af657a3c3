"""The reports of a console, each under the name that the same bug has everywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from vexfs_provider.detection.begins import PREFILTER, Begin, Begins, find_begins, narrowed
from vexfs_provider.detection.console import Line
from vexfs_provider.detection.crash_type import type_of
from vexfs_provider.detection.extent import REPORTS_SEEN, extent
from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.lines import Lines
from vexfs_provider.detection.naming import name_of
from vexfs_provider.detection.rule import Rule


@dataclass(frozen=True)
class Report:
    """One report; ``type`` is syzkaller's name of its class, ``kind`` ours.

    ``title`` is normalised, ``alt_titles`` are other names of the same bug. ``corrupted``: it is
    truncated or mixed with another, as ``corrupted_reason`` says. ``context``: who printed it
    (``T12``: a task, ``C0``: a CPU, or empty).
    ``start`` and ``end`` bound its bytes in the console, those of other writers included.
    """

    rule: Rule
    title: str
    alt_titles: tuple[str, ...]
    type: str | None
    kind: str
    frame: str | None
    corrupted: bool
    corrupted_reason: str
    context: str
    severity: Severity
    start: int
    end: int

    @property
    def notice(self) -> bool:
        """Whether it only tells of trouble (out of memory, I/O, filesystems) that is no crash."""
        return self.rule.notice


def reports(console: bytes, *, start: int = 0, places: Iterable[int] | None = None) -> list[Report]:
    """The reports in ``console`` from byte ``start`` on, in the order of their first lines.

    Takes any bytes and raises nothing for them; time is linear in their number. ``places``: where
    the lines begin that hold one of ``rules.HINTS``, if that is known already.
    """
    hits = PREFILTER.lines(console, start) if places is None else places
    known = narrowed(console, start, hits)
    first = next(known, None)
    if first is None:
        return []
    lines = Lines(console, first)
    begins = find_begins(console, start, lines, chain([first], known))
    return [
        _report(lines, begin, endings, len(console))
        for begin, endings in zip(begins.reports, _endings(lines, begins), strict=True)
    ]


def first_crash(found: Iterable[Report]) -> Report | None:
    """The report that names the log: the first that is more than a notice."""
    return next((report for report in found if not report.notice), None)


def _endings(lines: Lines, begins: Begins) -> list[tuple[int, ...]]:
    """For each report, the indices of the next lines at which another one may end it."""
    endings = []
    ends = list(begins.ends)
    of_any: tuple[int, ...] = ()
    of_writer: dict[str, tuple[int, ...]] = {}  # reports of several CPUs interleave
    for begin in reversed(begins.reports):
        while ends and ends[-1][0] > begin.line:
            index, context = ends.pop()
            of_any = (index, *of_any)[:REPORTS_SEEN]
            of_writer[context] = (index, *of_writer.get(context, ()))[:REPORTS_SEEN]
        context = _line(lines, begin).context
        endings.append(of_writer.get(context, ()) if context else of_any)
    return endings[::-1]


def _line(lines: Lines, begin: Begin) -> Line:
    line = lines.at(begin.line)
    assert line is not None
    return line


def _report(lines: Lines, begin: Begin, endings: Sequence[int], console_end: int) -> Report:
    header = _line(lines, begin)
    extents = extent(lines, begin.line, begin.matches[0][0].lines, endings)
    name = name_of(begin.matches, extents)
    behind = lines.at(extents.end)
    return Report(
        rule=name.rule,
        title=name.title,
        alt_titles=name.alternatives,
        type=type_of(name.title),
        kind=name.rule.kind,
        frame=name.frame,
        corrupted=bool(name.wrong),
        corrupted_reason=name.wrong,
        context=header.context,
        severity=name.rule.severity,
        start=header.offset,
        end=behind.offset if behind else console_end,
    )
