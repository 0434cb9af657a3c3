"""The forms in which the same console comes: by whom it was kept, and what they did to its lines.

Each is a pure function of the log and a number that its dates are drawn from.
"""

import random
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

Form = Callable[[bytes, random.Random], bytes]

_STAMP = re.compile(rb"(?m)^\[ *(\d+)\.(\d{6})\] ")
_BOUNDARY = re.compile(rb"(?m)^.*vexfs: ---- .* starts here.*\n")
_HOSTS = (b"host", b"vexfs-guest", b"node-17", b"localhost", b"ci-runner-3.example.org")
_YEAR_S = 365 * 24 * 3600


def _begin(dice: random.Random) -> datetime:
    """When a machine was booted: a second of some year."""
    return datetime(dice.randint(2021, 2027), 1, 1, tzinfo=UTC) + timedelta(
        seconds=dice.randrange(_YEAR_S)
    )


def _dated(log: bytes, dice: random.Random, text: Callable[[datetime, bytes], str]) -> bytes:
    """Each stamp replaced by a text of its date; ``text`` is given the stamp as it was, too."""
    begin, host = _begin(dice), dice.choice(_HOSTS).decode()

    def replacement(stamp: re.Match[bytes]) -> bytes:
        date = begin + timedelta(seconds=int(stamp[1]), microseconds=int(stamp[2]))
        return text(date, stamp.group()).replace("HOST", host).encode()

    return _STAMP.sub(replacement, line_feeds(log, dice))


def as_recorded(log: bytes, dice: random.Random) -> bytes:
    return log


def journal(log: bytes, dice: random.Random) -> bytes:
    """As ``journalctl -k`` prints it."""
    return _dated(log, dice, lambda date, _: f"{date:%b %d %H:%M:%S} HOST kernel: ")


def iso_journal(log: bytes, dice: random.Random) -> bytes:
    """As ``journalctl -k -o short-iso-precise`` prints it."""
    return _dated(log, dice, lambda date, _: f"{date:%Y-%m-%dT%H:%M:%S.%f%z} HOST kernel: ")


def syslog(log: bytes, dice: random.Random) -> bytes:
    """As rsyslog writes ``kern.log``: the kernel's own stamp stays."""
    return _dated(
        log, dice, lambda date, stamp: f"{date:%b %e %H:%M:%S} HOST kernel: {stamp.decode()}"
    )


def human_dmesg(log: bytes, dice: random.Random) -> bytes:
    """As ``dmesg -T`` prints it."""
    return _dated(log, dice, lambda date, _: f"[{date:%a %b %e %H:%M:%S %Y}] ")


def without_stamps(log: bytes, dice: random.Random) -> bytes:
    """With ``printk.time=0``."""
    return _STAMP.sub(b"", log)


def line_feeds(log: bytes, dice: random.Random) -> bytes:
    """As whoever reads the kernel's buffer and not the serial line, which adds the returns."""
    return log.replace(b"\r\n", b"\n")


def with_levels(log: bytes, dice: random.Random) -> bytes:
    """As ``dmesg -r`` and netconsole give it."""
    return _STAMP.sub(lambda stamp: b"<%d>" % dice.choice((3, 4, 5, 6)) + stamp.group(), log)


def with_callers(log: bytes, dice: random.Random) -> bytes:
    """With ``CONFIG_PRINTK_CALLER``; the lines of one second come from one task."""

    def replacement(stamp: re.Match[bytes]) -> bytes:
        task = zlib.crc32(stamp[1]) % 30000 + 1
        return stamp.group()[:-1] + b"[%6s] " % (b"T%d" % task)

    return _STAMP.sub(replacement, log)


def other_clock(log: bytes, dice: random.Random) -> bytes:
    """From a machine that has been up for long."""
    shift = dice.randrange(10_000, 9_000_000)
    return _STAMP.sub(lambda stamp: b"[%5d.%s] " % (int(stamp[1]) + shift, stamp[2]), log)


def recorded_by_program(log: bytes, dice: random.Random) -> bytes:
    """By a program that puts a date before each line that it reads."""
    begin = _begin(dice)
    lines = log.splitlines(keepends=True)
    dates = (begin + timedelta(seconds=number // 20) for number in range(len(lines)))
    return b"".join(
        f"{date:%Y/%m/%d %H:%M:%S} ".encode() + line
        for date, line in zip(dates, lines, strict=True)
    )


def coloured(log: bytes, dice: random.Random) -> bytes:
    """As ``dmesg --color=always`` prints it."""
    return _STAMP.sub(lambda stamp: b"\x1b[32m" + stamp.group()[:-1] + b"\x1b[0m ", log)


def without_boot(log: bytes, dice: random.Random) -> bytes:
    """Only what came behind the start of the test; the whole log where nothing marks it."""
    found = _BOUNDARY.search(log)
    return log[found.end() :] if found else log


FORMS: dict[str, Form] = {
    "as recorded": as_recorded,
    "journal": journal,
    "journal, ISO dates": iso_journal,
    "syslog": syslog,
    "dmesg -T": human_dmesg,
    "no stamps": without_stamps,
    "line feeds": line_feeds,
    "levels": with_levels,
    "caller": with_callers,
    "long up": other_clock,
    "dated by a recorder": recorded_by_program,
    "colours": coloured,
    "without boot": without_boot,
}


def cut_off(log: bytes, says: bytes, dice: random.Random) -> bytes | None:
    """The log of a guest that was killed while it reported; None if there is nothing to cut.

    It ends in the middle of some line, at least one whole line behind ``says``.
    """
    start = log.rfind(says) if says else -1
    first_line = log.find(b"\n", start)
    if start < 0 or first_line < 0 or len(log) - first_line < 100:
        return None
    return log[: dice.randrange(first_line + 1, len(log) - 50)]


def draw_forms(dice: random.Random, count: int) -> Iterator[str]:
    """Names of ``count`` different forms other than the log as it was recorded."""
    yield from dice.sample([name for name in FORMS if name != "as recorded"], count)
