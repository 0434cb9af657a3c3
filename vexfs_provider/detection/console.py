"""Raw console bytes into clean lines of text, each with its place in the bytes.

A console mixes the kernel's lines with those of a shell and of daemons. What is taken off here:
line ends of every kind, ANSI escapes, NULs and other control bytes, and what stands before the
kernel's text: ``<6>`` levels, ``[   12.345678]`` stamps, ``[  T12]``/``[   C0]`` contexts
(CONFIG_PRINTK_CALLER), ``dmesg -T`` and ``dmesg -x`` prefixes, those of syslog and the journal.
Prefixes of other programs stay, so a daemon's words never stand where the kernel's would.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_LINE = 2048  # bytes; longer than any line of printk, and it keeps every pattern's time bounded

_PIECE = re.compile(rb"[^\r\n]{1,%d}" % MAX_LINE)
_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-B]|[@-Z\\^_=>78])")
_CONTROL = bytes(code for code in range(32) if code != ord("\t")) + b"\x7f"

_DAY = rb"[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d"
_PREFIX = re.compile(
    rb"""
    (?:kern\s{0,4}:[a-z]{2,7}\s{0,4}:\s)?                         # dmesg -x
    (?:<\d{1,3}>)?                                                # level
    (?:(?:%(day)s|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)
       \ [^ ]{1,255}\ kernel:\ ?)?                                # syslog, journal
    (?:\[\ {0,9}\d{1,9}\.\d{1,9}\]\ ?(?:[^ ]{1,255}\ kernel:\ )?  # seconds since boot
      |\[[A-Z][a-z]{2}\ %(day)s\ \d{4}\]\ ?)?                     # dmesg -T
    (?:\[\ {0,6}(?P<context>[TC]\d{1,8})\]\ ?)?                   # task or CPU that printed
    """
    % {b"day": _DAY},
    re.VERBOSE,
)
# Two writers share a serial line: the kernel's stamp may follow somebody's unfinished line.
_STAMP = re.compile(rb"(?:<\d{1,3}>)?\[ {0,9}\d{1,9}\.\d{6}\]")


class Line(NamedTuple):
    """One line: its first byte's offset, who printed it (``T12``, ``C0`` or empty), its text."""

    offset: int
    context: str
    text: str


def clean_lines(console: bytes, start: int = 0) -> Iterator[Line]:
    """The lines of ``console`` from byte ``start`` on; offsets count from the console's begin.

    Takes any bytes; text that is not UTF-8 holds U+FFFD where it was broken. A line longer than
    ``MAX_LINE`` bytes comes in pieces.
    """
    for piece in _PIECE.finditer(console, start):
        yield from _split(piece.group(), piece.start())


def _split(raw: bytes, offset: int) -> Iterator[Line]:
    bare = _ANSI.sub(b"", raw) if b"\x1b" in raw else raw
    bare = bare.translate(None, _CONTROL)
    begin = 0
    while begin < len(bare):
        prefix = _PREFIX.match(bare, begin)
        text_begin = prefix.end() if prefix else begin
        stamp = _STAMP.search(bare, text_begin)
        end = stamp.start() if stamp else len(bare)
        context = prefix.group("context") if prefix else None
        text = bare[text_begin:end].decode("utf-8", "replace")
        yield Line(offset + _place(raw, bare, begin), (context or b"").decode(), text)
        begin = end


def _place(raw: bytes, bare: bytes, begin: int) -> int:
    """Where ``bare[begin:]``, which begins with a stamp, stands in the uncleaned bytes."""
    if begin == 0 or len(raw) == len(bare):
        return begin
    return max(raw.find(bare[begin : begin + 12], begin), 0)
