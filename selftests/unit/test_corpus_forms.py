"""The forms in which a console is rewritten: the text of the lines stays, the rest changes."""

import random
import re

import pytest

from vexfs_provider.corpus.forms import FORMS, cut_off, draw_forms
from vexfs_provider.detection import first_crash, reports
from vexfs_provider.detection.console import clean_lines

BOOT = b"""[    0.000000] Linux version 6.1.0 (gcc-12)
[    1.500000] EXT4-fs (vda): mounted filesystem
[   10.284013] vexfs: ---- r7a3a6dfa/corpus starts here (warm) ----
"""
SAYS = b"BUG: kernel NULL pointer dereference"
CRASH = b"""[   10.730160] BUG: kernel NULL pointer dereference, address: 0000000000000000
[   10.730200] #PF: supervisor read access in kernel mode
[   10.730300] Oops: 0000 [#1] PREEMPT SMP NOPTI
[   10.730400] CPU: 1 PID: 123 Comm: sh Tainted: G           OE      6.1.0
[   10.730500] RIP: 0010:vexfs_crash_null_read+0xc/0x20 [vexfs_crash]
[   10.730600] Call Trace:
[   10.730700]  <TASK>
[   10.730800]  crash_in_context+0x80/0xc0 [vexfs_crash]
[   10.730900]  </TASK>
[   11.730900] ---[ end trace 0000000000000000 ]---
"""
BOOT, CRASH = (text.replace(b"\n", b"\r\n") for text in (BOOT, CRASH))  # as a serial line does
LOG = BOOT + CRASH
TITLE = "BUG: unable to handle kernel NULL pointer dereference in vexfs_crash_null_read"


def texts(log):
    return [line.text for line in clean_lines(log)]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_a_pure_function(name):
    assert FORMS[name](LOG, random.Random(3)) == FORMS[name](LOG, random.Random(3))


@pytest.mark.parametrize("name", set(FORMS) - {"without boot"})
def test_a_form_keeps_every_line(name):
    rewritten = FORMS[name](LOG, random.Random(3))
    assert len(rewritten.splitlines()) == len(LOG.splitlines())
    assert texts(rewritten) == texts(LOG)


@pytest.mark.parametrize("name", set(FORMS) - {"as recorded", "without boot"})
def test_a_form_changes_the_bytes(name):
    assert FORMS[name](LOG, random.Random(3)) != LOG


@pytest.mark.parametrize("name", FORMS)
def test_the_report_has_the_same_name_in_every_form(name):
    crash = first_crash(reports(FORMS[name](LOG, random.Random(3))))
    assert crash is not None
    assert crash.title == TITLE


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("journal", rb"^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S+ kernel: BUG: "),
        ("journal, ISO dates", rb"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000 \S+ kernel: BUG: "),
        ("syslog", rb"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ kernel: \[   10\.730160\] BUG: "),
        ("dmesg -T", rb"^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] BUG: "),
        ("no stamps", rb"^BUG: "),
        ("as recorded", rb"^\[   10\.730160\] BUG: .*\r$"),
        ("line feeds", rb"^\[   10\.730160\] BUG: .*[^\r]$"),
        ("levels", rb"^<[3-6]>\[   10\.730160\] BUG: "),
        ("caller", rb"^\[   10\.730160\]\[ *T\d+\] BUG: "),
        ("long up", rb"^\[ *\d{5,}\.730160\] BUG: "),
        ("dated by a recorder", rb"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[   10\.730160\] BUG: "),
        ("colours", rb"^\x1b\[32m\[   10\.730160\]\x1b\[0m BUG: "),
    ],
)
def test_how_a_line_looks(name, pattern):
    rewritten = FORMS[name](LOG, random.Random(3))
    assert re.search(pattern, rewritten, re.MULTILINE)


def test_dates_go_on_as_the_stamps_did():
    [one, *_, last] = FORMS["journal"](CRASH, random.Random(3)).splitlines()
    seconds = [int(line[13:15]) for line in (one, last)]
    assert (seconds[1] - seconds[0]) % 60 == 1


def test_without_boot_begins_behind_the_boundary():
    assert FORMS["without boot"](LOG, random.Random(3)) == CRASH
    assert FORMS["without boot"](BOOT[:100], random.Random(3)) == BOOT[:100]


def test_a_cut_log_still_says_that_it_crashed():
    for seed in range(50):
        cut = cut_off(LOG, SAYS, random.Random(seed))
        assert cut is not None
        assert LOG.startswith(cut) and len(cut) < len(LOG)
        assert cut[cut.index(SAYS) :].count(b"\n") >= 1


@pytest.mark.parametrize("log", [BOOT, BOOT + CRASH.splitlines(keepends=True)[0], b""])
def test_nothing_is_cut_where_nothing_follows(log):
    assert cut_off(log, SAYS, random.Random(0)) is None


def test_drawn_forms_differ():
    names = list(draw_forms(random.Random(5), 4))
    assert len(set(names)) == 4
    assert set(names) < set(FORMS) - {"as recorded"}
