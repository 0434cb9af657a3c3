"""A console that is still being written: its reports as they become certain, in constant memory."""

from dataclasses import replace
from typing import NamedTuple

from vexfs_provider.detection.cause import NEAR
from vexfs_provider.detection.console import MAX_LINE
from vexfs_provider.detection.finding import EVIDENCE_LIMIT
from vexfs_provider.detection.report import Report, reports
from vexfs_provider.detection.rule import SEARCHED_LINES

WINDOW = SEARCHED_LINES * MAX_LINE  # bytes; no report is longer
_FULL = 4 * WINDOW  # what is kept at most; half of it is new, so each byte is read twice


class Told(NamedTuple):
    """A report, the first ``EVIDENCE_LIMIT`` bytes of its text, and ``NEAR`` bytes before it."""

    report: Report
    excerpt: bytes
    before: bytes


class Stream:
    """Takes the bytes of a console piece by piece; offsets in reports count from its first byte.

    All that it returns, ``look`` last, are the reports of the whole console.
    """

    def __init__(self) -> None:
        self._kept = bytearray()
        self._begin = 0  # the offset of the first byte that is kept
        self._told = 0  # reports that start before this offset have been returned

    def feed(self, piece: bytes) -> list[Told]:
        """The reports that no later byte can change any more, as far as this has been looked at."""
        told = []
        for start in range(0, len(piece), WINDOW):
            self._kept += piece[start : start + WINDOW]
            if len(self._kept) >= _FULL:
                told += self._tell(self._begin + len(self._kept) - WINDOW)
                self._forget(len(self._kept) - 2 * WINDOW)
        return told

    def look(self) -> list[Told]:
        """Those that there are by now; for when the console rests, or has come to its end.

        If the kernel goes on with a report after that, its rest is not seen.
        """
        return self._tell(self._begin + len(self._kept))

    def _tell(self, until: int) -> list[Told]:
        kept, begin = bytes(self._kept), self._begin
        told, self._told = self._told, max(until, self._told)
        return [
            Told(
                replace(report, start=report.start + begin, end=report.end + begin),
                kept[report.start : min(report.end, report.start + EVIDENCE_LIMIT)],
                kept[max(0, report.start - NEAR) : report.start],
            )
            for report in reports(kept)
            if told <= report.start + begin < until
        ]

    def _forget(self, number: int) -> None:
        """Forget that many bytes, and those up to the end of their last line."""
        feed = self._kept.find(b"\n", number, number + MAX_LINE)
        number = feed + 1 if feed >= 0 else number
        del self._kept[:number]
        self._begin += number
