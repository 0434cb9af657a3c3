"""The mutation score without a guest: the lists of mutants, the journal, the figures."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from mutants import campaign, list_mutants
from mutants.campaign import Journal, Task, run_all
from mutants.kernel import MODULE_SOURCE, list_kernel_mutants, write_profile
from mutants.levels import LEVEL1, Result, stopping
from mutants.subjects import CONTROLS, list_subjects

from vexfs_provider.detection import Finding, Severity
from vexfs_provider.filesystems.profile_file import read_profile
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import SILENT

sys.path.insert(0, str(Path(__file__).parents[2]))  # the package is not installed, only run

from benchmarks.mutants import report, rows

ONE, OTHER, *_ = list_subjects()
CONTROL = CONTROLS[0]


def sources_of_the_module():
    return "".join(path.read_text() for path in MODULE_SOURCE.glob("*.c"))


def test_every_mutant_of_the_module_is_read_and_described():
    text = (MODULE_SOURCE / "mutants.def").read_text()
    mutants = list_kernel_mutants()
    assert len(mutants) == text.count("\nMUTANT(") >= 25
    assert [one.name for one in mutants if not one.description.endswith(".")] == []


def test_every_mutant_of_the_module_has_a_bug_in_its_code():
    planted = set(re.findall(r"has_bug\((\w+)\)", sources_of_the_module()))
    assert planted == {one.name for one in list_kernel_mutants()}


def test_no_two_mutants_have_the_same_name():
    names = [subject.name for subject in (*list_subjects(), *CONTROLS)]
    assert sorted(set(names)) == sorted(names)
    assert len(names) == len(list_mutants()) + len(list_kernel_mutants()) + 2


@pytest.mark.parametrize("mutant", ["", "replacing_oopses"])
def test_the_profile_of_the_module_names_the_bug(tmp_path, mutant):
    write_profile(tmp_path, mutant)
    profile = read_profile(tmp_path / "mutantfs_kernel.toml")
    assert profile.module
    assert profile.module.params == (f"bug={mutant}",)


def test_level_1_is_all_of_level_1():
    text = (data_dir("tests") / "cfg" / "level1.cfg").read_text()
    scenarios = set(re.findall(r"^            type = (\w+)$", text, re.MULTILINE))
    # VexFS has vector ioctls, no mutant does; the comparison is a level of its own.
    assert set(LEVEL1) == scenarios - {"vector", "differential"}


def finding(severity):
    return Finding(title="t", kind="k", frame=None, severity=severity)


def bench_with(*findings):
    """As much of a bench as ``stopping`` needs; its ``fail`` adds the next finding."""
    record, left = SimpleNamespace(findings=[]), list(findings)
    add = lambda: record.findings.append(left.pop(0))  # noqa: E731
    return SimpleNamespace(record=record, fail=add, recover=add)


@pytest.mark.parametrize("how", ["fail", "recover"])
def test_the_first_finding_that_fails_ends_a_scenario(how):
    bench = bench_with(*map(finding, (Severity.WARNING, Severity.ERROR, Severity.ERROR)))
    fail = bench.fail
    with stopping(bench):
        while True:
            getattr(bench, how)()
    assert [one.severity for one in bench.record.findings] == [Severity.WARNING, Severity.ERROR]
    assert bench.fail is bench.recover is fail


def test_the_journal_knows_what_is_done(tmp_path):
    path, result = tmp_path / "new" / "journal.jsonl", Result(ONE.name, "level1", "killed", 1.5)
    task = Task(ONE, "level1")
    Journal(path).add(task, result)
    Journal(path).add(Task(OTHER, "level1"), replace(result, status="error"))
    path.write_text(path.read_text() + '{"key": "killed while it wr')
    again = Journal(path)
    assert again.find(task) == result
    assert again.find(Task(OTHER, "level1")) is None
    assert again.find(Task(ONE, "differential")) is None
    assert again.find(Task(CONTROL, "level1", "metadata")) is None


def test_a_result_is_worth_nothing_once_the_bug_is_another(monkeypatch):
    [fuse] = [one for one in list_subjects() if one.name == "last_byte_dropped"]
    in_module, task = Task(ONE, "level1"), Task(fuse, "level1")
    before = in_module.key, task.key
    monkeypatch.setitem(campaign.MUTANTS, fuse.name, campaign.MUTANTS["names_fold_case"])
    assert (in_module.key == before[0], task.key == before[1]) == (True, False)
    monkeypatch.setattr(campaign, "MODULE_SOURCE", data_dir("deps") / "modules" / "hello")
    assert in_module.key != before[0]


def test_survivors_go_on_to_the_next_level_and_nothing_is_done_twice(tmp_path, monkeypatch):
    levels = {"level1": {"metadata": None, "module_cycle": None}, "next": {"compare": None}}
    asked = []

    def hunted(subject, level):
        asked.append((subject.name, level))
        status = "killed" if (subject, level) != (OTHER, "level1") else "survived"
        return Result(subject.name, level, status, 1.0)

    def checked(subject, level, scenario):
        asked.append((subject.name, level, scenario))
        return Result(subject.name, level, "survived", 1.0, scenario)

    monkeypatch.setattr(campaign, "LEVELS", levels)
    monkeypatch.setattr(campaign, "hunt", hunted)
    monkeypatch.setattr(campaign, "check", checked)
    journal = tmp_path / "journal.jsonl"
    for _ in range(2):
        with ThreadPoolExecutor(1) as workers:
            results = run_all([ONE, OTHER], [CONTROL], workers, Journal(journal), SILENT)
        assert asked == [
            (CONTROL.name, "level1", "metadata"),  # a FUSE filesystem has no module_cycle
            (ONE.name, "level1"),
            (OTHER.name, "level1"),
            (CONTROL.name, "next", "compare"),
            (OTHER.name, "next"),
        ]
        assert len(results) == 5


def test_the_figures_and_the_table():
    subjects = list_subjects()[:4]
    names = [subject.name for subject in subjects]
    results = [
        Result(names[0], "level1", "killed", 10.0, "metadata", "a title"),
        Result(names[1], "level1", "killed", 30.0, "metadata", "a title"),
        Result(names[2], "level1", "survived", 99.0),
        Result(names[3], "level1", "survived", 99.0),
        Result(CONTROL.name, "level1", "killed", 5.0, "space", "a false one"),
        Result(names[2], "differential", "killed", 40.0, "differential", "a title"),
        Result(names[3], "differential", "survived", 40.0),
    ]
    figures = {row.name: row.value for row in rows(subjects, results)}
    assert figures == {
        "mutants_total": 4,
        "mutants_killed_level1_percent": 50,
        "mutants_killed_with_differential_percent": 75,
        "mutants_false_kills": 1,
        "mutants_seconds_to_kill": 20,
    }
    text = report(subjects, results)
    assert "level1: 2 of 4 killed, 20 s in the median, 30 s at most" in text
    assert f"false kill: {CONTROL.name}: space: a false one" in text
    assert f"survives: {names[3]}: " in text
    assert names[2] not in text
