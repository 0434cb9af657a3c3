"""From a whole console to findings: extents, offsets, several reports, speed."""

import cProfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vexfs_provider.detection import Severity, begins, first_crash, merge, reports, scan
from vexfs_provider.detection.rule import SEARCHED_LINES
from vexfs_provider.detection.verdict import SURE

NULL_DEREF = b"""[   10.000000] demo: write
[   10.100000] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   10.100001] #PF: supervisor read access in kernel mode
[   10.100002] Oops: 0000 [#1] PREEMPT SMP PTI
[   10.100003] CPU: 0 PID: 77 Comm: test Tainted: G           O       6.1.0 #1
[   10.100004] RIP: 0010:memcpy+0x12/0x20
[   10.100005] RSP: 0018:ffffc90000123e00 EFLAGS: 00010246
[   10.100006] Call Trace:
[   10.100007]  <TASK>
[   10.100008]  demo_copy.isra.0+0x1b/0x30 [demo]
[   10.100009]  vfs_write+0xcd/0x410
[   10.100010]  </TASK>
[   10.100011] ---[ end trace 0000000000000000 ]---
[   10.200000] Kernel panic - not syncing: Fatal exception
[   10.200001] Kernel Offset: disabled
[   10.200002] ---[ end Kernel panic - not syncing: Fatal exception ]---
"""

SYSRQ = b"""[    5.000000] sysrq: Trigger a crash
[    5.000001] Kernel panic - not syncing: sysrq triggered crash
[    5.000002] CPU: 0 PID: 77 Comm: sh Not tainted 6.1.0 #1
[    5.000003] Call Trace:
[    5.000004]  dump_stack_lvl+0x38/0x4d
[    5.000005]  panic+0x107/0x2a1
[    5.000006]  sysrq_handle_crash+0x11/0x20
[    5.000007] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---
"""


def test_oops_is_one_finding_and_its_panic_another() -> None:
    oops, panic = scan(NULL_DEREF)
    assert oops.title == "BUG: unable to handle kernel NULL pointer dereference in demo_copy"
    assert (oops.kind, oops.frame) == ("null-deref", "demo_copy")
    assert SURE < oops.confidence <= 1
    assert oops.severity is Severity.ERROR
    assert panic.title == "kernel panic: Fatal exception"
    assert panic.severity is Severity.CRITICAL


def test_evidence_is_the_report_and_nothing_before_or_after() -> None:
    evidence = scan(NULL_DEREF)[0].evidence[0]
    assert evidence.source == "console.log"
    assert NULL_DEREF[evidence.offset :].startswith(b"[   10.100000] BUG: kernel NULL")
    assert evidence.text.endswith("---[ end trace 0000000000000000 ]---\n")


def test_sysrq_crash() -> None:
    (panic,) = scan(SYSRQ)
    assert panic.title == "kernel panic: sysrq triggered crash"
    assert panic.severity is Severity.CRITICAL


def test_start_leaves_out_what_was_before_and_keeps_offsets() -> None:
    both = NULL_DEREF + SYSRQ
    (panic,) = scan(both, start=len(NULL_DEREF), source="serial.log")
    assert panic.evidence[0].offset == both.index(b"[    5.000001]")
    assert panic.evidence[0].source == "serial.log"


def test_warning_takes_its_stack_from_the_panic_that_follows() -> None:
    text = b"""[   10.1] WARNING: CPU: 0 PID: 7 at lib/refcount.c:28 refcount_warn_saturate+0x1/0x2
[   10.2] Kernel panic - not syncing: panic_on_warn set ...
[   10.3] Call Trace:
[   10.4]  panic+0x107/0x2a1
[   10.5]  refcount_warn_saturate+0x1/0x2
[   10.6]  demo_put+0x1/0x2
"""
    assert [found.title for found in scan(text)] == [
        "WARNING: refcount bug in demo_put",
        "kernel panic: panic_on_warn set",
    ]


