"""Planted bugs of the kernel module: found by a list, reduced to what was planted, replayed."""

import json
from pathlib import Path

import pytest
from mutants import kernel

from vexfs_provider.deadline import Deadline
from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.text import OpsFile, load, read_text, write_text
from vexfs_provider.progress import Progress
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.reduction import Reproducer, Suspect, reduce_list, try_list
from vexfs_provider.runner.replay import choose, config_for, replay
from vexfs_provider.settings import VARIABLE, load_settings
from vexfs_provider.store import Store

NOISE = """\
vexfs-ops 1
mkdir noise 0755
create noise/a 0600
write noise/a 0 5000 3
chmod noise/a 0640
append noise/a 100 4
readdir noise
"""


@pytest.fixture(scope="module", autouse=True)
def module():
    kernel.build("6.1", store=Store(), progress=Progress())


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Make the filesystem of the module have a bug, for everything that reads the settings."""

    def planted(mutant: str) -> Host:
        folder = tmp_path / "profiles"
        folder.mkdir(exist_ok=True)
        kernel.write_profile(folder, mutant)
        settings = tmp_path / "settings.toml"
        settings.write_text(f"profile_folders = [{json.dumps(str(folder))}]\n")
        monkeypatch.setenv(VARIABLE, str(settings))
        return Host(load_settings(), Store(), Progress())

    return planted


def operations_of(text: str) -> tuple[Operation, ...]:
    return read_text(f"{NOISE}{text}", "a test").operations


def job_for(folder: Path) -> Job:
    facts = {"filesystem": kernel.FILESYSTEM, "reference": "ext4"}
    config = config_for(
        choose(OpsFile((), facts), dict.fromkeys(("filesystem", "reference", "kernel")))
    )
    return Job(lambda bench: None, {}, config, folder)


def reduced(folder: Path, host: Host, text: str, title: str) -> tuple[str, Reproducer]:
    """The lines of the list that is left, and all about it."""
    suspect = Suspect(title, operations_of(text), ("ext4",))
    found = reduce_list(job_for(folder), suspect, host, Deadline(1200, "the reduction"))
    assert (found.shown, found.complete) == (3, True)
    return write_text(found.operations).partition("\n")[2], found


def test_a_wrong_error_is_reduced_to_three_operations(tmp_path, plant):
    host = plant("full_folders_are_busy")
    text = "mkdir d 0755\ncreate d/f 0644\nunlink noise/a\nrmdir d\nrmdir noise\n"
    title = "differential: rmdir: EBUSY instead of ENOTEMPTY"
    lines, found = reduced(tmp_path, host, text, title)
    assert lines == "mkdir d 0755\ncreate d/f 0644\nrmdir d\n"
    assert found.last is not None
    [divergence] = found.last.divergences
    assert (divergence.index, divergence.expected, divergence.actual) == (2, "ENOTEMPTY", "EBUSY")


def test_an_oops_is_reduced_to_the_operation_that_dies(tmp_path, plant, capsys):
    host = plant("replacing_oopses")
    text = "create a 0644\ncreate b 0644\nrename a b PLAIN\nstat b FOLLOW\n"
    tried = try_list(job_for(tmp_path), operations_of(text), ("ext4",), host)
    [title] = [one.title for one in tried.record.findings if one.title.startswith("BUG:")]
    assert "in rename_name" in title  # of the module
    in_flight = [piece.text for one in tried.record.findings for piece in one.evidence]
    assert any("operation in flight: rename a b PLAIN (operation 8" in text for text in in_flight)

    lines, _ = reduced(tmp_path, host, text, title)
    assert lines == "create a 0644\ncreate b 0644\nrename a b PLAIN\n"

    path = tmp_path / "list.ops"
    facts = {"title": title, "filesystem": kernel.FILESYSTEM, "reference": "ext4"}
    path.write_text(write_text(load_lines(lines), facts))
    assert load(path).facts["title"] == title
    words = {"filesystem": None, "reference": None, "kernel": None, "tries": 1, "as_json": True}
    capsys.readouterr()
    assert replay(path, **words) == 1
    assert title in json.loads(capsys.readouterr().out)["findings"]
    plant("full_folders_are_busy")
    assert replay(path, **words) == 0


def load_lines(lines: str) -> tuple[Operation, ...]:
    return read_text(f"vexfs-ops 1\n{lines}", "a list").operations


def test_a_call_that_never_returns_is_named(tmp_path, plant):
    host = plant("truncate_waits_for_itself")
    text = "create f 0644\nwrite f 0 10000 1\ntruncate f 100\nstat f FOLLOW\n"
    tried = try_list(job_for(tmp_path), operations_of(text), ("ext4",), host)
    [finding] = [one for one in tried.record.findings if one.kind == "hang"]
    said = "\n".join(piece.text for piece in finding.evidence)
    assert "truncate f 100" in said
    assert "mutantfs" in said  # the stack of the task
