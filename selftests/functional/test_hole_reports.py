"""What the profiles expect of reports of holes is so: seen on a disk that is slow to write."""

import pytest

from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.scenarios.bench import Bench

NAME, DELAY_MS = "slow", 300
HOLES = 16384
TIMEOUT_S = 30.0
COMMANDS = (
    *("truncate 8192", f"truncate {HOLES}", f"pwrite -q {HOLES} 4096"),
    *("seek -d 0", f"sync_range -w {HOLES} 4096", "seek -d 0", "fsync", "seek -d 0"),
)


def sh(bench: Bench, script: str, *words: str) -> str:
    done = bench.guest.run(["sh", "-c", script, *words], timeout_s=TIMEOUT_S)
    assert done.ok, done.text
    return done.text


def data_behind_two_holes(bench: Bench) -> list[str]:
    """Where data begin that lie behind two holes: unwritten, being written back and written."""
    bench.filesystem.make(bench.device)
    sh(
        bench,
        f"""dmsetup create {NAME} --table "0 $(blockdev --getsz "$0") delay $0 0 0 $0 0 {DELAY_MS}"
        """,
        bench.device,
    )
    bench.filesystem.mount(f"/dev/mapper/{NAME}", bench.mountpoint)
    words = [word for command in COMMANDS for word in ("-c", command)]
    told = sh(bench, 'xfs_io -f "$@"', "sh", *words, f"{bench.mountpoint}/f")
    bench.filesystem.unmount(bench.mountpoint)
    sh(bench, f"dmsetup remove --retry {NAME}")
    return [line.split()[-1] for line in told.splitlines() if line.startswith("DATA")]


@pytest.mark.parametrize(
    ("filesystem", "kernel", "being_written"),
    [("btrfs", "6.1", "EOF"), ("btrfs", "6.12", str(HOLES)), ("ext4", "6.1", str(HOLES))],
)
def test_data_behind_two_holes(perform, filesystem, kernel, being_written):
    seen: list[str] = []

    def look(bench: Bench) -> None:
        seen.extend(data_behind_two_holes(bench))

    record = perform(look, filesystem, guest_kernel=kernel).record
    assert record.status == "PASS", record.reason
    assert seen == [str(HOLES), being_written, str(HOLES)]
    if being_written == "EOF":
        assert "busy_hole_reports" in get_profile(filesystem).expected_differences
