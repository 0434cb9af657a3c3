"""Which lines belong to a report: those of the same writer, until another report begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vexfs_provider.detection.console import Line
from vexfs_provider.detection.lines import Lines
from vexfs_provider.detection.rule import SEARCHED_LINES
from vexfs_provider.detection.stack import is_guess

REPORTS_SEEN = 4
"""Reports of the same writer that are looked at for what the first one lacks."""

_CLOSING = ("---[ end trace", "---[ end Kernel panic", "Rebooting in ")
# A report of which so many lines were seen has its stack. The panic that it ends in only repeats
# it, and the locks that printing it took in a wrong order are another matter.
_ENOUGH = 22
_ENOUGH_UNINITIALISED = 16  # KMSAN prints no registers
_AFTERMATH = (
    "Kernel panic - not syncing",
    "WARNING: possible circular locking dependency detected",
)
_ALL_CPUS = "Sending NMI from CPU"  # from here on, other CPUs print their stacks for this report


@dataclass(frozen=True)
class Extent:
    """``own``: the texts that name the report; ``seen``: those that show whether it is whole.

    Where lines say who printed them, both are the same. Else all that follows the begin of another
    report is seen, but may be the other's. ``end`` is the index behind the report's last line.
    """

    own: list[str]
    seen: list[str]
    end: int


def extent(lines: Lines, begin: int, limit: int, endings: Sequence[int]) -> Extent:
    """The extent of the report that begins at the index ``begin`` and has ``limit`` lines at most.

    ``endings`` are the indices of the next lines that begin other reports of the same writer.
    """
    header = lines.at(begin)
    assert header is not None
    ending = endings[0] if endings else begin + SEARCHED_LINES
    last = endings[-1] if len(endings) == REPORTS_SEEN else begin + SEARCHED_LINES
    own = [header.text]
    seen = [header.text]
    for index, text in _of_one_writer(lines, begin, min(last, begin + SEARCHED_LINES), header):
        if len(seen) >= limit:
            break
        seen.append(text)
        if header.context or index < ending:
            own.append(text)
    return Extent(own, seen, _end(lines, begin, min(begin + limit, ending)))


def _of_one_writer(lines: Lines, begin: int, until: int, header: Line) -> Iterator[tuple[int, str]]:
    enough = _ENOUGH_UNINITIALISED if "BUG: KMSAN:" in header.text else _ENOUGH
    count = 1
    for index, line in _with_all_cpus(lines, begin, until):
        if line.stamped and is_guess(line.text):
            continue
        count += 1
        if count > enough and any(words in line.text for words in _AFTERMATH):
            return
        yield index, line.text


def _with_all_cpus(lines: Lines, begin: int, until: int) -> Iterator[tuple[int, Line]]:
    """The lines of the writer of ``begin``, and of all CPUs from where it asks them to print."""
    for index, line in lines.of_same_writer(begin, until):
        yield index, line
        if _ALL_CPUS in line.text:
            break
    else:
        return
    for other in range(index + 1, until):
        answer = lines.at(other)
        if answer is None:
            return
        same = answer.context == line.context and answer.stamped == line.stamped
        if same or answer.context.startswith("C"):
            yield other, answer


def _end(lines: Lines, begin: int, limit: int) -> int:
    """The index behind the report's closing line, or the limit."""
    for index in range(begin, limit):
        line = lines.at(index)
        if line is None:
            return index
        if line.text.startswith(_CLOSING):
            return index + 1
    return limit
