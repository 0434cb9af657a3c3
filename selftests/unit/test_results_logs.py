"""The lines of logs are counted by templates, job by job; a new one is seen, noise is not."""

import json
import sys
from datetime import UTC, date, datetime

import pytest

from results_parsers.command import main
from results_parsers.demo import make_demo
from results_parsers.history import ingest, log_templates, open_history
from results_parsers.logs import miner
from results_parsers.logs.miner import Miner, Template
from results_parsers.metrics.families import register
from results_parsers.reader import JSON, read_job

BOOT = """\
[    0.000000] Linux version 6.1.0-56-amd64 (gcc-12) #1 SMP Debian
[    0.{clock}] BIOS-e820: [mem 0x0000000000{clock}-0x000000000009fbff] usable
[    1.{clock}] virtio_blk virtio{n}: [vd{disk}] 1048576 512-byte logical blocks (537 MB/512 MiB)
[    2.{clock}] EXT4-fs (vd{disk}): mounted filesystem with ordered data mode. Quota mode: none.
[    3.{clock}][ T{clock}]  ? vfs_write+0x{clock}/0x410
"""


def boot(night, disk="b"):
    return BOOT.format(clock=f"{100 + night}", n=night % 7, disk=disk)


@pytest.fixture
def jobs(tmp_path):
    """Three jobs whose tests have logs; in the last one a filesystem says something new."""
    made = list(make_demo(tmp_path / "jobs", 5, 1, date(2026, 11, 20)))[-3:]
    for night, job in enumerate(made):
        for number, disk in enumerate("bc", 1):
            folder = job / "test-results" / f"{number}-vexfs.level1.demo"
            (folder / "guest-2").mkdir(parents=True)
            (folder / "console.log").write_text(boot(night, disk))
            (folder / "guest-2" / "console.log").write_text(boot(night + 50, disk))
    return made


def say_something_new(job):
    with (job / "test-results" / "2-vexfs.level1.demo" / "console.log").open("a") as file:
        for inode in (12, 77):
            file.write(f"[    9.99] EXT4-fs warning (device vdb): inode #{inode}: comm ls: odd\n")


@pytest.fixture
def db(tmp_path, jobs):
    say_something_new(jobs[-1])
    path = tmp_path / "h.sqlite"
    with open_history(path, create=True) as history:
        for job in jobs:
            ingest(history, read_job(job))
    return path


def run(*arguments):
    return main([str(one) for one in arguments])


def test_a_new_line_is_named_and_what_always_differs_is_not(db, capsys):
    assert run("logs", "--db", db) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    words = "EXT4-fs warning (device <DEV>): inode #<NUM>: comm ls: odd"
    assert first == f"new        2 lines in 1 tests: {words}"
    assert rest == [
        "6 templates in 22 lines of the last 1 jobs; 1 new",
        "read now: 62 lines of 3 jobs; 0 jobs have none",
    ]
    assert run("logs", "--db", db, "--all") == 0
    output = capsys.readouterr().out
    assert "known      4 lines in 2 tests: <FRAME>" in output
    assert "read now: 0 lines of 0 jobs" in output


def test_counts_are_there_night_by_night_for_programs_and_prometheus(db, capsys, jobs):
    assert run("logs", "--db", db, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [night["lines"] for night in document["nights"]] == [22, 20, 20]
    assert [night["templates"] for night in document["nights"]] == [6, 5, 5]
    assert [one["text"] for one in document["templates"] if one["new"]]
    with open_history(db) as history:
        counts = log_templates.count_new_templates(history, recent=1)
    registry = register([read_job(jobs[-1])], templates=counts)
    assert registry.get_sample_value("log_templates", {"verdict": "new"}) == 1
    assert registry.get_sample_value("log_templates", {"verdict": "known"}) == 5


def test_nothing_is_new_where_there_is_nothing_before(db, capsys):
    assert run("logs", "--db", db, "--recent", 3) == 0
    assert "; 0 new" in capsys.readouterr().out


def test_a_job_that_is_replaced_is_read_again(db, jobs, tmp_path, capsys):
    whole = (jobs[-1] / JSON).read_text()
    cut = tmp_path / "cut.sqlite"
    with open_history(cut, create=True) as history:
        (jobs[-1] / JSON).write_text(whole[: len(whole) // 2])
        ingest(history, read_job(jobs[-1]))
        assert log_templates.mine_jobs(history).jobs == 1
        (jobs[-1] / JSON).write_text(whole)
        ingest(history, read_job(jobs[-1]))
        assert log_templates.mine_jobs(history).lines == 22
        assert log_templates.mine_jobs(history).jobs == 0


def test_jobs_without_logs_are_counted_and_looked_for_again(tmp_path, capsys):
    db = tmp_path / "h.sqlite"
    [job] = make_demo(tmp_path / "jobs", 1, 1, date(2026, 11, 20))
    assert run("ingest", "--db", db, job) == 0
    assert run("logs", "--db", db) == 3
    assert "1 jobs have none" in capsys.readouterr().out
    folder = job / "test-results" / "1-demo"
    folder.mkdir(parents=True)
    (folder / "console.log").write_bytes(b"\xff\x00noise\r\n" + b"x" * 100_000 + b"\n")
    assert run("logs", "--db", db) == 0
    with open_history(db) as history:
        texts = [row[0] for row in history.connection.execute("SELECT text FROM templates")]
    assert max(map(len, texts)) <= miner.LONGEST_LINE


def test_a_miner_goes_on_where_another_has_stopped():
    nights = [[boot(night).splitlines()] for night in range(6)]
    one, known, texts = Miner(), {}, {}
    for night in nights:
        counts = one.count(night)
        texts |= {number: template.text for number, template in counts.changed.items()}
        later = Miner(known.values()).count(night)
        known |= later.changed
        assert later.lines == counts.lines
    assert {number: template.text for number, template in known.items()} == texts


def test_noise_does_not_fill_the_history(monkeypatch):
    monkeypatch.setattr(miner, "MOST_NEW", 50)
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)} says what nobody else says" for n in range(80)]
    lines = [word.replace("says", word[:2] * 2) for word in words]
    one = Miner([Template(1, "a known line", "a known line")])
    counts = one.count([[*lines, "a known line"]])
    assert len(counts.changed) == 50
    assert counts.unmatched == 30
    assert counts.lines[1] == 1


def test_what_is_wrong_is_named(db, capsys, monkeypatch):
    assert run("logs", "--db", db, "--recent", 0) == 2
    monkeypatch.setitem(sys.modules, "drain3.drain", None)
    assert run("logs", "--db", db) == 3
    assert "pip install 'vexfs-provider[logs]'" in capsys.readouterr().err


def test_a_clock_in_a_line_is_no_word():
    assert miner._bare(f"[   12.345678] {datetime.now(UTC):%Y}") == f"{datetime.now(UTC):%Y}"
    assert miner._bare("[    3.1][  T77]  x") == "x"
