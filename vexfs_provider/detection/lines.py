"""The lines of a console, cleaned only as far as somebody looks."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from vexfs_provider.detection.console import Line, clean_lines

_FIRST_BATCH, _LAST_BATCH = 2, 16  # lines: few after a leap, since there may be another soon


class Lines:
    """The lines from byte ``start`` on, by their index.

    Lines that nobody needs are left out, see ``index_at``, and then have no index.
    """

    def __init__(self, console: bytes, start: int):
        self._console = console
        self._source = clean_lines(console, start)
        self._batch = _FIRST_BATCH
        self._known: list[Line] = []
        self._by_writer: dict[tuple[str, bool], list[int]] = defaultdict(list)

    def at(self, index: int) -> Line | None:
        """The line, or None behind the last."""
        while index >= len(self._known) and self._more():
            pass
        return self._known[index] if index < len(self._known) else None

    def index_at(self, offset: int, low: int, needed: int) -> int:
        """The index of the first line from ``low`` on that begins at ``offset`` or behind it.

        ``offset`` is where a line begins. Those before it are looked at if their index is less than
        ``needed``; others may be left out.
        """
        index = low
        while (line := self.at(index)) is not None and line.offset < offset:
            index += 1
            if index >= needed and index == len(self._known):
                self._source = clean_lines(self._console, offset)
                self._batch = _FIRST_BATCH
        return index

    def of_same_writer(self, begin: int, until: int) -> Iterator[tuple[int, Line]]:
        """The lines between the two indices, in order, that who wrote ``begin`` wrote too."""
        first = self.at(begin)
        if first is None:
            return
        own = self._by_writer[_writer(first)]
        place = bisect_right(own, begin)
        while True:
            while place == len(own) and len(self._known) < until and self._more():
                pass
            if place == len(own) or own[place] >= until:
                return
            yield own[place], self._known[own[place]]
            place += 1

    def _more(self) -> bool:
        batch = list(islice(self._source, self._batch))
        self._batch = min(2 * self._batch, _LAST_BATCH)
        for index, line in enumerate(batch, len(self._known)):
            self._by_writer[_writer(line)].append(index)
        self._known += batch
        return bool(batch)


def _writer(line: Line) -> tuple[str, bool]:
    return line.context, line.stamped
