"""The debug kernels: their detectors work, are named rightly, and say nothing of what is sound.

Skipped where they are not in the cache: ``make test-debug`` compiles them.
"""

from functools import partial
from pathlib import Path

import pytest

from vexfs_provider.detection import scan
from vexfs_provider.guest.kernel import find_kernel, get_kernel
from vexfs_provider.guest.kernel_config import asked_for
from vexfs_provider.guest.module import build_module
from vexfs_provider.guest.shape import Shape
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.scenarios import mount
from vexfs_provider.store import Store

MISTAKES = Path(__file__).parent / "modules" / "sanitised"
IN_GUEST = "/run/vexfs/modules/vexfs_sanitised.ko"
TIMEOUT_S = 120.0
START_TIMEOUT_S = 1.5  # a fork alone takes 0.5 s; the host may be loaded
LEAK_AGE_S = 6  # kmemleak reports what is older than five seconds


def debug_kernel(name):
    """Skips the test where the kernel is not built; nobody waits half an hour by accident."""
    if find_kernel(name, Store()) is None:
        pytest.skip(
            f"kernel {name!r} is not in the cache; make test-debug compiles it and runs this"
        )
    return name


@pytest.fixture(scope="module")
def debug():
    return debug_kernel("debug")


@pytest.fixture(scope="module")
def kcsan():
    return debug_kernel("debug-kcsan")


def make_mistake(kernel, how, bench):
    """Insert the module that makes it."""
    store, progress = Store(), Progress(quiet=True)
    kernel = get_kernel(kernel, store=store, progress=progress)
    module = build_module(
        "vexfs_sanitised", MISTAKES, kernel=kernel, store=store, progress=progress
    )
    bench.guest.put(IN_GUEST, module.objects[0].read_bytes())
    result = bench.guest.run(["insmod", IN_GUEST, f"how={how}"], timeout_s=TIMEOUT_S)
    assert result.ok, result.text


def named(scenario, *arguments):
    """A scenario with its first arguments fixed, under its own name."""
    fixed = partial(scenario, *arguments)
    fixed.__name__ = scenario.__name__
    return fixed


@pytest.mark.parametrize(
    ("how", "kind", "title"),
    [
        ("read_freed", "kasan", "KASAN: use-after-free Read in vexfs_read_freed"),
        ("write_behind", "kasan", "KASAN: slab-out-of-bounds Write in vexfs_write_behind"),
        ("free_twice", "kasan", "KASAN: invalid-free in vexfs_free_twice"),
        ("lock_order", "lockdep-deadlock", "possible deadlock in vexfs_lock_backwards"),
        ("lock_twins", "lockdep-deadlock", "possible deadlock in vexfs_lock_twins"),
        (
            "sleep_atomic",
            "atomic-sleep",
            "BUG: sleeping function called from invalid context in vexfs_sleep_atomic",
        ),
        (
            "unprotected",
            "suspicious-rcu",
            "WARNING: suspicious RCU usage in vexfs_unprotected",
        ),
        ("index", "ubsan", "UBSAN: array-index-out-of-bounds in vexfs_index"),
        ("shift", "ubsan", "UBSAN: shift-out-of-bounds in vexfs_shift"),
        ("remove_twice", "list-corruption", "WARNING in vexfs_remove_twice"),
    ],
)
def test_a_mistake_is_reported_and_named(perform, debug, how, kind, title):
    outcome = perform(named(make_mistake, debug, how), "tmpfs", guest_kernel=debug)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding(kind)
    assert (finding.title, finding.frame) == (title, title.split()[-1])


def leak(kernel, bench):
    make_mistake(kernel, "leak", bench)
    script = f"sleep {LEAK_AGE_S}; echo scan >/sys/kernel/debug/kmemleak"
    for command in (script, "cat /sys/kernel/debug/kmemleak"):
        result = bench.guest.run(["sh", "-c", command], timeout_s=TIMEOUT_S)
        assert result.ok, result.text
    assert b"vexfs_leak" in result.stdout


def test_a_leak_is_found_by_a_scan(perform, debug):
    outcome = perform(named(leak, debug), "tmpfs", guest_kernel=debug)
    finding = outcome.only_finding("memory-leak")
    assert finding.title == "kmemleak: suspected memory leaks"


def provoke(bench):
    """Linux's own test of its detectors, which Debian's kernels lack."""
    script = "modprobe lkdtm && echo WARNING >/sys/kernel/debug/provoke-crash/DIRECT"
    result = bench.guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)
    assert result.ok, result.text


def test_lkdtm_is_there(perform, debug):
    outcome = perform(provoke, "tmpfs", guest_kernel=debug)
    assert outcome.only_finding("warning").title == "WARNING in lkdtm_WARNING"


def test_faults_can_be_injected(start, debug):
    guest = start(kernel=debug)
    members = "failslab fail_page_alloc fail_make_request fail_io_timeout fail_function fail_futex"
    for member in members.split():
        assert guest.sh(f"cat /sys/kernel/debug/{member}/probability") == "0"
    guest.sh("cat /sys/kernel/debug/failslab/require-start")  # limited to one module's callers
    guest.sh("test -w /sys/block/vda/make-it-fail && test -w /sys/kernel/debug/kcov")
    guest.sh("test -r /proc/lock_stat")


@pytest.mark.parametrize("name", ["debug", "debug-kcsan"])
def test_the_boot_is_clean_and_a_fork_is_quick(start, name):
    kernel = get_kernel(debug_kernel(name), store=Store(), progress=Progress(quiet=True))
    start(kernel=name)  # the first may have to boot and save
    fork = start(kernel=name, start="warm")
    assert fork.start.seconds < START_TIMEOUT_S
    assert scan(fork.guest.console_log.read_bytes()) == []
    memory_kib = int(fork.sh("awk '/MemTotal/ { print $2 }' /proc/meminfo"))
    assert memory_kib > Shape().memory_mib << 10, "the kernel's recipe asks for more"
    fragments = (data_dir("deps") / "kernels" / part for part in ("guest.config", "debug.config"))
    config = kernel.config.read_text()
    wanted = [option for option, value in asked_for(fragments).items() if value == "y"]
    assert [option for option in wanted if f"{option}=y" not in config] == []


@pytest.mark.parametrize("name", ["debug", "debug-kcsan"])
def test_a_sound_filesystem_passes(perform, name):
    record = perform(mount.cycle, "ext4", guest_kernel=debug_kernel(name), mount_cycles="2").record
    assert (record.status, record.reason, record.findings) == ("PASS", "", [])
    assert record.configuration["memory_mib"] >= 1024


def race(kernel, bench):
    """KCSAN is off until somebody asks: the kernel's own races would be in every test."""
    bench.guest.run(["sh", "-c", "echo on >/sys/kernel/debug/kcsan"], timeout_s=TIMEOUT_S)
    make_mistake(kernel, "race", bench)
    bench.guest.run(["sh", "-c", "echo off >/sys/kernel/debug/kcsan"], timeout_s=TIMEOUT_S)


def test_a_data_race_is_reported_and_named(perform, kcsan):
    outcome = perform(named(race, kcsan), "tmpfs", guest_kernel=kcsan)
    assert outcome.record.status == "FAIL"
    races = {one.title: one for one in outcome.record.findings if one.kind == "kcsan"}
    ours = "KCSAN: data-race in vexfs_racer / vexfs_racer"
    assert ours in races  # beside it there may be some of the kernel's own
    assert races[ours].frame == "vexfs_racer"
