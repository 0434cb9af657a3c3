"""One line of each rule, and the harmless lines that look like one."""

import re

import pytest

from vexfs_provider.detection import Severity, scan
from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.rules import RULES

STACK = """
[    9.000001] CPU: 0 PID: 77 Comm: test Not tainted 6.1.0 #1
[    9.000002] Call Trace:
[    9.000003]  <TASK>
[    9.000004]  dump_stack_lvl+0x38/0x4d
[    9.000005]  ? unreliable_guess+0x1/0x10
[    9.000006]  demo_write+0x5b/0xc0 [demo]
[    9.000007]  vfs_write+0xcd/0x410
[    9.000008]  do_syscall_64+0x5b/0xc0
[    9.000009]  </TASK>
"""

# Reports whose guilty function is found in the stack above.
WITH_STACK = [
    ("BUG: KASAN: slab-out-of-bounds in memcpy+0x1/0x2", "KASAN: slab-out-of-bounds in demo_write"),
    ("BUG: KMSAN: uninit-value in demo_read+0x1/0x2", "KMSAN: uninit-value in demo_read"),
    ("BUG: KFENCE: use-after-free read in x+0x1/0x2", "KFENCE: use-after-free read in x"),
    ("UBSAN: array-index-out-of-bounds in fs/x.c:3:9", "UBSAN: array-index-out-of-bounds in {}"),
    ("UBSAN: Undefined behaviour in fs/x.c:3:9", "UBSAN: undefined-behaviour in {}"),
    (
        "BUG: kernel NULL pointer dereference, address: 0000000000000008",
        "BUG: unable to handle kernel NULL pointer dereference in {}",
    ),
    (
        "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008",
        "BUG: unable to handle kernel NULL pointer dereference in {}",
    ),
    (
        "BUG: unable to handle page fault for address: ffffc90000404000",
        "BUG: unable to handle kernel paging request in {}",
    ),
    ("general protection fault: 0000 [#1] SMP", "general protection fault in {}"),
    (
        "Oops: general protection fault, probably for non-canonical address 0x6b: 0000 [#1] SMP",
        "general protection fault in {}",
    ),
    ("divide error: 0000 [#1] PREEMPT SMP", "divide error in {}"),
    ("stack segment: 0000 [#1] SMP", "stack segment fault in {}"),
    ("Oops: 0002 [#1] SMP", "Oops in {}"),
    ("Internal error: SP/PC alignment exception: 8a000000 [#1] SMP", "Oops in {}"),
    ("PANIC: double fault, error_code: 0x0", "PANIC: double fault in {}"),
    (
        "BUG: stack guard page was hit at 0001 (stack is 2..3)",
        "BUG: stack guard page was hit in {}",
    ),
    ("Insufficient stack space to handle exception!", "kernel stack overflow in {}"),
    ("Unhandled fault: page domain fault (0x01b) at 0x00000e30", "Unhandled fault in {}"),
    ("Alignment trap: not handling instruction e1 at [<80>]", "Alignment trap in {}"),
    ("INFO: task mount:77 blocked for more than 120 seconds.", "INFO: task hung in {}"),
    ("INFO: task a b:77 blocked in I/O wait for more than 9 seconds.", "INFO: task hung in {}"),
    ("watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [x:77]", "BUG: soft lockup in {}"),
    ("NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", "BUG: hard lockup in {}"),
    ("rcu: INFO: rcu_preempt self-detected stall on CPU", "INFO: rcu detected stall in {}"),
    ("INFO: rcu_sched detected stalls on CPUs/tasks:", "INFO: rcu detected stall in {}"),
    ("WARNING: possible circular locking dependency detected", "possible deadlock in {}"),
    ("[ INFO: possible recursive locking detected ]", "possible deadlock in {}"),
    ("WARNING: possible irq lock inversion dependency detected", "possible deadlock in {}"),
    ("WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected", "possible deadlock in {}"),
    ("WARNING: inconsistent lock state", "inconsistent lock state in {}"),
    ("WARNING: suspicious RCU usage", "WARNING: suspicious RCU usage in {}"),
    ("WARNING: bad unlock balance detected!", "WARNING: bad unlock balance in {}"),
    ("[ BUG: held lock freed! ]", "BUG: held lock freed in {}"),
    ("WARNING: Nested lock was not taken", "WARNING: nested lock was not taken in {}"),
    (
        "WARNING: lock held when returning to user space!",
        "WARNING: lock held when returning to user space in {}",
    ),
    ("WARNING: test/77 still has locks held!", "WARNING: still has locks held in {}"),
    ("BUG: spinlock bad magic on CPU#0, test/77", "BUG: spinlock bad magic in {}"),
    ("BUG: rwlock bad magic on CPU#0, test/77", "BUG: rwlock bad magic in {}"),
    ("BUG: spinlock lockup suspected on CPU#0", "BUG: spinlock lockup suspected in {}"),
    ("[ BUG: Invalid wait context ]", "WARNING: invalid wait context in {}"),
    ("kernel BUG at fs/demo/inode.c:12!", "kernel BUG in {}"),
    ("kernel BUG at lib/list_debug.c:56!", "BUG: corrupted list in {}"),
    ("kernel BUG at mm/usercopy.c:102!", "BUG: bad usercopy in {}"),
    (
        "BUG: sleeping function called from invalid context at mm/slab.h:1",
        "BUG: sleeping function called from invalid context in {}",
    ),
    ("BUG: scheduling while atomic: test/77/0x00000002", "BUG: scheduling while atomic in {}"),
    (
        "BUG: using smp_processor_id() in preemptible [00000000] code: test/77",
        "BUG: using smp_processor_id() in preemptible code in {}",
    ),
    ("BUG: memory leak", "memory leak in {}"),
    ("BUG: Bad page state in process test  pfn:7071f", "BUG: Bad page state in {}"),
    ("WARNING: CPU: 0 PID: 77 at fs/demo/inode.c:12 demo_x+0x1/0x2", "WARNING in demo_x"),
    ("WARNING: fs/demo/inode.c:12 at demo_x+0x1/0x2, CPU#0: test/77", "WARNING in demo_x"),
    (
        "WARNING: [a > b] fs/demo/inode.c:12 at demo_x+0x1/0x2, CPU#0: test/77",
        "WARNING in demo_x",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at lib/refcount.c:28 refcount_warn_saturate+0xb/0x17",
        "WARNING: refcount bug in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at lib/debugobjects.c:260 debug_print_object+0x1/0x2",
        "WARNING: ODEBUG bug in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at mm/slab_common.c:1012 kmalloc_slab+0x5d/0x70",
        "WARNING: kmalloc bug in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at mm/usercopy.c:81 usercopy_warn+0x1/0x2",
        "WARNING: bad usercopy in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at lib/list_debug.c:29 __list_add+0x1/0x2",
        "WARNING: corrupted list in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at kernel/locking/lockdep.c:29 lock_acquire+0x1/0x2",
        "WARNING: locking bug in {}",
    ),
    (
        "Kernel panic - not syncing: corrupted stack end detected inside scheduler",
        "kernel panic: corrupted stack end in {}",
    ),
]

