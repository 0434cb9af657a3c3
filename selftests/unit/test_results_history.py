"""The history has each job once, whole or not at all, and is read while it grows."""

import csv
import json
import multiprocessing
import os
import signal
import sqlite3
import sys
from datetime import date

import pytest

from results_parsers.command import main
from results_parsers.demo import make_demo
from results_parsers.errors import ResultsError
from results_parsers.history import Ingested, ingest, migrations, open_history
from results_parsers.history.ingest import host_class
from results_parsers.reader import read_job

LAST = date(2026, 11, 20)
PER_JOB = 15  # tests of a synthetic job


@pytest.fixture
def jobs(tmp_path):
    return list(make_demo(tmp_path / "jobs", 3, 1, LAST))


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "h.sqlite", create=True) as history:
        yield history


def ask(history, sql, *arguments):
    return [tuple(row) for row in history.connection.execute(sql, arguments)]


def count(history, table):
    return ask(history, f"SELECT count(*) FROM {table}")[0][0]


def test_a_job_is_stored_in_depth(history, jobs):
    assert ingest(history, read_job(jobs[0]), tags=("nightly",)) is Ingested.NEW
    assert (count(history, "jobs"), count(history, "tests")) == (1, PER_JOB)
    assert ask(history, "SELECT tag FROM tags") == [("nightly",), ("synthetic",)]
    [row] = ask(
        history,
        "SELECT level, kernel, accelerator, host_class, samples, ratio FROM tests "
        "JOIN metrics ON test = tests.id WHERE filesystem = 'xfs' AND metrics.name = ?",
        "mount_time_ms",
    )
    assert row[:4] == (1, "6.1", "kvm", "8 x synthetic processor")
    assert len(json.loads(row[4])) == 12
    assert row[5] == pytest.approx(1.15, abs=0.2)
    titles = ask(history, "SELECT title FROM findings")
    assert ("KASAN: slab-use-after-free in vexfs_lookup",) in titles


def test_the_same_job_again_changes_nothing(history, jobs):
    before = []
    for turn in range(2):
        outcomes = {ingest(history, read_job(job)) for job in jobs}
        assert outcomes == {Ingested.NEW if turn == 0 else Ingested.UNCHANGED}
        before.append([count(history, table) for table in ("jobs", "tests", "metrics")])
    assert before[0] == before[1]


def test_a_moved_job_is_known_where_it_is_now(history, jobs, tmp_path):
    ingest(history, read_job(jobs[0]))
    moved = jobs[0].rename(tmp_path / "moved")
    assert ingest(history, read_job(moved)) is Ingested.UNCHANGED
    assert ask(history, "SELECT folder FROM jobs") == [(str(moved),)]


