"""How many operations of random lists a guest runs in a second."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.rows import RUNS, Row, in_turn
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.launch import GuestSpec, start_guest
from vexfs_provider.guest.shape import Disk
from vexfs_provider.isolation.runs import running
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.fields import OpenFlags, Sync
from vexfs_provider.ops.generate import random_list
from vexfs_provider.ops.operations import MapStore, OpenFile, Operation
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

FILESYSTEM = "ext4"
LISTS = 40
OPERATIONS_A_LIST = 500
MOUNTPOINT = "/mnt/test"
DISK = Disk("test")


def measure(progress: Progress) -> list[Row]:
    """The row of this group; a snapshot that is missing is made first."""
    spec = GuestSpec(start="warm", disks=(DISK,))
    with running() as run, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        guest, _ = start_guest(spec, run, place, name="ops", store=Store(), progress=progress)
        with guest, progress.task(f"operations on {FILESYSTEM}, {RUNS} runs"):
            rate = _median_rate(guest)
    return [Row("ops_per_s", rate, "1/s", at_least=5000)]


def _median_rate(guest: Guest) -> float:
    profile = get_profile(FILESYSTEM)
    filesystem = Filesystem(profile, guest, size_mib=DISK.size_mib)
    lists = [_list(seed, profile.capabilities) for seed in range(LISTS)]
    [rate] = in_turn(lambda: _rate(guest, filesystem, lists))
    return rate


def _list(seed: int, capabilities: frozenset[str]) -> OpList:
    """A random list of the default mix, without what syncs as a part of another operation."""
    one = random_list(seed, OPERATIONS_A_LIST, capabilities, name=f"random{seed}")
    return replace(one, operations=tuple(map(_unsynced, one.operations)))


def _unsynced(operation: Operation) -> Operation:
    if isinstance(operation, MapStore):
        return replace(operation, sync=Sync.NONE)
    if isinstance(operation, OpenFile):
        return replace(operation, flags=operation.flags & ~OpenFlags.SYNC)
    return operation


def _rate(guest: Guest, filesystem: Filesystem, lists: list[OpList]) -> float:
    """Operations a second on a fresh filesystem, from the lists to their outcomes and trees."""
    device = guest.disk_path(DISK.name)
    filesystem.make(device)
    filesystem.mount(device, MOUNTPOINT)
    executor = Executor(guest, MOUNTPOINT, _no_remount)
    started = time.monotonic()
    executor.run(lists)
    seconds = time.monotonic() - started
    filesystem.unmount(MOUNTPOINT)
    return LISTS * OPERATIONS_A_LIST / seconds


def _no_remount() -> None:
    raise AssertionError("the default mix has no remount")
