"""The clean control: mount_cycle passes on every filesystem that Debian's kernels have."""

import pytest

from vexfs_provider.scenarios import mount

CYCLES = 2


@pytest.mark.parametrize(
    ("filesystem", "kernel"),
    [
        ("ext4", "6.1"),
        ("xfs", "6.1"),
        ("btrfs", "6.1"),
        ("tmpfs", "6.1"),
        ("fuse", "6.1"),
        ("f2fs", "6.1-generic"),
        ("ext4", "6.12"),
    ],
)
def test_it_passes(perform, filesystem, kernel):
    outcome = perform(mount.cycle, filesystem, guest_kernel=kernel, mount_cycles=str(CYCLES))
    record = outcome.record
    assert (record.status, record.reason, record.findings) == ("PASS", "", [])
    for name in ("mount_time_ms", "unmount_time_ms"):
        metric = record.metrics[name]
        assert len(metric.samples) == CYCLES
        assert 0 < metric.value < 60_000
    assert record.configuration["kernel_release"].startswith(f"{kernel.partition('-')[0]}.")
    assert record.guests[0]["end"] == "running"


def test_a_filesystem_that_the_kernel_lacks_is_cancelled(perform):
    record = perform(mount.cycle, "f2fs", guest_kernel="6.1").record
    assert record.status == "CANCEL"
    assert "6.1 lacks CONFIG_F2FS_FS" in record.reason