# Messages that carry their title in themselves.
ALONE = [
    ("BUG: KCSAN: data-race in demo_a / demo_b", "KCSAN: data-race in demo_a / demo_b"),
    ("Kernel panic - not syncing: sysrq triggered crash", "kernel panic: sysrq triggered crash"),
    ("Kernel panic - not syncing: panic_on_warn set ...", "kernel panic: panic_on_warn set"),
    ("Kernel panic - not syncing: Fatal exception in interrupt", "kernel panic: Fatal exception"),
    (
        "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009",
        "kernel panic: Attempted to kill init!",
    ),
    (
        "Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: demo_x+0x1/0x2",
        "kernel panic: stack is corrupted in demo_x",
    ),
    ("BUG: Bad rss-counter state mm:ffff888012345678 idx:1 val:2", "BUG: Bad rss-counter state"),
    (
        "BUG: Dentry ffff888012345678{i=2,n=/}  still in use (1) [unmount of ext4 vdb]",
        "BUG: Dentry still in use in unmount",
    ),
    (
        "VFS: Busy inodes after unmount of vdb. Self-destruct in 5 seconds.  Have a nice day...",
        "VFS: Busy inodes after unmount",
    ),
    (
        "VFS: Close: file count is 0",
        "VFS: Close: file count is zero (use-after-free)",
    ),
    ("BUG kmalloc-8 (Tainted: G    B): Object already free", "BUG: Object already free"),
    ("BUG: MAX_LOCK_DEPTH too low!", "BUG: MAX_LOCK_DEPTH too low!"),
    ("BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0", "BUG: workqueue lockup"),
    (
        "BUG: workqueue leaked lock or atomic: kworker/0:0/0x00000000/4\n"
        "     last function: demo_work",
        "BUG: workqueue leaked lock or atomic in demo_work",
    ),
    (
        "WARNING: kernel stack regs at 00000000ab in x:7 has bad 'bp' value 00000000cd",
        "WARNING: kernel stack regs has bad 'bp' value",
    ),
    ("I/O error, dev vdb, sector 1234 op 0x1:(WRITE)", "block layer: I/O error"),
    ("blk_update_request: I/O error, dev sda, sector 12", "block layer: I/O error"),
    ("critical medium error, dev sda, sector 12", "block layer: critical medium error"),
    (
        "Buffer I/O error on dev dm-0, logical block 12, lost async page write",
        "Buffer I/O error: lost async page write",
    ),
    ("nvme nvme0: I/O 12 QID 1 timeout, aborting", "nvme: I/O timeout"),
    ("nvme nvme0: resetting controller due to x", "nvme: controller reset"),
    ("ata1.00: exception Emask 0x0 SAct 0x0", "ata: exception"),
    (
        "EXT4-fs error (device vdb): ext4_lookup:1855: inode #2: comm ls: deleted inode: 12",
        "EXT4-fs error in ext4_lookup",
    ),
    (
        "EXT4-fs error (device vdb) in ext4_reserve_inode_write:5764: IO failure",
        "EXT4-fs error in ext4_reserve_inode_write",
    ),
    (
        "EXT4-fs (vdb): failed to convert unwritten extents to written extents -- x (inode 12)",
        "EXT4-fs: failed to convert unwritten extents to written extents -- x (inode NUM)",
    ),
    ("EXT4-fs (vdb): Remounting filesystem read-only", "EXT4-fs: remounted read-only"),
    ("Aborting journal on device vdb-8.", "JBD2: journal aborted"),
    (
        "JBD2: Error -5 detected when updating journal superblock for vdb-8.",
        "JBD2: Error -NUM detected when updating journal superblock",
    ),
    (
        "XFS (vdb): Metadata corruption detected at xfs_agf_verify+0x1/0x2 [xfs], xfs_agf block",
        "XFS: metadata corruption in xfs_agf_verify",
    ),
    (
        "XFS (vdb): Internal error a != b at line 3 of file fs/xfs/x.c.  Caller xfs_x+0x1/0x2",
        "XFS: internal error in xfs_x",
    ),
    (
        "XFS (vdb): log I/O error -5",
        "XFS: log I/O error",
    ),
    (
        "XFS (vdb): Filesystem has been shut down due to log error (0x2).",
        "XFS: Filesystem has been shut down",
    ),
    (
        "XFS: Assertion failed: ip->i_ino != 12, file: fs/xfs/x.c, line: 3",
        "XFS: assertion failed: ip->i_ino != NUM, file: fs/xfs/x.c, line: NUM",
    ),
    (
        "BTRFS: error (device vdb) in btrfs_commit_transaction:2418: errno=-5 IO failure",
        "BTRFS: errno=-NUM in btrfs_commit_transaction",
    ),
    (
        "BTRFS warning (device vdb): csum failed root 5 ino 257 off 0 csum 0x1 expected 0x2",
        "BTRFS: checksum of data failed",
    ),
    (
        "BTRFS error (device vdb: state EA): open_ctree failed",
        "BTRFS: open_ctree failed",
    ),
    (
        "F2FS-fs (vdb): inconsistent node block, nid:12, node_footer[nid:0]",
        "F2FS: inconsistent",
    ),
    ("VexFS: Failed to read superblock", "VexFS: Failed"),
]

