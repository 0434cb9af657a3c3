"""Which lines of a console may matter: a fast look at the raw bytes, before any is parsed.

A line may matter if it holds one of some literals, maybe once the control bytes are taken off that
stand in the midst of one. Hyperscan looks for all literals at once; where it is not installed
Python's own search looks for one after the other: the same results in some fifty times the time.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from vexfs_provider.detection.console import line_end, plain_text

CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"  # all but the tab and what ends lines

_SMALL = 1 << 18  # bytes; for fewer, to load Hyperscan takes longer than to do without
_PIECE = 1 << 26  # bytes at a time, so that a console of any size gives short lists


class _Hit(NamedTuple):
    place: int
    is_control: bool


_Search = Callable[[bytes], list[_Hit]]


class Prefilter:
    """Looks for literals in consoles.

    ``engine`` is ``hyperscan`` (raises ``ImportError`` where that is not installed), ``plain``, or
    ``auto``: the first where it is installed and worth it.
    """

    def __init__(self, literals: Sequence[str], engine: str = "auto"):
        self._literals = tuple(literal.encode() for literal in literals)
        self._engine = engine

    def lines(self, console: bytes, start: int = 0) -> Iterator[int]:
        """Where the lines begin that may matter, each once, in order.

        A line ends with a carriage return, a line feed or the console; the first is thought to
        begin at ``start``.
        """
        search = self._search(len(console) - start)
        begin = end = start
        for piece_begin, piece_end in _pieces(console, start):
            piece = console if piece_end - piece_begin == len(console) else None
            for hit in search(console[piece_begin:piece_end] if piece is None else piece):
                place = piece_begin + hit.place
                if place < end:
                    continue
                begin = _line_begin(console, end, place)
                end = line_end(console, place)
                if not hit.is_control or search(plain_text(console[begin:end])):
                    yield begin

    def _search(self, size: int) -> _Search:
        if self._engine == "plain" or (self._engine == "auto" and size < _SMALL):
            return _plain(self._literals)
        try:
            return _with_hyperscan(self._literals)
        except ImportError:
            if self._engine == "hyperscan":
                raise
            return _plain(self._literals)


def _pieces(console: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Pieces that end where a line does."""
    while start < len(console):
        end = line_end(console, min(start + _PIECE, len(console)))
        yield start, end
        start = end


def _line_begin(console: bytes, behind: int, place: int) -> int:
    """``behind``: no line that matters begins before it; else the search could take for ever."""
    feed = console.rfind(b"\n", behind, place)
    back = console.rfind(b"\r", max(feed, behind), place)
    return max(feed, back) + 1 if max(feed, back) >= 0 else behind


@cache
def _plain(literals: tuple[bytes, ...]) -> _Search:
    control = re.compile(CONTROL + rb"[^\r\n]*")  # one hit a line

    def search(piece: bytes) -> list[_Hit]:
        hits = [_Hit(found.start(), True) for found in control.finditer(piece)]
        for literal in literals:  # several times as fast as one pattern with all of them
            place = piece.find(literal)
            while place >= 0:
                hits.append(_Hit(place, False))
                place = piece.find(literal, place + 1)
        return sorted(hits)

    return search


@cache
def _with_hyperscan(literals: tuple[bytes, ...]) -> _Search:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = [*map(re.escape, literals), CONTROL]
    database.compile(expressions=expressions, flags=[hyperscan.HS_FLAG_DOTALL] * len(expressions))

    def search(piece: bytes) -> list[_Hit]:
        hits: list[_Hit] = []

        def note(which: int, _from: int, end: int, _flags: int, _context: Any) -> None:
            # The last byte, which is in the same line as the first.
            hits.append(_Hit(end - 1, which == len(literals)))

        database.scan(piece, match_event_handler=note)
        return sorted(hits)

    return search
