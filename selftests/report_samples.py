"""One sample of what each rule of the crash detector is for, and lines that only look like one."""

# What reports say between their headers and the stack; each rule takes what it needs of it.
BODY = """
Write of size 8 at addr ffff888012345678 by task test/77
fs/demo/inode.c:12 suspicious rcu_dereference_check() usage!
test/77 just changed the state of lock:
test/77 takes:
test/77 is trying to acquire lock:
test/77 is leaving the kernel with locks still held!
 (&demo->lock){+.+.}-{3:3}, at: [<ffffffff81234567>] demo_write+0x5b/0xc0
which became HARDIRQ-irq-unsafe at:
  lock_acquire+0x1/0x2
  demo_write+0x5b/0xc0
CPU: 0 PID: 77 Comm: test Not tainted 6.1.0 #1
RIP: 0010:memcpy+0x12/0x20
Call Trace:
 <TASK>
 dump_stack_lvl+0x38/0x4d
 ? unreliable_guess+0x1/0x10
 demo_write+0x5b/0xc0 [demo]
 vfs_write+0xcd/0x410
 do_syscall_64+0x5b/0xc0
 </TASK>
"""
NO_ACCESS = BODY.replace("Write of size 8 at", "Free of")
INTERRUPTED = """
Call Trace:
 <IRQ>
 asm_sysvec_apic_timer_interrupt+0x16/0x20
 </IRQ>
RIP: 0010:demo_spin+0x12/0x20
 demo_spin+0x5b/0xc0
 demo_write+0x5b/0xc0 [demo]
 vfs_write+0xcd/0x410
"""
UNINITIALISED = """
 memcpy+0x12/0x20
 demo_write+0x5b/0xc0 [demo]
 vfs_write+0xcd/0x410
Uninit was created at:
 kmalloc_trace+0x12/0x20
 demo_open+0x5b/0xc0 [demo]
"""
ALLOCATED = """
page last allocated via order 0, migratetype Unmovable
 get_page_from_freelist+0x1/0x2
 demo_write+0x5b/0xc0 [demo]
Call Trace:
 demo_read+0x5b/0xc0 [demo]
 vfs_read+0xcd/0x410
"""
LEAKED = """
unreferenced object 0xffff888012345678 (size 8):
  backtrace (crc 0):
    [<ffffffff81234567>] kmalloc_trace+0x1/0x2
    [<ffffffff81234567>] demo_write+0x5b/0xc0 [demo]
"""