LESSER = [
    ("Out of memory: Killed process 77 (test) total-vm:1kB", "Out of memory: a process was killed"),
    (
        "Memory cgroup out of memory: Killed process 77 (test)",
        "Memory cgroup out of memory: a proc",
    ),
    ("ata1: hard resetting link", "ata: hard reset"),
    ("EXT4-fs warning (device vdb): ext4_resize_fs:12: bad", "EXT4-fs warning in ext4_resize_fs"),
]

HARMLESS = """
Kernel command line: root=/dev/vda1 oops=panic panic=30 panic_on_warn=1 BUG_ON=1
Kernel panic was configured to reboot
WARNING: the mand mount option has been deprecated and
sshd[812]: WARNING: /etc/ssh/moduli does not exist, using fixed modulus
test[812]: BUG: KASAN: quoted in a daemon's log
traps: crashy[91] general protection fault ip:40165b sp:7ffd error:0 in crashy[401000+78000]
traps: crashy[94] trap divide error ip:40165b sp:7ffd error:0 in crashy[401000+78000]
crashy[90]: segfault at 8 ip 000000000040171b sp 00007ffc428005b0 error 6 in crashy[401000]
unchecked MSR access error: WRMSR to 0x1b0 at rIP: 0xffffffff8106d1f4 (native_write_msr+0x4/0x20)
FAULT_INJECTION: forcing a failure.
INFO: lockdep is turned off.
rcu: Hierarchical RCU implementation.
rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.
NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.
sysrq: Show Blocked State
task:mount state:D stack:0 pid:77 ppid:1 flags:0x4002
demo: loading out-of-tree module taints kernel.
EXT4-fs (vdb): VFS: Can't find ext4 filesystem
EXT4-fs (vdb): mounted filesystem with ordered data mode. Quota mode: none.
EXT4-fs (vdb): recovery complete
XFS (vdb): Invalid superblock magic number
XFS (vdb): Ending clean mount
XFS (vdb): Unmounting Filesystem
XFS (vdb): Mounting V5 filesystem in no-recovery mode. Filesystem will be inconsistent.
BTRFS info (device vdb): using crc32c (crc32c-intel) checksum algorithm
BTRFS warning (device vdb): excessive commit interval 300
F2FS-fs (vdb): Magic Mismatch, valid(0xf2f52010) - read(0x0)
F2FS-fs (vdb): Mounted with checkpoint version = 1b8a5a7
VexFS: mounted, 0 errors
Dynamic memory errors, dev nodes and such
"""


