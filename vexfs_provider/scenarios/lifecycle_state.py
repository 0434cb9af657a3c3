"""Events in which the state of a running guest is saved, brought back, or moved."""

from vexfs_provider.guest import internal_snapshot
from vexfs_provider.guest.move import move
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import Load

TAG = "vexfs"
MARK = "made_after_the_snapshot"
TIMEOUT_S = 60.0


def snapshot(bench: Bench, load: Load) -> None:
    """Memory and disk are saved while the guest runs; later it goes back there, and on."""
    mark = f"{bench.mountpoint}/{MARK}"
    before = load.acknowledged()
    internal_snapshot.save(bench.guest, TAG)
    load.wait_for_progress("was saved")
    bench.guest.put(mark, b"gone when the guest goes back")
    bench.guest.run(["sync", "-f", mark], timeout_s=TIMEOUT_S)
    internal_snapshot.load(bench.guest, TAG)
    load.keep(before)
    load.wait_for_progress("was taken back to a snapshot")
    if bench.guest.run(["test", "-e", mark], timeout_s=TIMEOUT_S).ok:
        bench.fail(
            "a file made after the snapshot is there when the guest has gone back",
            kind="snapshot",
            operation=f"save, make {MARK}, load",
            expected="no such file",
            actual="it is there",
        )


def migration(bench: Bench, load: Load) -> None:
    """The guest moves to a second QEMU, which takes the disk over; see ``guest.migration``."""
    with bench.transition():
        move(bench.guest)
    load.wait_for_progress("was moved to another machine")