def test_reports_of_two_cpus_interleave() -> None:
    text = b"""[   10.1][   T1] BUG: KASAN: use-after-free in memcpy+0x1/0x2
[   10.1][   T2] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   10.2][   T2] RIP: 0010:demo_two+0x1/0x2
[   10.2][   T1] Write of size 8 at addr ffff888012345678 by task test/1
[   10.3][   T2]  demo_two+0x1/0x2
[   10.3][   T1] Call Trace:
[   10.3][   T1]  demo_one+0x1/0x2
"""
    assert [found.title for found in scan(text)] == [
        "KASAN: use-after-free Write in demo_one",
        "BUG: unable to handle kernel NULL pointer dereference in demo_two",
    ]


def test_filesystem_error_inside_a_report_does_not_cut_it() -> None:
    text = b"""[   10.1] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   10.2] EXT4-fs error (device vdb): ext4_lookup:1: inode #2: bad
[   10.3] RIP: 0010:demo_copy+0x1/0x2
"""
    assert [found.frame for found in scan(text)] == ["demo_copy", "ext4_lookup"]


def test_second_oops_of_its_own_is_not_lost() -> None:
    titles = [found.title for found in scan(NULL_DEREF + NULL_DEREF)]
    assert len(titles) == 4
    assert [(found.title, found.count) for found in merge(scan(NULL_DEREF * 2))] == [
        ("BUG: unable to handle kernel NULL pointer dereference in demo_copy", 2),
        ("kernel panic: Fatal exception", 2),
    ]


def test_report_without_a_stack_names_nobody() -> None:
    (found,) = scan(b"[   10.1] BUG: kernel NULL pointer dereference, address: 00000008\n")
    assert found.frame is None
    assert found.title.endswith(" in corrupted")


def test_blocked_task_is_named_behind_the_scheduler() -> None:
    text = b"""[  123.1] INFO: task mount:77 blocked for more than 120 seconds.
[  123.2] task:mount           state:D stack:    0 pid:   77
[  123.3] Call Trace:
[  123.4]  __schedule+0x2cb/0x880
[  123.5]  schedule+0x5d/0xe0
[  123.6]  io_schedule+0x42/0x70
[  123.7]  folio_wait_bit_common+0x13d/0x350
[  123.8]  demo_fill_super+0x10/0x20 [demo]
[  123.9]  mount_bdev+0x16d/0x1a0
"""
    assert scan(text)[0].title == "INFO: task hung in demo_fill_super"


def test_waiting_for_a_grace_period_has_one_name() -> None:
    text = b"""[  123.1] INFO: task rm:77 blocked for more than 120 seconds.
[  123.2] Call Trace:
[  123.4]  __schedule+0x2cb/0x880
[  123.7]  wait_for_completion+0x13d/0x350
[  123.8]  __synchronize_srcu+0x10/0x20
[  123.9]  demo_exit+0x16d/0x1a0
"""
    assert scan(text)[0].frame == "synchronize_rcu"


def test_stall_is_named_after_what_was_dispatched() -> None:
    text = b"""[   60.1] rcu: INFO: rcu_preempt self-detected stall on CPU
[   60.2] Call Trace:
[   60.3]  <IRQ>
[   60.4]  rcu_sched_clock_irq+0x1/0x2
[   60.5]  asm_sysvec_apic_timer_interrupt+0x16/0x20
[   60.6]  </IRQ>
[   60.7] RIP: 0010:demo_spin+0x1/0x2
[   60.8]  demo_scan+0x1/0x2
[   60.9]  demo_ioctl+0x1/0x2
[   61.0]  vfs_ioctl+0x1/0x2
[   61.1]  __x64_sys_ioctl+0x1/0x2
[   61.2]  do_syscall_64+0x1/0x2
"""
    assert scan(text)[0].title == "INFO: rcu detected stall in demo_ioctl"


