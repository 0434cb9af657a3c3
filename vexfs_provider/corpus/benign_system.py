"""Programs that crash, devices that fail, modules and settings: no kernel is harmed."""

from vexfs_provider.corpus.kinds import sysctl
from vexfs_provider.corpus.workload import Workload

USERS = (
    Workload(
        "segfaults of programs",
        "for i in 1 2 3; do python3 -c 'import ctypes; ctypes.string_at(0)'; done",
        note="user crash",
    ),
    Workload(
        "traps of programs",
        """python3 - <<'END'
import ctypes, mmap, os
far = b"\\xa1" + bytes([0, 0, 0, 0, 0, 0, 0, 128])
for code in (b"\\x0f\\x0b", b"\\xf4", b"\\x31\\xc9\\xf7\\xf1", b"\\xcc", far):
    if os.fork() == 0:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(code)
        ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    os.wait()
END""",
        note="user crash",
    ),
    Workload(
        "stack of a program used up",
        "python3 -c 'import sys; sys.setrecursionlimit(1<<30); exec(\"def f(): f()\\nf()\")'",
        note="user crash",
    ),
    Workload(
        "out of memory for a program only",
        "ulimit -v 200000; python3 -c 'bytearray(1<<30)' >/dev/ttyS0 2>&1;"
        " echo 'Out of memory: allocation of 1 GiB failed' >/dev/ttyS0",
        note="program's words",
    ),
    Workload("stress of processors", "stress-ng --cpu 2 --timeout 2 --log-brief >/dev/ttyS0 2>&1"),
    Workload(
        "stress of memory",
        "stress-ng --vm 2 --vm-bytes 64m --fork 2 --timeout 2 --log-brief >/dev/ttyS0 2>&1",
    ),
)
DEVICES = (
    Workload(
        "device mapper's targets",
        "size=$(blockdev --getsz $DISK); for t in linear delay flakey; do modprobe dm-$t; done;"
        ' dmsetup create a --table "0 $size linear $DISK 0"; dmsetup remove a;'
        ' dmsetup create b --table "0 $size wrong $DISK 0"; dmsetup create c --table "0 $size delay'
        ' $DISK 0 1"; dmsetup status; dmsetup remove c; dmsetup create d --table "0 8 error"; '
        "dmsetup remove d",
    ),
    Workload(
        "reads of a device of errors",
        'dmsetup create bad --table "0 8192 error"; dd if=/dev/mapper/bad of=/dev/null bs=4k;'
        " dd if=/dev/zero of=/dev/mapper/bad bs=4k count=10; mount /dev/mapper/bad /mnt; sync;"
        " dmsetup remove bad",
        note="notice",
    ),
    Workload(
        "disks that come and go",
        "modprobe scsi_debug dev_size_mb=16 add_host=2; sleep 1; cat /proc/partitions;"
        " for d in /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*/; do"
        " echo 1 >$d/delete; done; sleep 0.5; rmmod scsi_debug",
    ),
    Workload(
        "medium errors of a simulated disk",
        "modprobe scsi_debug dev_size_mb=16 opts=2; sleep 1; for d in /dev/sd?; do"
        " dd if=$d of=/dev/null bs=4k; done; echo 6 >/sys/bus/pseudo/drivers/scsi_debug/opts;"
        " for d in /dev/sd?; do dd if=$d of=/dev/null bs=4k; done",
        note="notice",
    ),
    Workload(
        "timeouts of a simulated disk",
        "echo 0 >/proc/sys/kernel/hung_task_timeout_secs; modprobe scsi_debug dev_size_mb=16;"
        " sleep 1; cd /sys/bus/pseudo/drivers/scsi_debug; echo 3 >every_nth; echo 4 >opts;"
        " for d in /dev/sd?; do"
        " echo 1 >/sys/block/${d#/dev/}/device/timeout; timeout 8 dd if=$d of=/dev/null count=20;"
        " done",
        note="notice",
    ),
    Workload(
        "loop devices and swap",
        "truncate -s 64M /tmp/image; mkswap /tmp/image; losetup -f /tmp/image; swapon /dev/loop0;"
        " swapoff /dev/loop0; losetup -d /dev/loop0; truncate -s 1M /tmp/image;"
        " losetup -f /tmp/image; dd if=/dev/loop0 of=/dev/null; losetup -D",
    ),
    Workload(
        "processors that go and come back",
        "for i in 1 2 3; do echo 0 >/sys/devices/system/cpu/cpu$i/online; done; sleep 0.3;"
        " for i in 1 2 3; do echo 1 >/sys/devices/system/cpu/cpu$i/online; done; sleep 0.3",
    ),
    Workload(
        "network interfaces",
        "modprobe dummy; modprobe veth; modprobe bridge; ip link add br0 type bridge;"
        " ip link add v0 type veth peer name v1; ip link set v0 master br0; ip link set v0 up;"
        " ip link set v1 up; ip link set br0 promisc on; sleep 0.5; ip link del v0;"
        " ip link del br0",
    ),
)
MODULES = (
    Workload(
        "modules in and out",
        "for m in dummy loop dm-flakey btrfs xfs raid1 nbd zram configfs isofs udf vfat fuse; do"
        " modprobe $m; done; lsmod >/dev/ttyS0; rmmod dummy zram nbd isofs",
    ),
    Workload(
        "modules that are refused",
        "insmod /run/vexfs/vexfs_crash.ko; insmod /run/vexfs/vexfs_crash.ko how=nothing;"
        " head -c 5000 /run/vexfs/vexfs_crash.ko >/tmp/cut.ko; insmod /tmp/cut.ko; modprobe none;"
        " rmmod vexfs_crash; insmod /run/vexfs/vexfs_crash.ko nonsense=1",
        note="taint",
    ),
    Workload(
        "foreign disks",
        "for t in xfs btrfs ext4 vfat iso9660 udf squashfs f2fs ntfs3 minix; do modprobe $t;"
        " mount -t $t $DISK /mnt; done; dd if=/dev/urandom of=$DISK bs=1M count=2;"
        " for t in xfs btrfs ext4 vfat udf; do mount -t $t $DISK /mnt; done",
        note="notice",
    ),
    Workload(
        "quota",
        "mkfs.ext4 -q -F -O quota $DISK; mount -o usrquota $DISK /mnt; quotaon -v /mnt;"
        " setquota -u 1000 100 200 10 20 /mnt; mkdir -m 777 /mnt/d; setpriv --reuid 1000 dd"
        " if=/dev/zero of=/mnt/d/f bs=64k count=20; repquota /mnt >/dev/ttyS0; umount /mnt",
    ),
    Workload(
        "tracing",
        "cd /sys/kernel/tracing; echo function >current_tracer; sleep 0.2; head -40 trace"
        " >/dev/ttyS0; echo nop >current_tracer; echo 1 >events/sched/enable; sleep 0.1;"
        " head -30 trace >/dev/ttyS0; echo 0 >events/sched/enable",
        note="program's words",
    ),
    Workload(
        "stacks of tasks read by a program",
        'for p in /proc/[0-9]*; do echo "$p $(cat $p/comm)"; cat $p/stack; done >/dev/ttyS0',
        note="program's words",
    ),
    Workload(
        "limits of the watchdogs",
        "; ".join(
            [
                sysctl("kernel.watchdog_thresh", 20),
                sysctl("kernel.hung_task_timeout_secs", 60),
                sysctl("kernel.softlockup_all_cpu_backtrace", 1),
                "sleep 1",
                sysctl("kernel.watchdog", 0),
                "echo 'watchdog: soft lockup detection is off' >/dev/ttyS0",
                sysctl("kernel.watchdog", 1),
            ]
        ),
    ),
)
