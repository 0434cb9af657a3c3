"""``vexfs-results`` on a synthetic history, in which it is known what happens."""

import json
import sys

import pytest
from synthetic_history import NIGHTS, make_history

from results_parsers.command import main
from results_parsers.errors import UsageError
from results_parsers.thresholds import BESIDE, Thresholds, read_thresholds


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return make_history(tmp_path_factory.mktemp("history"))


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_the_metric_that_has_become_worse_is_named(db, capsys):
    assert run("trends", "--db", db, "--since", NIGHTS) == 1
    told = capsys.readouterr().out
    assert "vexfs.level1.mount_cycle.on_vexfs: mount_time_ms (8 x synthetic processor, kvm)" in told
    assert "WORSE" in told
    assert "12 series" in told
    assert "on_xfs" not in told
    assert run("trends", "--db", db, "--since", 1) == 0


def test_trends_of_one_metric_as_json(db, capsys):
    arguments = ("--metric", "mount_time_ms", "--test", "on_vexfs", "--json", "--since", 1)
    assert run("trends", "--db", db, *arguments) == 0
    [trend] = json.loads(capsys.readouterr().out)
    assert trend["points"] == NIGHTS - 1
    assert trend["by_ratio"] is True
    [change] = trend["changes"]
    assert change["change_percent"] == pytest.approx(50, abs=15)
    assert trend["prediction"]["low"] < trend["prediction"]["value"]


def test_two_sets_of_jobs_are_compared(db, capsys):
    assert run("compare", "before", "last:10", "--db", db) == 1
    told = capsys.readouterr().out
    assert "worse     vexfs.level1.mount_cycle.on_vexfs mount_time_ms: +" in told
    assert "same      vexfs.level1.mount_cycle.on_ext4 mount_time_ms" in told
    assert run("compare", "last:1", "last:1", "--db", db, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["metrics"]) == 12
    assert {one["verdict"] for one in document["metrics"]} <= {"same", "undecided"}


def test_thresholds_decide(db, tmp_path, capsys):
    file = tmp_path / "t.toml"
    file.write_text("default = 500\n")
    assert run("compare", "before", "last:10", "--db", db, "--thresholds", file) == 0
    assert "worse" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [("nightly", "'nightly' names no jobs"), ("last:x", "needs a number"), ("last:0", "above 0")],
)
def test_jobs_that_are_not_there_are_named(db, capsys, name, words):
    assert run("compare", name, "last:1", "--db", db) == 2
    assert words in capsys.readouterr().err


def test_findings_are_judged(db, capsys):
    assert run("flakes", "--db", db, "--baseline", "before", "--json") == 1
    found = {one["title"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["a file's content differs after a remount"]["verdict"] == "new"
    assert found["KASAN: slab-use-after-free in vexfs_lookup"]["verdict"] == "fixed"
    flaky = found["statfs shows fewer free blocks after all was removed"]
    assert flaky["verdict"] in ("flaky", "undecided")
    assert run("flakes", "--db", db) == 1
    assert "content differs" in capsys.readouterr().out.splitlines()[0]
    assert run("flakes", "--db", db, "--recent", 0) == 2


@pytest.mark.parametrize("verb", ["trends", "flakes", "compare"])
def test_without_the_libraries_it_says_what_to_install(db, capsys, monkeypatch, verb):
    parts = ("trends", "history.", "reports.")
    loaded = tuple(f"results_parsers.{part}" for part in parts)
    for name in [one for one in sys.modules if one.startswith(loaded)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    arguments = ("a", "b") if verb == "compare" else ()
    assert run(verb, *arguments, "--db", db) == 3
    assert "pip install 'vexfs-provider[results]'" in capsys.readouterr().err


def test_the_thresholds_of_the_checkout():
    found = read_thresholds(BESIDE)
    assert (found.default, found.of("mount_time_ms"), found.of("other")) == (5.0, 15.0, 5.0)
    assert Thresholds().of("mount_time_ms") == 5.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("default = 0", "default = 0; a percentage above 0"),
        ("default = true", "default = True"),
        ("[metrics]\nmount_time_ms = 'x'", "metrics.mount_time_ms = 'x'"),
        ("metrics = 3", "metrics = 3; a table"),
        ("limit = 3", "limit = 3; allowed: default, [metrics]"),
        ("default =", "t.toml"),
    ],
)
def test_bad_thresholds_are_named(tmp_path, text, words):
    file = tmp_path / "t.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_thresholds(file)
    assert words in str(caught.value)
    with pytest.raises(UsageError, match="none"):
        read_thresholds(tmp_path / "none")
