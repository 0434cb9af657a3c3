"""The tables of kinds and workloads: whole, consistent with each other and with our module."""

import random
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from vexfs_provider.corpus.benign import WORKLOADS
from vexfs_provider.corpus.catalogue import KINDS
from vexfs_provider.corpus.kinds import Kind
from vexfs_provider.corpus.level1 import TESTS
from vexfs_provider.corpus.machines import cold_settings, large_setting, warm_setting
from vexfs_provider.corpus.plan import benign_tasks, crash_tasks
from vexfs_provider.corpus.whole import module_source
from vexfs_provider.detection.infrastructure import GENERIC
from vexfs_provider.guest.kernel import Kernel

PROVOKED = re.compile(r"echo (\w+)(?: (\w+))? >/sys/kernel/debug/vexfs_crash/provoke")


def sources():
    return {path.name: path.read_text() for path in module_source().glob("*.c")}


def ways():
    return {name for text in sources().values() for name in re.findall(r"CRASH_WAY\((\w+)\)", text)}


@pytest.fixture
def kernel(tmp_path):
    """A kernel without options, as far as a plan looks at one."""
    return make_kernel(tmp_path, "plain", "CONFIG_KFENCE is not set\n")


def make_kernel(folder: Path, name: str, config: str) -> Kernel:
    (folder / name / "boot").mkdir(parents=True)
    (folder / name / "boot" / "config-1.0").write_text(config)
    return Kernel(name, "1.0", "1.0-1", folder / name, "digest")


def test_there_are_dozens_of_kinds_each_with_a_name_of_its_own():
    names = [kind.name for kind in KINDS]
    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_whole(kind):
    assert kind.says, "nothing would tell whether it fired"
    assert kind.wait_s > 0
    assert kind.crash or kind.note
    re.compile(kind.expected or "")
    if not kind.crash:
        assert kind.expected is None
    assert not kind.disk or "$DISK" in kind.script


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_a_kind_provokes_is_in_the_module(kind):
    contexts = set(re.findall(r'\{ "(\w+)",', sources()["contexts.c"]))
    assert "task" in contexts
    for way, context in PROVOKED.findall(kind.script):
        assert way in ways()
        assert context in contexts | {""}


def test_every_way_of_the_module_is_provoked():
    used = {way for kind in KINDS for way, _ in PROVOKED.findall(kind.script)}
    used |= {name for kind in KINDS for name in re.findall(r"how=(\w+)", kind.script)}
    assert ways() - used == {"oops"}, "which the self-tests provoke"


def test_no_way_has_a_name_that_is_never_to_blame():
    """A title then names the caller, as if the function was of an allocator or a list."""
    assert {way for way in ways() if f"vexfs_crash_{way}" in GENERIC} == {"panic", "panic_short"}


def test_every_way_is_in_the_table_of_its_file():
    for name, text in sources().items():
        defined = re.findall(r"^static noinline void vexfs_crash_(\w+)\(void\)", text, re.MULTILINE)
        assert re.findall(r"CRASH_WAY\((\w+)\)", text) == defined, name


def test_workloads_have_names_of_their_own():
    names = [work.name for work in WORKLOADS]
    assert len(set(names)) == len(names) >= 40


def test_a_kind_fits_only_a_kernel_with_its_option():
    kind = Kind("x", "true", "BUG", None, option="CONFIG_KASAN")
    assert kind.fits("CONFIG_A=y\nCONFIG_KASAN=y\n")
    assert kind.fits("CONFIG_KASAN=m\n")
    assert not kind.fits("# CONFIG_KASAN is not set\nCONFIG_KASAN_STACK=y\n")
    assert Kind("y", "true", "BUG", None).fits("")


def test_each_kind_runs_on_each_kernel_that_can_report_it(tmp_path, kernel):
    other = make_kernel(tmp_path, "fenced", "CONFIG_KFENCE=y\n")
    tasks = list(crash_tasks([kernel, other]))
    plain = {task.kind for task in tasks if task.kernel is kernel}
    fenced = {task.kind for task in tasks if task.kernel is other}
    assert plain == {kind.name for kind in KINDS if not kind.option}
    assert fenced - plain == {kind.name for kind in KINDS if kind.option == "CONFIG_KFENCE"}
    assert {task.group for task in tasks} == fenced, "the same provocation is one group"


def test_of_three_kernels_each_kind_runs_on_two(tmp_path, kernel):
    others = [make_kernel(tmp_path, name, "CONFIG_KFENCE=y\n") for name in ("one", "two")]
    count = Counter(task.kind for task in crash_tasks([kernel, *others]))
    assert {count[kind.name] for kind in KINDS if not kind.option} == {2}
    assert {count[kind.name] for kind in KINDS if kind.option == "CONFIG_KFENCE"} == {2}


def test_a_kernel_with_a_sanitizer_runs_what_asks_for_one(tmp_path):
    kernel = make_kernel(tmp_path, "debug", "CONFIG_KASAN=y\n")
    tasks = list(crash_tasks([kernel]))
    assert {task.kind for task in tasks} == {k.name for k in KINDS if k.option == "CONFIG_KASAN"}
    assert {task.setting.shape.memory_mib for task in tasks} == {1024}


def test_some_provocations_print_no_stamps(kernel):
    tasks = list(crash_tasks([kernel]))
    clockless = [task for task in tasks if "printk/parameters/time" in str(task.script)]
    assert 0.05 < len(clockless) / len(tasks) < 0.2


def test_benign_tasks_are_as_many_as_asked_for_and_no_crashes(kernel):
    tasks = list(benign_tasks([kernel], 200, random.Random(1)))
    assert len(tasks) == 200
    assert not any(task.crash or task.expected or task.says for task in tasks)
    assert sum(task.note == "boot" for task in tasks) == 25
    assert {task.test for task in tasks} >= set(TESTS)
    assert {task.group for task in tasks} >= {f"work: {work.name}" for work in WORKLOADS}


def test_machines_vary_and_say_so():
    settings = list(islice(cold_settings(random.Random(1)), 60))
    assert len({setting.text for setting in settings}) >= 55
    assert {setting.disk.bus for setting in settings} == {
        "virtio_blk",
        "virtio_scsi",
        "nvme",
        "ahci",
    }
    assert len({setting.shape.smp for setting in settings}) == 4
    warm = {warm_setting(number).text for number in range(40)}
    assert len(warm) >= 12
    assert {large_setting(number).shape for number in range(9)} == {large_setting(0).shape}
