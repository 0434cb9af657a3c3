"""Jobs against jobs on a page: what is worse comes first, with its interval and its counts."""

import json
import re

import pytest
from synthetic_history import make_history

from results_parsers.command import main
from results_parsers.history import open_history
from results_parsers.history.comparison import compare_jobs
from results_parsers.reports.comparison import BAR, show_comparison
from results_parsers.thresholds import Thresholds


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return make_history(tmp_path_factory.mktemp("history"))


@pytest.fixture
def shown(db):
    with open_history(db) as history:
        return show_comparison(compare_jobs(history, "before", "last:10", thresholds=Thresholds()))


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_what_is_worse_comes_first_and_its_bar_is_beside_the_middle(shown):
    worse = [one for one in shown.metrics if one.verdict == "worse"]
    assert {one.test for one in worse} == {"vexfs.level1.mount_cycle.on_vexfs"}
    assert list(shown.metrics[: len(worse)]) == worse
    for one in worse:
        assert BAR / 2 < one.bar.left < one.bar.middle < one.bar.right <= BAR
    assert dict(shown.counts)["worse"] == len(worse) == 2
    same = next(one for one in shown.metrics if one.verdict == "same")
    assert same.bar.left < BAR / 2 + BAR / 8


def test_findings_and_verdicts_that_differ_are_named(shown):
    found = {one.what: one for one in shown.findings}
    lost = found["a file's content differs after a remount"]
    assert (lost.verdict, lost.one, lost.other) == ("new", "0/30", "10/10")
    assert shown.findings[0] == lost
    tests = {one.test: (one.one, one.other) for one in shown.tests}
    assert tests["vexfs.level1.persistence.on_vexfs"] == ("30/30", "0/10")
    assert "vexfs.level1.mount_cycle.on_ext4" not in tests


def test_the_page_its_words_and_its_json_say_the_same(db, shown, tmp_path):
    page, data = tmp_path / "c.html", tmp_path / "c.json"
    words = ("--compare", "before", "last:10", "--html", page, "--json", data)
    assert run("report", "--db", db, *words) == 0
    text, document = page.read_text(), json.loads(data.read_text())
    assert text.count("<svg") == len(document["metrics"]) == 12
    assert re.findall(r'(?:href|src)="(?!data:)', text) == []
    assert "a file&#39;s content differs after a remount" in text
    assert "new: vexfs.level1.persistence.on_vexfs: 0/30 -> 10/10" in shown.in_words()


def test_the_same_jobs_do_not_differ(db, tmp_path):
    with open_history(db) as history:
        found = compare_jobs(history, "after", "after", thresholds=Thresholds())
    assert found.tests == found.findings == ()
    assert not found.is_worse


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--compare", "before", "nothing"), "'nothing' names no jobs"),
        (("--compare", "before", "after", "JOB"), "not both"),
        (("--compare", "before", "after", "--thresholds", "no.toml"), "no.toml"),
    ],
)
def test_wrong_use_is_named(db, tmp_path, capsys, words, named):
    assert run("report", "--db", db, "--html", tmp_path / "c.html", *words) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "c.html").exists()
