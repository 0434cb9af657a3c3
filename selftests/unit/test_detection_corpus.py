"""Real console logs, where the labelled corpus is at hand; it is no part of the project.

``make bench-detect`` prints the figures. Kinds of lines are judged, not single logs: a threshold
that fails asks for a rule for what the kernel prints, never for one log's words.
"""

import os
import random

import corpus
import pytest

from vexfs_provider.detection import first_crash, normalise_title, reports, scan

MUTATIONS = int(os.environ.get("VEXFS_MUTATIONS") or 1000)
"""Logs to be broken at random; a million take most of an hour."""

pytestmark = pytest.mark.skipif(not corpus.FOLDER.is_dir(), reason=corpus.ABSENT)


@pytest.mark.parametrize("form", corpus.REWRITES)
def test_what_is_found_in_logs_of_crashes(form: str) -> None:
    shares = corpus.shares(corpus.judged(corpus.REWRITES[form]))
    assert shares["recall"] >= 0.995
    assert shares["title"] >= 0.97
    assert shares["type"] >= 0.97
    assert shares["frame"] >= 0.95
    assert shares["corrupted"] >= 0.95


@pytest.mark.parametrize("form", corpus.REWRITES)
@pytest.mark.parametrize("folder", ["bootlogs", "crashlogs"])
def test_no_false_alarm(folder: str, form: str) -> None:
    assert corpus.false_alarms(folder, corpus.REWRITES[form]) == []


@pytest.mark.parametrize("form", corpus.REWRITES)
def test_probabilities_mean_what_they_say(form: str) -> None:
    assert corpus.calibration(corpus.REWRITES[form]) <= 0.03


def test_findings_are_the_reports() -> None:
    for _, log in corpus.labelled("crashlogs"):
        told = [report for report in reports(log) if report.kind != "reboot"]
        assert [(f.title, f.type, f.frame, f.corrupted) for f in scan(log)] == [
            (r.title, r.type, r.frame, r.corrupted) for r in told
        ]


def test_reports_lie_in_the_log_in_order() -> None:
    for _, log in corpus.labelled("crashlogs"):
        found = reports(log)
        assert [r.start for r in found] == sorted(r.start for r in found)
        assert all(0 <= r.start < r.end <= len(log) for r in found)


def test_a_report_cut_off_anywhere_is_found_as_long_as_its_first_line_is_whole() -> None:
    for label, log in corpus.labelled("crashlogs"):
        found = first_crash(reports(log))
        if found is None or found.kind == "reboot":
            continue
        first_line = log.find(b"\n", found.start)
        cut = first_crash(reports(log[: first_line + 1]))
        assert cut is not None, label["id"]
        assert cut.start == found.start


def test_broken_logs_raise_nothing() -> None:
    chance = random.Random(os.environ.get("VEXFS_MUTATION_SEED", "1"))
    logs = [log for folder in ("crashlogs", "bootlogs") for _, log in corpus.labelled(folder)]
    logs = [log for log in logs if len(log) < 30_000]
    for _ in range(MUTATIONS):
        log = broken(chance, chance.choice(logs))
        for report in reports(log):
            assert 0 <= report.start < report.end <= len(log)
            assert normalise_title(report.title) == report.title


_PIECES = (b"\x00", b"\xff\xfe", b"\r", b"\n", b"\x1b[", b"[", b"(", b"+0x", b" at ", b"BUG: ")


def broken(chance: random.Random, log: bytes) -> bytes:
    """The log with a few places overwritten, removed, doubled, or moved elsewhere."""
    text = bytearray(log)
    for _ in range(chance.randint(1, 8)):
        begin = chance.randrange(len(text) + 1)
        end = min(begin + chance.choice((1, 8, 64, 512)), len(text))
        piece = bytes(text[begin:end])
        how = chance.randrange(5)
        if how == 0:
            text[begin:end] = chance.randbytes(end - begin)
        elif how == 1:
            del text[begin:end]
        elif how == 2:
            text[begin:begin] = piece
        elif how == 3:
            text[begin:begin] = chance.choice(_PIECES)
        else:
            del text[begin:end]
            place = chance.randrange(len(text) + 1)
            text[place:place] = piece
    return bytes(text)
