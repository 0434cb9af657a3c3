"""Reports that need no module of ours: SysRq, exhausted memory, devices that fail or hang."""

from vexfs_provider.corpus.kinds import Kind, sysctl

_EAT = "python3 -c 'a=[]\nwhile True: a.append(bytearray(8<<20))'"
# A signal would be ignored; an instruction that init may not execute is not.
_SPOIL_INIT = """python3 - <<'END'
import os
code = next(line for line in open("/proc/1/maps") if "r-xp" in line)
begin, end = (int(address, 16) for address in code.split()[0].split("-"))
memory = os.open("/proc/1/mem", os.O_RDWR)
os.pwrite(memory, bytes([0xF4]) * (end - begin), begin)
END
pkill -9 -f norc"""
_FAIL_SECTORS = """
    size=$(blockdev --getsz $DISK)
    dmsetup create sick --table "0 $size linear $DISK 0"
    mkdir -p /mnt/sick
    {mkfs} /dev/mapper/sick
    mount {options} /dev/mapper/sick /mnt/sick
    dd if=/dev/urandom of=/mnt/sick/before bs=64k count=64; sync
    dmsetup suspend --noflush --nolockfs sick
    dmsetup load sick --table "0 $size error"
    dmsetup resume --noflush --nolockfs sick
    for i in 1 2 3 4 5; do echo $i >/mnt/sick/file$i; done
    dd if=/dev/urandom of=/mnt/sick/behind bs=64k count=64; sync
    echo 3 >/proc/sys/vm/drop_caches; ls -l /mnt/sick; cat /mnt/sick/before | wc -c; sleep 2; sync
"""
_FROZEN = """
    size=$(blockdev --getsz $DISK)
    mkfs.ext4 -q -F $DISK
    dmsetup create frozen --table "0 $size linear $DISK 0"
    mkdir -p /mnt/frozen
    {before}
    dmsetup suspend --nolockfs frozen
    {during}
"""


def _failing(name: str, mkfs: str, says: str, options: str = "") -> Kind:
    script = _FAIL_SECTORS.format(mkfs=mkfs, options=options)
    return Kind(name, script, says, None, crash=False, note="notice", wait_s=30.0, disk=True)


def _frozen(name: str, during: str, before: str = "", title: str = "") -> Kind:
    """A task that waits for a suspended device longer than the kernel has patience."""
    mounted = before or "mount /dev/mapper/frozen /mnt/frozen"
    script = sysctl("kernel.hung_task_timeout_secs", 2) + _FROZEN.format(
        before=mounted, during=during
    )
    title = title or "^INFO: task hung in "
    return Kind(name, script, "blocked for more than", title, wait_s=40.0, disk=True)


SYSTEM: tuple[Kind, ...] = (
    Kind(
        "sysrq crash",
        "echo c >/proc/sysrq-trigger",
        "Kernel panic - not syncing: sysrq triggered crash",
        "^kernel panic: sysrq triggered crash$",
    ),
    Kind(
        "init killed",
        _SPOIL_INIT,
        "Attempted to kill init",
        "^kernel panic: Attempted to kill init!",
    ),
    Kind(
        "oom panic",
        f"{sysctl('vm.panic_on_oom', 2)}; {_EAT}",
        "Kernel panic - not syncing: Out of memory",
        "^kernel panic: Out of memory",
        wait_s=60.0,
    ),
    Kind(
        "hung task panic",
        sysctl("kernel.hung_task_panic", 1)
        + "; "
        + sysctl("kernel.hung_task_timeout_secs", 1)
        + "; echo never_completed >/sys/kernel/debug/vexfs_crash/provoke",
        "Kernel panic - not syncing: hung_task",
        "^INFO: task hung in vexfs_crash_never_completed$",
        wait_s=40.0,
    ),
    Kind(
        "soft lockup panic",
        sysctl("kernel.softlockup_panic", 1)
        + "; "
        + sysctl("kernel.watchdog_thresh", 1)
        + "; echo busy >/sys/kernel/debug/vexfs_crash/provoke",
        "Kernel panic - not syncing: softlockup",
        "^BUG: soft lockup in ",
    ),
    _frozen("hung mount", "mount -t ext4 /dev/mapper/frozen /mnt/frozen &", before="true"),
    _frozen("hung sync", "echo x >/mnt/frozen/file; sync &"),
    _frozen("hung fsync", "dd if=/dev/zero of=/mnt/frozen/file bs=4k count=100 conv=fsync &"),
    _frozen("hung direct read", "dd if=/dev/mapper/frozen of=/dev/null bs=4k iflag=direct &"),
    _frozen("hung umount", "echo x >/mnt/frozen/file; umount /mnt/frozen &"),
    Kind(
        "oom kill",
        _EAT,
        "Out of memory: Killed process",
        None,
        crash=False,
        note="oom",
        wait_s=60.0,
    ),
    Kind(
        "cgroup oom kill",
        "mkdir /sys/fs/cgroup/small; echo +memory >/sys/fs/cgroup/cgroup.subtree_control; "
        "echo 24M >/sys/fs/cgroup/small/memory.max; "
        f"echo 0 >/sys/fs/cgroup/small/cgroup.procs; {_EAT}",
        "Memory cgroup out of memory: Killed process",
        None,
        crash=False,
        note="oom",
        wait_s=60.0,
    ),
    _failing("ext4 on errors", "mkfs.ext4 -q -F", "EXT4-fs error"),
    _failing("ext4 errors, read-only", "mkfs.ext4 -q -F", "EXT4-fs error", "-o errors=remount-ro"),
    _failing("xfs on errors", "mkfs.xfs -q -f", "Please unmount the filesystem"),
    _failing("btrfs on errors", "mkfs.btrfs -q -f", "BTRFS error"),
    Kind(
        "ext4 errors, panic",
        _FAIL_SECTORS.format(mkfs="mkfs.ext4 -q -F", options="-o errors=panic"),
        "Kernel panic - not syncing: EXT4-fs",
        "^kernel panic: EXT4-fs|^EXT4-fs error",
        wait_s=30.0,
        disk=True,
    ),
)