# The header, the title (of what is found in the body, if it ends with {}), and the body.
WITH_STACK = [
    ("BUG: KASAN: slab-out-of-bounds in memcpy+0x1/0x2", "KASAN: slab-out-of-bounds Write in {}"),
    ("BUG: KASAN: double-free in kfree+0x1/0x2", "KASAN: invalid-free in {}", NO_ACCESS),
    ("BUG: KASAN: double-free or invalid-free in x+0x1/0x2", "KASAN: invalid-free in x"),
    ("BUG: KMSAN: uninit-value in memcpy+0x1/0x2", "KMSAN: uninit-value in {}", UNINITIALISED),
    (
        "BUG: KMSAN: kernel-usb-infoleak in memcpy+0x1/0x2",
        "KMSAN: kernel-usb-infoleak in {}",
        UNINITIALISED,
    ),
    ("BUG: KFENCE: use-after-free read in x+0x1/0x2", "KFENCE: use-after-free read in x"),
    ("BUG: KFENCE: invalid free in x+0x1/0x2", "KFENCE: invalid free in x"),
    ("BUG: KFENCE: memory corruption in x+0x1/0x2", "KFENCE: memory corruption in x"),
    ("UBSAN: array-index-out-of-bounds in fs/x.c:3:9", "UBSAN: array-index-out-of-bounds in {}"),
    ("UBSAN: shift-out-of-bounds in fs/x.c:3:9", "UBSAN: shift-out-of-bounds in {}"),
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
    ("divide error: 0000 [#1] PREEMPT SMP", "divide error in x", "RIP: 0010:x+0x1/0x2"),
    ("stack segment: 0000 [#1] SMP", "stack segment fault in {}"),
    ("Oops: 0002 [#1] SMP", "Oops in {}"),
    ("Internal error: SP/PC alignment exception: 8a000000 [#1] SMP", "Internal error in {}"),
    ("PANIC: double fault, error_code: 0x0", "PANIC: double fault in x", "RIP: 0010:x+0x1/0x2"),
    (
        "BUG: stack guard page was hit at 0001 (stack is 2..3)",
        "BUG: stack guard page was hit in {}",
    ),
    ("Insufficient stack space to handle exception!", "kernel stack overflow in {}"),
    (
        "Unhandled prefetch abort: breakpoint debug exception (0x002) at 0x0",
        "Unhandled fault in {}",
    ),
    ("Unhandled fault: page domain fault (0x01b) at 0x00000e30", "Unhandled fault in {}"),
    ("Alignment trap: not handling instruction e1 at [<80>]", "Alignment trap in {}"),
    ("INFO: task mount:77 blocked for more than 120 seconds.", "INFO: task hung in {}"),
    ("INFO: task a b:77 blocked in I/O wait for more than 9 seconds.", "INFO: task hung in {}"),
    ("watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [x:77]", "BUG: soft lockup in {}"),
    ("NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", "BUG: hard lockup in {}"),
    (
        "rcu: INFO: rcu_preempt self-detected stall on CPU",
        "INFO: rcu detected stall in {}",
        INTERRUPTED,
    ),
    (
        "INFO: rcu_sched detected stalls on CPUs/tasks:",
        "INFO: rcu detected stall in {}",
        INTERRUPTED,
    ),
    ("WARNING: possible circular locking dependency detected", "possible deadlock in {}"),
    ("[ INFO: possible recursive locking detected ]", "possible deadlock in {}"),
    ("[ INFO: possible circular locking dependency detected ]", "possible deadlock in {}"),
    ("[ INFO: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected ]", "possible deadlock in {}"),
    ("[ INFO: inconsistent lock state ]", "inconsistent lock state in {}"),
    ("WARNING: bad contention detected!", "WARNING: bad contention in {}"),
    (
        "INFO: trying to register non-static key.",
        "INFO: trying to register non-static key in {}",
    ),
    ("INFO: task rm:77 can't die for more than 143 seconds.", "INFO: task can't die in {}"),
    (
        "Unable to handle kernel access to user memory outside uaccess routines at 8",
        "BUG: unable to handle kernel access to user memory in {}",
    ),
    ("invalid opcode: 0000 [#1] PREEMPT SMP", "invalid opcode in x", "RIP: 0010:x+0x1/0x2"),
    ("general protection fault: 0000", "general protection fault in {}"),
    ("int3: 0000 [#1] PREEMPT SMP", "int3 in {}"),
    (
        "WARNING: CPU: 0 PID: 77 at lib/kobject.c:12 kobject_put+0x1/0x2",
        "WARNING: kobject bug in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at fs/proc/generic.c:12 proc_register+0x1/0x2",
        "WARNING: proc registration bug in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at mm/vmalloc.c:12 __vmalloc_node_range+0x1/0x2",
        "WARNING: zero-size vmalloc in {}",
    ),
    (
        "WARNING: CPU: 0 PID: 77 at drivers/usb/core/urb.c:12 usb_submit_urb+0x1/0x2",
        "WARNING in {}/usb_submit_urb",
    ),
    ("WARNING: CPU: 0 PID: 77 at 0xffff888012345678", "WARNING in {}"),
    (
        "Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ffffffff81",
        "kernel panic: stack is corrupted in {}",
    ),
    ("Kernel panic - not syncing: kernel stack overflow", "kernel stack overflow in {}"),
    (
        "rust_kernel: panicked at drivers/demo.rs:3:9:",
        "attempt to add with overflow in {}",
        "attempt to add with overflow" + BODY,
    ),
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
    ("[ BUG: Invalid wait context ]", "WARNING: locking bug in {}"),
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
    ("BUG: memory leak", "memory leak in {}", LEAKED),
    ("BUG: Bad page state in process test  pfn:7071f", "BUG: Bad page state in {}", ALLOCATED),
    ("WARNING: CPU: 0 PID: 77 at fs/demo/inode.c:12 demo_x+0x1/0x2", "WARNING in {}"),
    ("WARNING: fs/demo/inode.c:12 at demo_x+0x1/0x2, CPU#0: test/77", "WARNING in {}"),
    (
        "WARNING: [a > b] fs/demo/inode.c:12 at demo_x+0x1/0x2, CPU#0: test/77",
        "WARNING in {}",
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
        "WARNING in {}",
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
    (
        "BUG: KASAN: wild-memory-access on address ffe70874\nRead of size 205 by task test/77",
        "KASAN: wild-memory-access Read",
    ),
    (
        "BUG: KASAN: use-after-free in demo_x+0x1/0x2 at addr ffff888012345678",
        "KASAN: use-after-free in demo_x at addr ADDR",
    ),
    ("BUG: unable to handle kernel", "BUG: unable to handle kernel"),
    (
        "Kernel panic - not syncing: hung_task: blocked tasks",
        "kernel panic: hung_task: blocked tasks",
    ),
    (
        "Kernel panic - not syncing: Couldn't open N_TTY ldisc for ttyS3 --- error -12.",
        "kernel panic: Couldn't open N_TTY ldisc",
    ),
    ("Kernel panic - not syncing: ", "kernel panic"),
    ("BUG: Bad page map in process test  pte:1 pmd:2", "BUG: Bad page map"),
    ("BUG: non-zero nr_ptes on freeing mm: 1", "BUG: non-zero nr_ptes on freeing mm"),
    ("INFO: Freed in demo_x+0x29/0x90 age=6 cpu=0 pid=77", "INFO: Freed in demo_x"),
    (
        "unregister_netdevice: waiting for lo to become free. Usage count = 2",
        "unregister_netdevice: waiting for DEV to become free",
    ),
    ("BUG:", "BUG: corrupted"),
    (
        "Unable to handle kernel pointer dereference in virtual space",
        "Unable to handle kernel pointer dereference in virtual space",
    ),
    ("demo 0000:00:01.0: BUG: demo is lost", "BUG: demo is lost"),
    (
        "WARNING: kernel stack frame pointer at 00000000ab in test:77 has bad value 00000000cd",
        "WARNING: kernel stack frame pointer has bad value",
    ),
    ("Buffer I/O error on dev dm-0, logical block 12", "Buffer I/O error: read"),
    ("BUG: KCSAN: data-race in demo_a / demo_b", "KCSAN: data-race in demo_a / demo_b"),
    ("BUG: KCSAN: data-race in f.isra.0 [demo] / g [demo]", "KCSAN: data-race in f / g"),
    ("BUG: KCSAN: assert: race in demo_a [demo]", "KCSAN: assert: race in demo_a"),
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
        "VFS: Busy inodes after unmount (use-after-free)",
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
        "BUG: workqueue leaked atomic, lock or RCU: kworker/0:2[52]\n"
        "     preempt=0x00000001 lock=0->0 RCU=0->0 workfn=demo_work [demo]",
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
    ("lowmemorykiller: Killing 'test' (77), adj 0,", "Out of memory: a process was killed"),
    ("ata1: hard resetting link", "ata: hard reset"),
    ("kmemleak: 3 new suspected memory leaks (see x)", "kmemleak: suspected memory leaks"),
    ("WARNING: demo is not what it was", "WARNING: demo is not what it was"),
    ("usb 5-1: WARNING: demo is incomplete", "WARNING: demo is incomplete"),
    ("INFO: Slab 0xffffea0002dfad00 objects=20", "INFO: Slab ADDR objects=NUM"),
    ("EXT4-fs warning (device vdb): ext4_resize_fs:12: bad", "EXT4-fs warning in ext4_resize_fs"),
]

HARMLESS = """
Alignment trap: crashy (77) PC=0x00010430 Instr=0xe5933000 Address=0x00000001 FSR 0x011
audit: type=1400 audit(1.2:3): apparmor="DENIED" comm="a BUG: b"
Kernel command line: root=/dev/vda1 oops=panic panic=30 panic_on_warn=1 BUG_ON=1
Kernel panic was configured to reboot
WARNING: the mand mount option has been deprecated and
WARNING: polling idle and HT enabled, performance may degrade
WARNING: BIOS bug: CPU MTRRs don't cover all of memory, losing 12MB of RAM.
WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible
warning: `dhcpcd' uses wireless extensions which will stop working for Wi-Fi 7 hardware
Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible
ODEBUG: Out of memory. ODEBUG disabled
INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.706 msecs
EXT4-fs (vdb): INFO: recovery required on readonly filesystem
sshd[812]: WARNING: /etc/ssh/moduli does not exist, using fixed modulus
test[812]: BUG: KASAN: quoted in a daemon's log
traps: crashy[91] general protection fault ip:40165b sp:7ffd error:0 in crashy[401000+78000]
traps: crashy[94] trap divide error ip:40165b sp:7ffd error:0 in crashy[401000+78000]
crashy[90]: segfault at 8 ip 000000000040171b sp 00007ffc428005b0 error 6 in crashy[401000]
unchecked MSR access error: WRMSR to 0x1b0 at rIP: 0xffffffff8106d1f4 (native_write_msr+0x4/0x20)
FAULT_INJECTION: forcing a failure.
INFO: lockdep is turned off.
INFO: task mount:77 is blocked on a mutex likely owned by task test:78.
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


BOOTS = [
    "Booting the kernel.",
    "Linux version 6.1.0-41-amd64 (debian-kernel@lists.debian.org) #1 SMP",
]
