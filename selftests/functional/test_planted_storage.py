"""Storage that lies, stands still or rots under a filesystem: each is found and named."""

from vexfs_provider.filesystems.filesystem import Filesystem, Timeouts
from vexfs_provider.scenarios import mount

MOUNT_TIMEOUT_S = 3.0
TIMEOUT_S = 30.0
CYCLES = 3


def device_mapper(bench, script):
    """Run dmsetup commands; ``$disk`` is the test disk and ``$sectors`` its size."""
    head = f"set -e; disk={bench.device}; sectors=$(blockdev --getsz $disk); "
    result = bench.guest.run(["sh", "-c", head + script], timeout_s=TIMEOUT_S)
    assert result.ok, result.text


def forgetting_disk(bench):
    """mount_cycle on a disk that acknowledges every write and drops it.

    The filesystem is made before the disk starts to forget. What the scenario makes anew is
    dropped too, so it mounts the first one, which looks all right until the first remount.
    """
    bench.make()
    device_mapper(
        bench,
        'dmsetup create forgetting --table "0 $sectors flakey $disk 0 0 3600 1 drop_writes"',
    )
    bench.device = "/dev/mapper/forgetting"
    mount.cycle(bench, mount_cycles=CYCLES)


def test_dropped_writes_are_a_data_mismatch(perform):
    outcome = perform(forgetting_disk)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding("data-mismatch")
    assert finding.title == "data mismatch after a remount"
    assert "f0: No such file or directory" in finding.evidence[0].text
    assert "compare cycles 0..0" in finding.evidence[0].text


def mount_that_hangs(bench):
    bench.make()
    device_mapper(
        bench,
        # Without the flag the mount would be refused (the device is frozen), not wait.
        'dmsetup create frozen --table "0 $sectors linear $disk 0";'
        " dmsetup suspend --nolockfs frozen",
    )
    bench.device = "/dev/mapper/frozen"
    impatient = Timeouts(mount_s=MOUNT_TIMEOUT_S)
    bench.filesystem = Filesystem(bench.filesystem.profile, bench.guest, timeouts=impatient)
    bench.mount()


def test_a_mount_that_hangs_is_a_finding_with_the_stacks(perform):
    outcome = perform(mount_that_hangs)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding("hang")
    assert finding.title == f"hang: mount in {finding.frame}"
    told, console = finding.evidence
    assert told.source == "scenario"
    assert "step: mount" in told.text
    assert f"did not end within {MOUNT_TIMEOUT_S:g} s" in told.text
    assert f"{finding.frame}+0x" in told.text and "ext4_fill_super" in told.text
    assert console.source == "console.log"
    for asked in ("sysrq: Show Blocked State", "sysrq: Show State"):
        assert asked in outcome.console
    assert outcome.record.guests[0]["end"] == "running"
    assert outcome.record.duration_s < TIMEOUT_S


def rotten_image(bench):
    """Wipe what lies behind the superblock of the unmounted filesystem; its check comes last."""
    bench.make()
    bench.mount()
    bench.unmount()
    device_mapper(bench, "dd if=/dev/zero of=$disk bs=4096 seek=1 count=64 conv=fsync status=none")


def test_damage_that_the_filesystems_own_check_finds_fails(perform):
    outcome = perform(rotten_image)
    assert outcome.record.status == "FAIL"
    finding = outcome.only_finding("fs-check")
    assert finding.title == "ext4: its own check finds damage"
    assert "actual: " in finding.evidence[0].text


def never_made(bench):
    bench.mount()


def test_a_mount_that_the_kernel_refuses_names_the_command(perform):
    outcome = perform(never_made)
    assert outcome.record.status == "FAIL"
    [finding] = [f for f in outcome.record.findings if f.kind == "mount-failed"]
    assert finding.title == "ext4: mount failed"
    assert "mount -t ext4 /dev/" in finding.evidence[0].text
    assert "wrong fs type, bad option, bad superblock" in finding.evidence[0].text
