"""A corpus is labelled as recorded, and there as a whole or not at all; no guests here."""

import json
import os
import random
from dataclasses import replace

import pytest

from vexfs_provider.corpus.build import BOUNDARY, write_corpus
from vexfs_provider.corpus.labels import BENIGN, LABELS, read_labels
from vexfs_provider.corpus.machines import warm_setting
from vexfs_provider.corpus.plan import Task
from vexfs_provider.corpus.whole import Plan, default_folder, find_debug_kernel
from vexfs_provider.errors import BuildError, GuestError, UsageError
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.progress import SILENT
from vexfs_provider.store import Store

SAYS = "BUG: something"
BOOT = b"[    0.100000] Linux version 6.1.0\n[    9.000000] vexfs: ----" + BOUNDARY + b" ----\n"
REPORT = b"[   10.000000] BUG: something broke\n" + b"[   10.100000]  frame+0x1/0x2\n" * 20


@pytest.fixture
def crash(tmp_path):
    kernel = Kernel("6.1", "6.1.0", "6.1-1", tmp_path, "digest")
    return Task(
        kind="null_read",
        crash=True,
        expected="^BUG: something broke$",
        note="",
        group="null_read",
        kernel=kernel,
        setting=warm_setting(0),
        script="true",
        says=SAYS,
        wait_s=1.0,
    )


@pytest.fixture
def benign(crash):
    return replace(
        crash, kind=BENIGN, crash=False, expected=None, note="boot", group="boot 0", says=""
    )


def record(task):
    return BOOT + (REPORT if task.crash else b"")


def write(folder, tasks, recorder=record, seed=1):
    return write_corpus(folder, tasks, recorder, random.Random(seed), SILENT)


def test_every_log_is_labelled_and_every_label_has_its_log(tmp_path, crash, benign):
    summary = write(tmp_path / "corpus", [crash, benign])
    labels = read_labels(tmp_path / "corpus")
    files = {str(path.relative_to(tmp_path / "corpus")) for path in tmp_path.rglob("*.log")}
    assert {label.file for label in labels} == files
    assert len({label.id for label in labels}) == len(labels) == summary.logs
    assert (summary.crashes, summary.benign, summary.kinds) == (1, 1, {"null_read"})
    assert summary.missed == []


def test_what_a_label_says(tmp_path, crash, benign):
    write(tmp_path / "corpus", [crash, benign])
    first = json.loads((tmp_path / "corpus" / LABELS).read_text().splitlines()[0])
    assert first == {
        "id": "00001-0",
        "file": "logs/00001-0.log",
        "crash": True,
        "kind": "null_read",
        "expected": "^BUG: something broke$",
        "kernel": "6.1",
        "machine": crash.setting.text,
        "form": "as recorded",
        "group": "null_read",
        "note": "",
    }
    by_kind = {kind: [] for kind in ("null_read", BENIGN)}
    for label in read_labels(tmp_path / "corpus"):
        by_kind[label.kind].append(label)
    assert {label.group for label in by_kind[BENIGN]} == {"boot 0"}
    assert not any(label.crash for label in by_kind[BENIGN])
    forms = [label.form for label in by_kind["null_read"]]
    assert len(forms) == len(set(forms)) == 5
    assert "cut off" in forms


def test_the_same_seed_makes_the_same_bytes(tmp_path, crash, benign):
    for name in ("one", "two"):
        write(tmp_path / name, [crash, benign])
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "two")
    )
    assert one == two


def test_a_kind_that_did_not_fire_is_told_and_not_labelled(tmp_path, crash, benign):
    silent = replace(crash, kind="never", group="never", says="BUG: unheard")
    summary = write(tmp_path / "corpus", [silent, crash])
    assert {label.kind for label in read_labels(tmp_path / "corpus")} == {"null_read"}
    [sentence] = summary.missed
    assert sentence.startswith("did not fire: never on 6.1")
    assert "BUG: unheard" in sentence


def test_what_the_boot_said_is_no_sign_of_a_crash(tmp_path, crash):
    early = b"[    0.200000] BUG: something in the boot\n" + BOOT
    with pytest.raises(BuildError, match="no guest crashed"):
        write(tmp_path / "corpus", [crash], lambda task: early)


@pytest.mark.parametrize(
    "line",
    [
        b"[   10.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!",
        b"[   10.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
        b"WARNING: CPU: 0 PID: 1 at fs/x.c:1 f+0x1/0x2",
    ],
)
def test_a_console_that_crashed_unasked_is_not_labelled_benign(tmp_path, crash, benign, line):
    def struck(task):
        return record(task) + (b"" if task.crash else line + b"\n")

    summary = write(tmp_path / "corpus", [crash, benign], struck)
    assert {label.kind for label in read_labels(tmp_path / "corpus")} == {"null_read"}
    [sentence] = summary.missed
    assert sentence.startswith("crashed unasked: benign on 6.1")


def test_quoted_words_are_no_crash(tmp_path, crash, benign):
    def quoting(task):
        return record(task) + b'tester: "BUG: soft lockup" not seen\n[   11.0] a: Oops: none\n'

    assert write(tmp_path / "corpus", [crash, benign], quoting).missed == []


def test_a_guest_that_does_not_start_is_told(tmp_path, crash, benign):
    def broken(task):
        if task.kind == BENIGN:
            raise GuestError("QEMU did not start: no such device\nand more")
        return record(task)

    summary = write(tmp_path / "corpus", [crash, benign], broken)
    [sentence] = summary.missed
    assert "no such device" in sentence and "\n" not in sentence


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_nothing_half_written_is_left(tmp_path, crash, error):
    def interrupted(task):
        raise error

    with pytest.raises(error):
        write(tmp_path / "corpus", [crash], interrupted)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_build_leaves_the_old_corpus(tmp_path, crash):
    write(tmp_path / "corpus", [crash])
    before = (tmp_path / "corpus" / LABELS).read_bytes()
    with pytest.raises(BuildError):
        write(tmp_path / "corpus", [crash], lambda task: b"")
    assert (tmp_path / "corpus" / LABELS).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_what_a_killed_builder_left_is_removed(tmp_path, crash):
    dead, alive = (tmp_path / f".corpus.building.{pid}" for pid in (99999999, os.getppid()))
    dead.mkdir()
    alive.mkdir()
    write(tmp_path / "corpus", [crash])
    assert not dead.exists()
    assert alive.exists(), "somebody is still at it"


def test_a_corpus_is_replaced(tmp_path, crash, benign):
    write(tmp_path / "corpus", [crash, benign])
    write(tmp_path / "corpus", [crash])
    assert BENIGN not in {label.kind for label in read_labels(tmp_path / "corpus")}


def test_a_folder_with_something_else_is_refused(tmp_path, crash):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="holds no corpus"):
        write(tmp_path / "corpus", [crash])
    assert (tmp_path / "corpus" / "letter.txt").read_text() == "dear"


def test_the_default_folder_is_named_after_what_is_asked_for(tmp_path):
    store = Store(tmp_path)
    folders = {
        default_folder(plan, store) for plan in (Plan(), Plan(seed=2), Plan(kernels=("6.1",)))
    }
    assert len(folders) == 3
    assert default_folder(Plan(), store) in folders
    assert {folder.parent for folder in folders} == {tmp_path / "corpus"}


def test_a_debug_kernel_without_a_recipe_is_not_there(tmp_path):
    assert find_debug_kernel("no-such-kernel", Store(tmp_path)) is None
