"""Work that crashes nothing, and much that looks as if it had: near misses are worth most."""

from vexfs_provider.corpus.benign_system import DEVICES, MODULES, USERS
from vexfs_provider.corpus.benign_words import WORDS
from vexfs_provider.corpus.workload import TO_KERNEL, Workload


def _filesystem(name: str, mkfs: str, fsck: str) -> list[Workload]:
    tell = f'sed "s/^/<6>fsck: /" /tmp/fsck.log | {TO_KERNEL}; cat /tmp/fsck.log >/dev/ttyS0'
    write = "for i in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of=/mnt/t/f$i bs=64k count=$i; done"
    mount = f"mkdir -p /mnt/t; mount -t {name} $DISK /mnt/t || mount $DISK /mnt/t"
    return [
        Workload(
            f"{name} written and checked",
            f"{mkfs} $DISK; {mount}; {write}; sync; umount /mnt/t; {fsck} $DISK >/tmp/fsck.log 2>&1"
            f"; {tell}",
        ),
        Workload(
            f"{name} remounted",
            f"{mkfs} $DISK; {mount}; {write}; mount -o remount,ro /mnt/t; touch /mnt/t/no;"
            f" mount -o remount,rw /mnt/t; rm -r /mnt/t/f1; umount /mnt/t; {mount}; umount /mnt/t",
        ),
        Workload(
            f"{name} full",
            f"{mkfs} $DISK; {mount}; room=$(df --output=avail -m /mnt/t | tail -1);"
            " fallocate -l $((room - 8))M /mnt/t/much;"
            " dd if=/dev/zero of=/mnt/t/more bs=1M count=64; rm /mnt/t/more; umount /mnt/t",
        ),
        Workload(
            f"{name} shut down and recovered",
            f"{mkfs} $DISK; {mount}; {write}; dmsetup create -r x --table '0 8 zero'; sync;"
            " echo u >/proc/sysrq-trigger; sleep 0.5; umount /mnt/t;"
            f" {mount}; umount /mnt/t; {fsck} -n $DISK >/tmp/fsck.log 2>&1; {tell}",
        ),
        Workload(
            f"{name} damaged header",
            f"{mkfs} $DISK; dd if=/dev/urandom of=$DISK bs=512 seek=2 count=2 conv=notrunc;"
            f" {mount}; {fsck} -n $DISK >/tmp/fsck.log 2>&1; {tell}",
            note="notice",
        ),
    ]


def _sysrq(keys: str, name: str) -> Workload:
    presses = "; ".join(f"echo {key} >/proc/sysrq-trigger; sleep 0.3" for key in keys)
    return Workload(f"sysrq {name}", presses, note="sysrq dump")


_KEYS = (
    ("h", "help"),
    ("w", "blocked tasks"),
    ("t", "all tasks"),
    ("m", "memory"),
    ("l", "stacks of processors"),
    ("q", "timers"),
    ("d", "locks"),
    ("p", "registers"),
    ("s", "sync"),
    ("hwmlq", "many"),
    ("mtw", "memory and tasks"),
)

WORKLOADS: tuple[Workload, ...] = (
    *_filesystem("ext4", "mkfs.ext4 -q -F", "e2fsck -fy"),
    *_filesystem("xfs", "mkfs.xfs -q -f", "xfs_repair"),
    *_filesystem("btrfs", "mkfs.btrfs -q -f", "btrfs check"),
    *_filesystem("f2fs", "mkfs.f2fs -q -f", "fsck.f2fs"),
    *_filesystem("vfat", "mkfs.vfat", "fsck.vfat -a"),
    *(_sysrq(keys, name) for keys, name in _KEYS),
    *WORDS,
    *USERS,
    *DEVICES,
    *MODULES,
)
