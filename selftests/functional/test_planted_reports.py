"""What the kernel reports on its console while a test runs: found, named, and judged."""

from functools import partial

import pytest

from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import build_module
from vexfs_provider.paths import data_dir

CRASH = data_dir("deps") / "modules" / "crash"
IN_GUEST = "/run/vexfs/modules/vexfs_crash.ko"
TIMEOUT_S = 30.0
SYSRQ_CRASH = "kernel panic: sysrq triggered crash"


@pytest.fixture
def crash_object(store, progress):
    """The module that crashes, built for the default kernel."""
    kernel = get_kernel("6.1", store=store, progress=progress)
    module = build_module("vexfs_crash", CRASH, kernel=kernel, store=store, progress=progress)
    return module.objects[0].read_bytes()


def insert(bench, crash_object, how):
    bench.guest.put(IN_GUEST, crash_object)
    return bench.guest.run(["insmod", IN_GUEST, f"how={how}"], timeout_s=TIMEOUT_S)


def named(scenario, *arguments):
    """A scenario with its first arguments fixed, under its own name."""
    fixed = partial(scenario, *arguments)
    fixed.__name__ = scenario.__name__
    return fixed


def crash(crash_object, how, bench):
    insert(bench, crash_object, how)


@pytest.mark.parametrize(
    ("how", "kind", "title"),
    [
        ("warning", "warning", "WARNING in vexfs_crash_warning"),
        (
            "oops",
            "null-deref",
            "BUG: unable to handle kernel NULL pointer dereference in vexfs_crash_oops",
        ),
        ("bug", "kernel-bug", "kernel BUG in vexfs_crash_bug"),
    ],
)
def test_a_report_fails_the_test_under_its_name(perform, crash_object, how, kind, title):
    outcome = perform(named(crash, crash_object, how), "tmpfs")
    assert outcome.record.status == "FAIL"
    assert outcome.record.reason == title
    finding = outcome.only_finding(kind)
    assert (finding.title, finding.frame) == (title, f"vexfs_crash_{how}")
    report = finding.evidence[0]
    assert report.source == "console.log"
    assert "vexfs_crash_init+0x" in report.text
    assert outcome.record.guests[0]["end"] == "running"


def panic(bench):
    bench.guest.run(["sh", "-c", "echo c >/proc/sysrq-trigger"], timeout_s=TIMEOUT_S)


def test_a_panic_is_named_with_its_stack(perform):
    outcome = perform(panic)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding("panic")
    assert finding.title == SYSRQ_CRASH
    assert "sysrq_handle_crash" in finding.evidence[0].text
    assert outcome.record.guests[0]["end"] == "panicked"
    assert outcome.record.duration_s < TIMEOUT_S


def test_the_memory_of_a_panicked_guest_is_kept_if_asked_for(perform, tmp_path):
    outcome = perform(panic, dump_on_panic="yes")
    dump = outcome.only_finding("panic").evidence[-1]
    [path] = tmp_path.rglob(dump.source)
    assert path.read_bytes()[:8] in (b"KDUMP   ", b"makedump")  # compressed kdump, or flattened
    assert path.stat().st_size > 1 << 20
    assert "crash /usr/lib/debug/boot/vmlinux-6.1" in dump.text
    assert dump.source in outcome.record.artefacts
    assert list(tmp_path.rglob("*.part")) == []


def test_no_memory_is_kept_unless_asked_for(perform, tmp_path):
    outcome = perform(panic)
    assert outcome.only_finding("panic")
    assert list(tmp_path.rglob("*.vmcore*")) == []


def hung_task(bench):
    """Have a mount wait for a suspended device longer than the kernel's patience, made short."""
    bench.make()
    script = f"""
        echo 1 >/proc/sys/kernel/hung_task_timeout_secs
        dmsetup create frozen --table "0 $(blockdev --getsz {bench.device}) linear {bench.device} 0"
        dmsetup suspend --nolockfs frozen
        mkdir -p {bench.mountpoint}
        mount -t ext4 /dev/mapper/frozen {bench.mountpoint} &
        while ! dmesg | grep -q 'blocked for more than'; do sleep 0.1; done
        dmsetup resume frozen
        wait
        umount {bench.mountpoint} && dmsetup remove frozen
    """
    result = bench.guest.run(["sh", "-c", script], timeout_s=TIMEOUT_S)
    assert result.ok, result.text


def test_the_kernels_own_hung_task_detector_is_heard(perform):
    outcome = perform(hung_task)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding("hung-task")
    assert finding.title.startswith("INFO: task hung in ")
    assert "task:mount" in finding.evidence[0].text


def expected_warning(crash_object, bench):
    bench.expect(r"^WARNING in vexfs_crash_\w+$", required=True)
    insert(bench, crash_object, "warning")


def test_a_provoked_report_that_was_declared_does_not_fail(perform, crash_object):
    outcome = perform(named(expected_warning, crash_object), "tmpfs")
    assert outcome.record.status == "PASS"
    [finding] = outcome.record.findings
    assert finding.expected and finding.title == "WARNING in vexfs_crash_warning"


def expected_too_late(crash_object, bench):
    """Declared behind the report, so it is not the provoked one."""
    insert(bench, crash_object, "warning")
    bench.expect("^WARNING in vexfs_crash_warning$")


def test_an_expectation_covers_only_what_comes_after_it(perform, crash_object):
    outcome = perform(named(expected_too_late, crash_object), "tmpfs")
    assert outcome.record.status == "FAIL"
    assert outcome.only_finding("warning").title == "WARNING in vexfs_crash_warning"


def expected_in_vain(bench):
    bench.expect("^WARNING in nothing$", required=True)


def test_a_required_report_that_does_not_come_fails(perform):
    outcome = perform(expected_in_vain, "tmpfs")
    assert outcome.record.status == "FAIL"
    [finding] = outcome.record.findings
    assert finding.kind == "expected-missing"
    assert "WARNING in nothing" in finding.title
