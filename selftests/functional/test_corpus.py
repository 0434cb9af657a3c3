"""The instrument that makes our corpus of crash logs: a few kinds and a benign log, in guests."""

import random
import re
from dataclasses import replace

import pytest

from vexfs_provider.corpus import whole
from vexfs_provider.corpus.build import write_corpus
from vexfs_provider.corpus.labels import BENIGN, read_labels
from vexfs_provider.corpus.machines import warm_setting
from vexfs_provider.corpus.plan import benign_tasks, crash_tasks
from vexfs_provider.corpus.recording import Recorder
from vexfs_provider.corpus.whole import build_crash_module
from vexfs_provider.detection import first_crash, normalise_title, reports
from vexfs_provider.guest.accelerator import resolve_accelerator
from vexfs_provider.guest.kernel import get_kernel

KERNEL = "6.1"
KINDS = ("null_read", "warn_on in kthread", "sysrq crash")


@pytest.fixture
def kernel(store, progress):
    return get_kernel(KERNEL, store=store, progress=progress)


@pytest.fixture
def recorder(run, kernel, store, progress):
    module = build_crash_module(kernel, store=store, progress=progress)
    accelerator = resolve_accelerator("auto", store=store, progress=progress)
    return Recorder(run, {KERNEL: module}, accelerator, store)


def on_the_default_machine(task):
    """So that no snapshot needs to be saved for a test."""
    return replace(task, setting=replace(task.setting, shape=warm_setting(0).shape))


def some_tasks(kernel):
    crashes = [task for task in crash_tasks([kernel]) if task.kind in KINDS]
    benign = benign_tasks([kernel], 2, random.Random(1))  # a workload and a test of level 1
    return [on_the_default_machine(task) for task in (*crashes, *benign)]


@pytest.mark.usefixtures("runtime")
def test_a_small_corpus_is_built_as_the_whole_one_is(
    tmp_path, kernel, store, progress, monkeypatch
):
    folder = tmp_path / "corpus"
    *crashes, workload, test = some_tasks(kernel)
    assert test.test is not None
    monkeypatch.setattr(whole, "crash_tasks", lambda kernels: crashes)
    monkeypatch.setattr(whole, "benign_tasks", lambda kernels, count, dice: [workload, test])
    monkeypatch.setattr(whole, "DEBUG_KERNELS", ("no-such-kernel",))
    summary = whole.build_corpus(whole.Plan((KERNEL,), 2), folder, store=store, progress=progress)
    [sentence] = summary.missed
    assert sentence.startswith("the kinds of kernel no-such-kernel are left out")
    assert (summary.crashes, summary.benign, summary.kinds) == (3, 2, set(KINDS))
    labels = read_labels(folder)
    assert {label.kind for label in labels} == {*KINDS, BENIGN}
    for label in labels:
        found = first_crash(reports((folder / label.file).read_bytes()))
        assert (found is not None) == label.crash, label
        if found is not None and label.form != "cut off":
            assert label.expected and re.search(label.expected, normalise_title(found.title))


def test_a_kind_that_does_not_fire_is_told(tmp_path, recorder, kernel, progress):
    null_read, *_ = some_tasks(kernel)
    silent = replace(null_read, kind="silent", script="true", wait_s=1.0)
    summary = write_corpus(
        tmp_path / "corpus", [silent, null_read], recorder.record, random.Random(1), progress
    )
    [sentence] = summary.missed
    assert sentence.startswith(f"did not fire: silent on {KERNEL}")
    assert summary.kinds == {"null_read"}
