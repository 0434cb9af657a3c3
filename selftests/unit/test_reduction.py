"""From a list that shows a finding to the folder to mail, with tests that only look like tests."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vexfs_provider.deadline import Deadline
from vexfs_provider.detection import Finding, Severity
from vexfs_provider.errors import InfrastructureError, UsageError
from vexfs_provider.ops.divergence import RESULT, Divergence
from vexfs_provider.ops.operations import Create, MakeFolder, Unlink
from vexfs_provider.ops.text import OpsFile, load
from vexfs_provider.params import read_config
from vexfs_provider.progress import SILENT
from vexfs_provider.record import Record
from vexfs_provider.runner import reduction, replay, reproducers
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.lists import name_of, save_lists
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

TITLE = "differential: unlink: EIO instead of success"
CULPRIT = (Create("f", 0o644), Unlink("f"))
NOISE = tuple(MakeFolder(f"d{number}", 0o755) for number in range(30))
LIST = (*NOISE[:10], CULPRIT[0], *NOISE[10:20], CULPRIT[1], *NOISE[20:])


def finding(title=TITLE) -> Finding:
    return Finding(title, "differential", None, Severity.ERROR)


class Filesystem:
    """Stands in for ``execute``: unlink fails if the file was made in the same list."""

    def __init__(self, shows_each=1, status="FAIL"):
        self.runs = 0
        self._shows_each = shows_each
        self._status = status

    def __call__(self, job, **_):
        self.runs += 1
        operations = job.scenario.operations
        record = Record(1, "differential", "ext4", status="PASS")
        record.configuration = {"kernel_release": "6.1.0", "qemu": "7.2", "accelerator": "tcg"}
        (job.folder / "console.log").write_text("vexfs: the console\n")
        if self._status != "FAIL":
            record.status, record.reason = self._status, "no such machine"
        elif set(CULPRIT) <= set(operations) and self.runs % self._shows_each == 0:
            record.status, record.findings = "FAIL", [finding()]
            index = operations.index(CULPRIT[1])
            words = ("success", "EIO", TITLE)
            job.scenario.divergences = [Divergence(RESULT, index, "f", "error", *words, index)]
        return record


@pytest.fixture
def host(tmp_path) -> Host:
    return Host(Settings(), Store(tmp_path / "store"), SILENT)


@pytest.fixture
def job(tmp_path) -> Job:
    values = {"type": "differential", "filesystem": "ext4", "reduce_minutes": "5"}
    values |= {"test_images": "test reference"}
    folder = tmp_path / "job"
    folder.mkdir()
    return Job(lambda bench: None, {}, read_config(values), folder)


def suspect(operations=LIST) -> reduction.Suspect:
    return reduction.Suspect(TITLE, tuple(operations), ("xfs",))


def long_enough() -> Deadline:
    return Deadline(600, "the reduction")


def test_a_list_is_reduced_to_what_was_planted(monkeypatch, job, host):
    monkeypatch.setattr(reduction, "execute", Filesystem())
    found = reduction.reduce_list(job, suspect(), host, long_enough())
    assert found.operations == CULPRIT
    assert (found.shown, found.length_before, found.complete) == (3, len(LIST), True)
    assert found.last is not None
    assert found.last.divergences[0].index == 1
    assert f"reduced from {len(LIST)} to 2 operations" in found.summary


def test_a_list_that_shows_it_now_and_then_is_tried_more_often(monkeypatch, job, host):
    monkeypatch.setattr(reduction, "execute", Filesystem(shows_each=2))
    monkeypatch.setattr(reduction, "WORKERS", 1)
    found = reduction.reduce_list(job, suspect(), host, long_enough())
    assert found.shown == 1
    assert found.operations == CULPRIT


def test_a_list_that_does_not_show_it_again_stays_as_it_is(monkeypatch, job, host):
    monkeypatch.setattr(reduction, "execute", Filesystem())
    found = reduction.reduce_list(job, suspect(NOISE), host, long_enough())
    assert (found.shown, found.last, found.operations) == (0, None, NOISE)
    assert "alone does not show it" in found.summary


def test_a_try_that_is_an_error_says_nothing_about_the_filesystem(monkeypatch, job, host):
    monkeypatch.setattr(reduction, "execute", Filesystem(status="ERROR"))
    with pytest.raises(InfrastructureError, match="ERROR: no such machine"):
        reduction.reduce_list(job, suspect(), host, long_enough())


@pytest.fixture
def failed(job) -> Record:
    """The record of a test that has shown the finding, whose list lies in the job's folder."""
    record = Record(1, "differential", "ext4", status="FAIL", findings=[finding()])
    save_lists(job.folder, {TITLE: LIST}, job.config, ("xfs",))
    return record


@pytest.fixture
def kernel(monkeypatch):
    """Stands in for the guest's kernel and image, which nobody has built here."""
    digest = type("Kernel", (), {"digest": "abc"})()
    monkeypatch.setattr(reproducers, "get_kernel", lambda *_, **__: digest)
    monkeypatch.setattr(reproducers, "find_image", lambda *_, **__: None)