@pytest.mark.parametrize(
    "line",
    [
        "RIP: 0010:[<ffffffff81234567>]  [<ffffffff81234567>] demo_x+0x1/0x2",
        "RIP: 0010:demo_x.isra.0+0x1/0x2",
        "IP: demo_x+0x1/0x2",
        "EIP: [<c0123456>] demo_x+0x1/0x2 SS:ESP 0068:c0123456",
        "EIP is at demo_x+0x1/0x2",
        "pc : demo_x+0x1/0x2",
        "PC is at demo_x+0x1/0x2",
        "NIP [c000000000123456] demo_x+0x1/0x2",
        "epc : demo_x+0x1/0x2",
    ],
)
def test_instruction_pointers_of_all_machines(line: str) -> None:
    text = f"[   10.1] BUG: kernel NULL pointer dereference, address: 8\n[   10.2] {line}\n"
    assert scan(text.encode())[0].frame == "demo_x"


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("  demo_x+0x1/0x2", "demo_x"),
        ("  demo_x.part.0+0x1/0x2 [demo]", "demo_x"),
        ("  [<ffffffff81234567>] demo_x+0x1/0x2", "demo_x"),
        ("[c0000000012345678] [c000000000123456] demo_x+0x1/0x2", "demo_x"),
        ("  demo_x+0x1/0x2 fs/demo/x.c:12", "demo_x"),
        ("  demo_x (fs/demo/x.c:12 (discriminator 3)) demo", "demo_x"),
        ("  __x64_sys_write+0x1/0x2", "sys_write"),
        # arm prints the function that is left, then where it was called
        ("[<c0123456>] (show_stack) from [<c0123456>] (demo_x+0x1/0x2)", "demo_x"),
        (" show_stack from demo_x+0x1/0x2", "demo_x"),
        # what is inlined has no address of its own: the same crash without symbols has its caller
        ("  demo_x fs/demo/x.c:12 [inline]", "demo_caller"),
        ("softirqs last  enabled at (41848): [<0000000081bd5f03>] demo_x+0x1/0x2", "demo_caller"),
        ("  ? demo_x+0x1/0x2", "demo_caller"),
        ("[c0000000012345678] [c000000000123456] demo_x+0x1/0x2 (unreliable)", "demo_caller"),
        (
            "  _RNvMs3_NtCs1_4demo7processNtB5_7Process4read+0x1/0x2",
            "<demo::process::Process>::read",
        ),
    ],
)
def test_stacks_of_all_machines_and_symbolised_ones(line: str, frame: str) -> None:
    text = f"""[   10.1] BUG: sleeping function called from invalid context at mm/slab.h:1
[   10.2] Call Trace:
[   10.3] {line}
[   10.4]  demo_caller+0x1/0x2
"""
    assert scan(text.encode())[0].frame == frame


def test_line_that_the_kernel_is_about_to_repeat_is_no_report() -> None:
    text = b"""[   10.1] BUG: kernel NULL pointer deref
** replaying previous printk message **
[   10.1] BUG: kernel NULL pointer dereference, address: 8
"""
    assert [found.start for found in reports(text)] == [text.rindex(b"[   10.1]")]


def test_second_header_in_the_midst_marks_the_first_report_as_corrupted() -> None:
    text = b"""[   10.1] WARNING: CPU: 0 PID: 7 at fs/demo/x.c:28 demo_x+0x1/0x2
[   10.2] BUG: kernel NULL pointer dereference, address: 8
[   10.3] RIP: 0010:demo_two+0x1/0x2
[   10.4] Call Trace:
[   10.5]  demo_two+0x1/0x2
[   10.6]  demo_three+0x1/0x2
"""
    first, second = reports(text)
    assert (first.title, first.corrupted) == ("WARNING in corrupted", True)
    assert (second.frame, second.corrupted, second.corrupted_reason) == ("demo_two", False, "")


def test_injected_fault_in_the_midst_gives_no_name() -> None:
    text = b"""[   10.1] INFO: task mount:77 blocked for more than 120 seconds.
[   10.2] Call Trace:
[   10.3]  should_fail+0x1/0x2
[   10.4]  demo_x+0x1/0x2
"""
    (found,) = reports(text)
    assert (found.title, found.corrupted) == ("INFO: task hung in corrupted", True)


def test_stack_that_is_cut_off_marks_the_report_as_corrupted() -> None:
    whole = NULL_DEREF.split(b"[   10.2")[0]
    assert not reports(whole)[0].corrupted
    cut = whole.split(b"[   10.100007]")[0]
    (found,) = reports(cut)
    assert found.corrupted
    assert found.corrupted_reason == "no function to blame"