def console(text: str) -> bytes:
    return "".join(f"[    9.000000] {line}\n" for line in text.splitlines()).encode()


@pytest.mark.parametrize(("header", "title"), WITH_STACK)
def test_report_is_named_after_the_guilty_function(header: str, title: str) -> None:
    (found,) = scan(console(header) + STACK.encode())
    assert found.title == title.format("demo_write")
    assert found.title.endswith(f" in {found.frame}")
    assert found.severity >= Severity.ERROR


@pytest.mark.parametrize(("line", "title"), ALONE)
def test_message_is_named(line: str, title: str) -> None:
    (found,) = scan(console(line))
    assert found.title == title
    assert found.severity >= Severity.ERROR


@pytest.mark.parametrize(("line", "title"), LESSER)
def test_lesser_trouble_is_a_warning(line: str, title: str) -> None:
    (found,) = scan(console(line))
    assert found.title.startswith(title)
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("line", HARMLESS.strip().splitlines())
def test_harmless_line_is_no_finding(line: str) -> None:
    assert scan(console(line)) == []


@pytest.mark.parametrize("reason", ["Fatal exception", "sysrq triggered crash"])
def test_panic_is_critical(reason: str) -> None:
    (found,) = scan(console(f"Kernel panic - not syncing: {reason}"))
    assert found.severity is Severity.CRITICAL


def test_every_rule_has_a_sample_here() -> None:
    lines = [line for header, _ in WITH_STACK + ALONE + LESSER for line in header.splitlines()]
    unused = [
        rule
        for rule in RULES
        if not any(rule.hint in line and rule.header.match(line) for line in lines)
    ]
    assert unused == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern[:40])
def test_title_uses_only_groups_that_the_rule_has(rule: Rule) -> None:
    known = {"frame", *rule.header.groupindex, *(rule.detail.groupindex if rule.detail else ())}
    assert set(re.findall(r"{(\w+)", rule.title)) <= known