@pytest.mark.usefixtures("kernel")
def test_a_folder_to_mail_takes_the_place_of_the_list(monkeypatch, job, host, failed):
    monkeypatch.setattr(reduction, "execute", Filesystem())
    reproducers.reduce_all(job, failed, host)
    folder = job.folder / "repro" / name_of(TITLE)
    assert load(folder / "list.ops").operations == CULPRIT
    assert load(folder / "list.ops").facts["title"] == TITLE
    assert json.loads((folder / "environment.json").read_text())["kernel release"] == "6.1.0"
    assert not list(job.folder.glob("repro/*.ops"))
    said = failed.findings[0].evidence[-1].text
    assert "seen again in 3 of 3 tries" in said
    assert f"avocado vexfs replay repro/{name_of(TITLE)}/list.ops" in said
    assert f"repro/{name_of(TITLE)}/reproduce.c" in failed.artefacts


def test_a_reduction_that_fails_leaves_the_list_and_says_why(monkeypatch, job, host, failed):
    monkeypatch.setattr(reduction, "execute", Filesystem(status="CANCEL"))
    reproducers.reduce_all(job, failed, host)
    assert load(job.folder / "repro" / f"{name_of(TITLE)}.ops").operations == LIST
    assert "could not be reduced: a try of a list: CANCEL" in failed.findings[0].evidence[-1].text


def test_without_time_for_it_nothing_is_reduced(monkeypatch, job, host, failed):
    monkeypatch.setattr(reduction, "execute", runs := Filesystem())
    reproducers.reduce_all(replace(job, config=replace(job.config, reduce_minutes=0)), failed, host)
    assert (runs.runs, failed.findings[0].evidence) == (0, ())


def test_long_titles_have_different_names():
    long = "differential: " + "a very long title " * 10
    assert name_of(long + "one") != name_of(long + "two")
    assert len(name_of(long)) < 80
    assert name_of("rename: EIO!") == "rename-eio"


NOTHING = {"filesystem": None, "reference": None, "kernel": None}


@pytest.mark.parametrize(
    ("facts", "given", "expected"),
    [
        ({}, {}, ("ext4", ("xfs",), "6.1")),
        ({"filesystem": "xfs", "reference": "ext4,btrfs"}, {}, ("xfs", ("ext4", "btrfs"), "6.1")),
        ({"kernel": "6.12"}, {"kernel": "6.1"}, ("ext4", ("xfs",), "6.1")),
        ({"reference": "ext4"}, {"filesystem": "ext4"}, ("ext4", ("xfs",), "6.1")),
        ({"filesystem": "ext4"}, {"reference": "ext4"}, ("ext4", ("ext4",), "6.1")),
    ],
)
def test_the_command_line_wins_over_the_file(facts, given, expected):
    choice = replay.choose(OpsFile((), facts), {**NOTHING, **given})
    assert (choice.filesystem, choice.references, choice.kernel) == expected
    config = replay.config_for(choice)
    assert len(config.guest.disks) == 1 + len(expected[1])
    assert config.guest.kernel == expected[2]


def replayed(path: Path, *, tries=1, as_json=False) -> int:
    return replay.replay(
        path, filesystem=None, reference=None, kernel=None, tries=tries, as_json=as_json
    )


@pytest.mark.parametrize(("operations", "code"), [(LIST, 1), (NOISE, 0)])
def test_replay_says_whether_it_shows(monkeypatch, capsys, job, operations, code):
    monkeypatch.setattr(reduction, "execute", Filesystem())
    save_lists(job.folder, {TITLE: operations}, job.config, ("xfs",))
    path = job.folder / "repro" / f"{name_of(TITLE)}.ops"
    assert replayed(path, tries=2) == code
    said = capsys.readouterr().out
    assert ("reproduced in 2 of 2 tries" in said) is bool(code)
    assert ("not reproduced in 2 tries" in said) is not bool(code)
    assert replayed(path, as_json=True) == code
    document = json.loads(capsys.readouterr().out)
    assert (document["shown"], document["operations"]) == (code, len(operations))


def test_another_finding_is_not_the_one_of_the_list(monkeypatch, capsys, job):
    monkeypatch.setattr(reduction, "execute", Filesystem())
    save_lists(job.folder, {"differential: another": LIST}, job.config, ("xfs",))
    assert replayed(job.folder / "repro" / "differential-another.ops") == 0
    assert f"finding: {TITLE}" in capsys.readouterr().out


def test_bad_words_are_refused(tmp_path):
    with pytest.raises(UsageError, match="--tries 0; allowed: 1 to 1000"):
        replayed(tmp_path / "absent.ops", tries=0)
    with pytest.raises(UsageError, match=r"absent\.ops"):
        replayed(tmp_path / "absent.ops")