def test_header_without_the_lines_that_complete_it_is_its_own_name() -> None:
    (found,) = reports(b"[   10.1] [ INFO: possible recursive locking detected ]\n")
    assert found.title == "INFO: possible recursive locking detected"
    assert (found.kind, found.frame, found.corrupted) == ("lockdep-deadlock", None, True)
    assert found.severity is Severity.ERROR


def test_other_names_have_more_of_the_system_call() -> None:
    text = b"""[   10.1] BUG: sleeping function called from invalid context at mm/slab.h:1
[   10.3] Call Trace:
[   10.4]  __x64_sys_demo+0x1/0x2
[   10.5]  do_syscall_64+0x1/0x2
"""
    (found,) = reports(text)
    assert found.title.endswith(" in sys_demo")
    assert found.alt_titles == (found.title.replace("sys_demo", "__x64_sys_demo"),)


def test_first_crash_is_no_notice() -> None:
    oom = b"[    9.0] Out of memory: Killed process 77 (test)\n"
    error = b"[    9.1] EXT4-fs error (device vdb): ext4_lookup:1: inode #2: bad\n"
    found = reports(oom + error + NULL_DEREF)
    assert [report.notice for report in found] == [True, True, False, False]
    assert first_crash(found) == found[2]
    assert first_crash(found[:2]) is None


def test_known_places_give_the_same_reports() -> None:
    both = SYSRQ + NULL_DEREF
    lines = [0, *(place + 1 for place, byte in enumerate(both[:-1]) if byte == ord("\n"))]
    assert reports(both, places=lines) == reports(both)


@settings(deadline=None)
@given(st.lists(st.sampled_from(NULL_DEREF.splitlines() + SYSRQ.splitlines()) | st.binary()))
def test_any_bytes_give_findings_that_lie_in_them(pieces: list[bytes]) -> None:
    console = b"\n".join(pieces)
    for found in scan(console):
        (evidence,) = found.evidence
        assert 0 <= evidence.offset < len(console)


PIECES = [
    b"[    1.000000] virtio_blk virtio0: [vda] 49152 512-byte logical blocks\n",
    b"BUG: ",
    b"[    1.000000]",
    b"\x1b[",
    b"\x00\n",
    b"  demo_x+0x1/0x2\n",
    b" " * 64,
    b"BUG: KASAN: a in b+0x1\n",
    b"[ 1.0][ T1] BUG: KASAN: a in b+0x1\n",
    b"[ 1.0][ T1] INFO: task a:1 blocked for more than 1 seconds\nSending NMI from CPU\n",
    b"BUG: unable to handle kernel\nCall Trace:\n",
    b"Linux version 6\n",
    b"".join(b"[ 1.0][ T%d] BUG: KASAN: a in b+0x1\n" % task for task in range(100)),
]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: repr(piece[:40]))
def test_work_is_linear(piece: bytes) -> None:
    """Twice the size makes about twice the calls of functions; with squared work it were four."""
    header = b"BUG: KASAN: a in b+0x1\n"
    calls = [calls_of_scan(header + piece * (size // len(piece))) for size in (20_000, 40_000)]
    assert calls[1] < 3 * calls[0]


def calls_of_scan(console: bytes) -> int:
    profile = cProfile.Profile()
    profile.runcall(scan, console)
    return sum(entry.callcount for entry in profile.getstats())


def test_lines_that_are_left_out_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    oops = (
        b"[   12.000001] BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
        b"[   12.000002] RIP: 0010:vexfs_%d+0x12/0x40 [vexfs]\n"
        b"[   12.000003] Call Trace:\n"
        b"[   12.000004]  vexfs_write+0x12/0x40 [vexfs]\n"
    )
    noise = b"[   13.000001] systemd[1]: Started something of no interest at all.\n"
    gaps = (
        0,
        5,
        SEARCHED_LINES - 20,
        SEARCHED_LINES + 1,
        3 * SEARCHED_LINES,
        1,
        2 * SEARCHED_LINES,
    )
    console = b"".join(noise * gap + oops % number for number, gap in enumerate(gaps)) + noise * 9
    found = reports(console)
    assert [report.frame for report in found] == [f"vexfs_{n}" for n in range(len(gaps))]
    monkeypatch.setattr(begins, "SEARCHED_LINES", 1 << 40)
    assert reports(console) == found
