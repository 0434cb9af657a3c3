"""Raw console bytes into clean lines of text, each with its place in the bytes.

A console mixes the kernel's lines with those of a shell and of daemons. What is taken off here:
line ends of every kind, ANSI escapes, NULs and other control bytes, and what stands before the
kernel's text: ``<6>`` levels, ``[   12.345678]`` stamps, ``[  T12]``/``[   C0]`` contexts
(CONFIG_PRINTK_CALLER), ``dmesg -T`` and ``dmesg -x`` prefixes, those of syslog and the journal,
and the date that a program which records a console puts before each piece.
Prefixes of other programs stay, so a daemon's words never stand where the kernel's would.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_LINE = 2048  # bytes; longer than any line of printk, and it keeps every pattern's time bounded

_ENDS = re.compile(rb"[\r\n]")
_PIECE = re.compile(rb"[^\r\n]{1,%d}" % MAX_LINE)
_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-B]|[@-Z\\^_=>78])")
_CONTROL = bytes(code for code in range(32) if code != ord("\t")) + b"\x7f"

_DAY = rb"[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d"
# of syslog and the journal; busybox puts the facility before the name
_SYSLOG = (
    rb"(?:%s|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    rb"\ [^ ]{1,255}\ (?:[a-z]{2,8}\.[a-z]{2,8}\ )?kernel:\ " % _DAY
)
_PARTS = {b"day": _DAY, b"syslog": _SYSLOG}
_PREFIX = re.compile(
    rb"""
    (?:\d{4}/\d\d/\d\d\ \d\d:\d\d:\d\d\ )?                        # of a recording program
    (?P<stamp>
    (?:kern\s{0,4}:[a-z]{2,7}\s{0,4}:\s)?                         # dmesg -x
    (?:<\d{1,3}>)?                                                # level
    (?:%(syslog)s?)?
    (?:\[\ {0,9}\d{1,9}\.\d{1,9}\]\ ?(?:[^ ]{1,255}\ kernel:\ )?  # seconds since boot
      |\[[A-Z][a-z]{2}\ %(day)s\ \d{4}\]\ ?)?                     # dmesg -T
    )
    (?:\[\ {0,6}(?P<context>[TC]\d{1,8})\]\ ?)?                   # task or CPU that printed
    (?:\(\d{1,2}\)\[\d{1,8}:[^\]]{1,32}\]\ ?                     # the same by phone makers:
      |\ ?\[\d{1,2}:\ {0,16}[\w/.:+-]{1,32}:\ {0,8}\d{1,8}\]\ {0,2}    # MediaTek, Samsung,
      |c\d{1,2}\ {1,8}\d{1,8}\ )?                                # Spreadtrum
    """
    % _PARTS,
    re.VERBOSE,
)
# Two writers share a serial line: the kernel's stamp may follow somebody's unfinished line.
_STAMP = re.compile(
    rb"""
    (?:<\d{1,3}>)?\[(?:\ {0,9}\d{1,9}\.\d{6}|[A-Z][a-z]{2}\ %(day)s\ \d{4})\]
    |%(syslog)s
    """
    % _PARTS,
    re.VERBOSE,
)


class Line(NamedTuple):
    """One line: its first byte's offset, who printed it (``T12``, ``C0`` or empty), its text.

    ``stamped``: a prefix of the kernel's log stood before the text, so it is no program's.
    """

    offset: int
    context: str
    text: str
    stamped: bool = False


def clean_lines(console: bytes, start: int = 0) -> Iterator[Line]:
    """The lines of ``console`` from byte ``start`` on; offsets count from the console's begin.

    Takes any bytes; text that is not UTF-8 holds U+FFFD where it was broken. A line longer than
    ``MAX_LINE`` bytes comes in pieces.
    """
    for piece in _PIECE.finditer(console, start):
        yield from _split(piece.group(), piece.start())


def line_end(console: bytes, place: int) -> int:
    """The end of the line that has byte ``place``: that of the console, or what ends lines."""
    found = _ENDS.search(console, place)
    return found.start() if found else len(console)


def plain_text(raw: bytes) -> bytes:
    """A line without escapes and control bytes."""
    bare = _ANSI.sub(b"", raw) if b"\x1b" in raw else raw
    return bare.translate(None, _CONTROL)


def _split(raw: bytes, offset: int) -> Iterator[Line]:
    bare = plain_text(raw)
    places: Sequence[int] = range(len(raw))  # of the bytes of bare in raw
    begin = 0
    while begin < len(bare):
        prefix = _PREFIX.match(bare, begin)
        text_begin = prefix.end() if prefix else begin
        stamp = _next_stamp(bare, text_begin)
        end = stamp.start() if stamp else len(bare)
        context = (prefix.group("context") or b"").decode() if prefix else ""
        stamped = bool(prefix and prefix.group("stamp")) or context != ""
        text = bare[text_begin:end].decode("utf-8", "replace")
        yield Line(offset + (places[begin] if begin else 0), context, text, stamped)
        begin = end
        if begin < len(bare) < len(places):
            places = _kept(raw)


def _next_stamp(bare: bytes, begin: int) -> re.Match[bytes] | None:
    # Few lines have either of the two, and to look for them is faster by far.
    if bare.find(b"[", begin) < 0 and bare.find(b" kernel: ", begin) < 0:
        return None
    return _STAMP.search(bare, begin)


def _kept(raw: bytes) -> list[int]:
    """The places of the bytes that are no part of an escape and no control byte."""
    taken = {place for escape in _ANSI.finditer(raw) for place in range(*escape.span())}
    return [at for at, byte in enumerate(raw) if byte not in _CONTROL and at not in taken]