def cut(job):
    file = job / "results.json"
    text = file.read_text()
    file.write_text(text[: len(text) // 2])
    return text


def test_more_of_a_job_replaces_less_and_keeps_its_tags(history, jobs):
    text = cut(jobs[0])
    assert ingest(history, read_job(jobs[0]), tags=("v1",)) is Ingested.NEW
    less = count(history, "tests")
    (jobs[0] / "results.json").write_text(text)
    assert ingest(history, read_job(jobs[0])) is Ingested.REPLACED
    assert less < count(history, "tests") == PER_JOB
    assert ("v1",) in ask(history, "SELECT tag FROM tags")


def test_less_of_a_job_does_not_replace_more(history, jobs):
    ingest(history, read_job(jobs[0]))
    cut(jobs[0])
    assert ingest(history, read_job(jobs[0])) is Ingested.UNCHANGED
    assert count(history, "tests") == PER_JOB


@pytest.mark.parametrize("junit_first", [True, False])
def test_a_junit_file_is_known_as_a_part_of_its_job(history, jobs, tmp_path, junit_first):
    file = tmp_path / "results.xml"
    file.write_text(f'<testsuite name="{jobs[0].name}"><testcase name="a"/></testsuite>')
    for path in (file, jobs[0]) if junit_first else (jobs[0], file):
        ingest(history, read_job(path))
    assert (count(history, "jobs"), count(history, "tests")) == (1, PER_JOB)


def test_a_job_is_stored_whole_or_not_at_all(history, jobs, monkeypatch):
    def fail(_):
        raise OSError("planted")

    # By the module: the package has a function of its name.
    monkeypatch.setattr(sys.modules[Ingested.__module__], "_finding", fail)
    with pytest.raises(OSError, match="planted"):
        ingest(history, read_job(jobs[0]))
    assert (count(history, "jobs"), count(history, "tests")) == (0, 0)


def write_for_ever(path, jobs, told):
    with open_history(path, create=True) as history:
        while True:
            for job in jobs:
                result = read_job(job)
                history.connection.execute("DELETE FROM jobs WHERE job_id = ?", (result.job_id,))
                ingest(history, result)
            told.set()


def test_it_is_read_while_it_is_written_and_survives_a_kill(tmp_path, jobs):
    path = tmp_path / "h.sqlite"
    context = multiprocessing.get_context("fork")
    told = context.Event()
    writer = context.Process(target=write_for_ever, args=(path, jobs, told))
    writer.start()
    try:
        assert told.wait(20)
        with open_history(path) as history:
            for _ in range(50):
                assert count(history, "tests") % PER_JOB == 0
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    with open_history(path) as history:
        assert ask(history, "PRAGMA integrity_check") == [("ok",)]
        assert count(history, "tests") == PER_JOB * count(history, "jobs")
        for job in jobs:
            ingest(history, read_job(job))
        assert count(history, "jobs") == len(jobs)


def open_at_once(path, ready, failures):
    ready.wait()
    try:
        with open_history(path, create=True):
            pass
    except ResultsError as error:
        failures.put(str(error))


def test_several_may_make_it_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    ready, failures = context.Barrier(4), context.SimpleQueue()
    arguments = (tmp_path / "h.sqlite", ready, failures)
    processes = [context.Process(target=open_at_once, args=arguments) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(20)
    assert failures.empty(), failures.get()


def test_an_older_history_is_brought_up_to_date(tmp_path, jobs, monkeypatch):
    path = tmp_path / "h.sqlite"
    with open_history(path, create=True) as history:
        ingest(history, read_job(jobs[0]))
    step = "ALTER TABLE jobs ADD COLUMN more TEXT;"
    monkeypatch.setattr("results_parsers.history.database.STEPS", (*migrations.STEPS, step))
    with open_history(path) as history:
        assert count(history, "tests") == PER_JOB
        assert ask(history, "SELECT more FROM jobs") == [(None,)]


def test_a_step_that_fails_leaves_the_history_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "h.sqlite"
    with open_history(path, create=True):
        pass
    steps = (*migrations.STEPS, "CREATE TABLE more (x TEXT);\nINSERT INTO absent VALUES (1);")
    monkeypatch.setattr("results_parsers.history.database.STEPS", steps)
    with pytest.raises(ResultsError, match="no such table"), open_history(path):
        pass
    monkeypatch.undo()
    with open_history(path) as history:
        names = ask(history, "SELECT name FROM sqlite_schema WHERE name = 'more'")
        assert names == []


def newer(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


def foreign(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")


BAD = {
    "newer": (newer, "version 99; this program knows up to"),
    "another database": (foreign, "no history of jobs"),
    "no database": (lambda path: path.write_text("x" * 5000), "not a database"),
    "not there": (lambda _: None, "no history there; run: vexfs-results ingest"),
    "a folder": (lambda path: path.mkdir(), "unable to open"),
}


@pytest.mark.parametrize(("plant", "words"), BAD.values(), ids=BAD)
def test_what_is_no_history_is_named(tmp_path, capsys, plant, words):
    path = tmp_path / "h.sqlite"
    plant(path)
    assert main(["query", "--db", str(path), "SELECT 1"]) == 3
    error = capsys.readouterr().err
    assert words in error
    assert "h.sqlite" in error


def test_the_kind_of_a_host():
    assert host_class(None) == "unknown"
    assert host_class({"processors": 2}) == "2 x unknown processor"
    assert host_class({"processors": 2, "model": "EPYC"}) == "2 x EPYC"


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_the_command_counts_and_names_what_it_skipped(tmp_path, jobs, capsys):
    db = tmp_path / "h.sqlite"
    (tmp_path / "jobs" / "bad").mkdir()
    (tmp_path / "jobs" / "bad" / "results.json").write_text("{")
    assert run("ingest", "--db", db, tmp_path / "jobs") == 3
    told = capsys.readouterr()
    assert f"{len(jobs)} jobs: {len(jobs)} new, 0 replaced, 0 unchanged; 1 skipped" in told.out
    assert "bad/results.json" in told.err
    assert run("ingest", "--db", db, *jobs, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["jobs"] == {"new": 0, "replaced": 0, "unchanged": len(jobs)}


@pytest.fixture
def db(tmp_path, jobs):
    path = tmp_path / "h.sqlite"
    assert run("ingest", "--db", path, *jobs) == 0
    return path


def test_export_to_csv(db, tmp_path, capsys):
    assert run("export", tmp_path / "out", "--db", db) == 0
    with (tmp_path / "out" / "tests.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["filesystem"] for row in rows} == {"ext4", "xfs", "vexfs"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "findings.csv",
        "metrics.csv",
        "tests.csv",
    ]


def test_export_to_parquet(db, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")
    assert run("export", tmp_path / "out", "--db", db, "--format", "parquet") == 0
    table = parquet.read_table(tmp_path / "out" / "metrics.parquet")
    assert str(table.schema.field("value").type) == "double"
    with open_history(db) as history:
        assert table.num_rows == count(history, "metrics")


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_question_in_sql(db, capsys, engine):
    pytest.importorskip("duckdb", reason="needs the extra duckdb")
    question = "SELECT filesystem, count(*) AS n FROM tests GROUP BY 1 ORDER BY 1"
    assert run("query", "--db", db, "--engine", engine, "--json", question) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["filesystem"] for row in rows] == ["ext4", "vexfs", "xfs"]
    assert run("query", "--db", db, "--engine", engine, "SELECT nonsense") == 2
    assert "SELECT nonsense" in capsys.readouterr().err


@pytest.mark.parametrize("sql", ["DELETE FROM tests", "DROP TABLE jobs"])
def test_a_question_changes_nothing(db, capsys, sql):
    assert run("query", "--db", db, sql) == 2
    assert "readonly" in capsys.readouterr().err


def test_without_the_libraries_it_says_what_to_install(db, tmp_path, capsys, monkeypatch):
    for name in ("pyarrow", "duckdb"):
        monkeypatch.setitem(sys.modules, name, None)
    assert run("export", tmp_path, "--db", db, "--format", "parquet") == 3
    assert "pip install 'vexfs-provider[parquet]'" in capsys.readouterr().err
    assert run("query", "--db", db, "--engine", "duckdb", "SELECT 1") == 3
    assert "pip install 'vexfs-provider[duckdb]'" in capsys.readouterr().err


def test_the_demo_is_the_same_for_the_same_seed_and_says_what_it_is(tmp_path, capsys):
    for name in ("a", "b"):
        arguments = ("--nights", 4, "--last", "2026-11-20")
        assert run("demo", tmp_path / name, *arguments) == 0
    assert "synthetic jobs" in capsys.readouterr().out
    first, second = (sorted((tmp_path / name).glob("job-*")) for name in ("a", "b"))
    assert len(first) == 3  # one night is missing
    for one, other in zip(first, second, strict=True):
        texts = [(job / "results.json").read_text() for job in (one, other)]
        assert texts[0].replace(str(tmp_path / "a"), "") == texts[1].replace(
            str(tmp_path / "b"), ""
        )
    assert run("demo", tmp_path / "c", "--nights", 0) == 2
    assert "--nights = 0; allowed: 1 to" in capsys.readouterr().err
