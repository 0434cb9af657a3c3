"""Consoles that come piece by piece."""

import random

import pytest

from vexfs_provider.detection import stream as module
from vexfs_provider.detection.report import reports
from vexfs_provider.detection.stream import Stream

OOPS = b"""\
[   12.000001] BUG: kernel NULL pointer dereference, address: 0000000000000000
[   12.000002] Oops: 0002 [#1] PREEMPT SMP
[   12.000003] CPU: 0 PID: 1 Comm: python3
[   12.000004] RIP: 0010:vexfs_%s+0x12/0x40 [vexfs]
[   12.000005] Call Trace:
[   12.000006]  <TASK>
[   12.000007]  vexfs_write+0x12/0x40 [vexfs]
[   12.000008]  </TASK>
[   12.000009] ---[ end trace 0000000000000000 ]---
"""
NOISE = b"[   13.000001] systemd[1]: Started something of no interest at all.\n"


def in_pieces(console: bytes, seed: int) -> list[bytes]:
    dice = random.Random(seed)
    pieces = []
    while console:
        size = dice.choice((1, 7, 100, 5000, 60_000))
        pieces.append(console[:size])
        console = console[size:]
    return pieces


@pytest.fixture
def small(monkeypatch):
    """Windows that a test can fill."""
    monkeypatch.setattr(module, "WINDOW", 20_000)
    monkeypatch.setattr(module, "_FULL", 80_000)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.usefixtures("small")
def test_pieces_give_the_reports_of_the_whole(seed):
    parts = [OOPS % b"%c" % (97 + n) + NOISE * (300 * n) for n in range(12)]
    console = b"".join(parts)
    stream = Stream()
    told = [one for piece in in_pieces(console, seed) for one in stream.feed(piece)]
    assert told  # the first ones were certain long before the end
    told += stream.look()
    assert [one.report for one in told] == reports(console)
    assert len(told) == len(parts)
    for report, excerpt, before in told:
        assert console[report.start :].startswith(excerpt)
        assert console[: report.start].endswith(before)
        assert excerpt.startswith(b"[   12.000001] BUG: ")


def test_memory_stays_bounded_whatever_comes():
    stream = Stream()
    for piece in (NOISE * 100_000, b"x" * (10 * module.WINDOW), NOISE):
        stream.feed(piece)
        assert len(stream._kept) < module._FULL


def test_a_look_tells_each_report_once():
    stream = Stream()
    assert stream.look() == []
    assert stream.feed(OOPS % b"a") == []
    assert [one.report.frame for one in stream.look()] == ["vexfs_a"]
    assert stream.look() == []
    stream.feed(OOPS % b"b")
    assert [one.report.frame for one in stream.look()] == ["vexfs_b"]
