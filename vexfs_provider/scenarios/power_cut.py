"""The power is cut under load, again and again: what was fsynced is there afterwards."""

import random
import time
from functools import partial
from typing import Annotated

from vexfs_provider.detection import Verdict, verdict
from vexfs_provider.errors import NotApplicable
from vexfs_provider.faults.flaky_disk import FlakyDisk
from vexfs_provider.guest import power
from vexfs_provider.guest.disk_cache import DiskCache
from vexfs_provider.params import Range, Switch
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import WRITERS, Load

CALL_TIMEOUT_S = 60.0
CHURN_BYTES = 64 << 10
LOAD_S = (0.1, 1.5)  # the load goes on for so long, by chance, until the power is cut
LYING_S = 1.0  # of these at least, the disk lies
WHEN = "after a power cut"


def run(
    bench: Bench,
    *,
    power_cuts: Annotated[int, Range(1, 10_000)] = 15,
    seed: Annotated[int, Range(0, (1 << 31) - 1)] = 1,
    lying_disk: Annotated[bool, Switch()] = False,
) -> None:
    """QEMU is killed while processes write and fsync, and others write and do not; a fresh guest
    gets the same disk, mounts it, compares what fsync had acknowledged, and checks it. So
    ``power_cuts`` times on the same filesystem, or until something is wrong. When it is killed
    follows from ``seed``, as well as a host's clock allows.

    Lost is what the guest has in its memory, what is on its way to the disk, and most of what the
    disk has acknowledged and was not told to flush: its cache loses blocks that are new since the
    last cut, and keeps those that it had before (``guest/disk_cache.py``). So a filesystem that
    forgets to flush is found out too. Not lost is what was flushed, in any cache mode: the host has
    its power still. No block of 4096 bytes is torn.

    With ``lying_disk`` the disk acknowledges all writes and flushes, and drops them, from a second
    before the power is cut on: the test must fail.

    Metrics: power_cut_recovery_time_ms (the mount after each cut, with the journal's recovery).
    """
    if not bench.device or not bench.profile.can("persistent"):
        raise NotApplicable(f"{bench.profile.name} keeps nothing on a disk when the power is cut")
    bench.make()
    chance = random.Random(seed)
    recoveries = []
    for number in range(power_cuts):
        with bench.step("before power cut", number):
            cache = DiskCache(bench.guest, next(iter(bench.guest.disks)))
            load = _start_load(bench, number, chance, lying=lying_disk)
        with bench.step("power cut", number):
            bench.restart(partial(_pull_the_plug, bench, load, cache))
        with bench.step("after power cut", number):
            recoveries.append(bench.mount() * 1000)
            load.verify_durable(WHEN)
            _remove(bench, number)
            bench.finish()
        if verdict(bench.record.findings) is Verdict.FAIL:
            break
    bench.record.add_metric("power_cut_recovery_time_ms", "ms", "lower", recoveries)


def _start_load(bench: Bench, number: int, chance: random.Random, *, lying: bool) -> Load:
    """Mount the filesystem, and let the load run for a while; it runs on."""
    disk = FlakyDisk(bench.guest, bench.device, "drop_writes") if lying else None
    if disk:
        bench.device = disk.device  # in this guest: the next one has the disk itself
    bench.mount()
    load = Load(bench, f"cut_{number}")
    load.start()
    bench.guest.load_code("churn")
    arguments: dict[str, object] = {"folder": _churn(bench, number), "number": WRITERS}
    arguments["seed"] = chance.randrange(1 << 31)
    arguments["most_bytes"] = bench.file_bytes(CHURN_BYTES)
    bench.guest.call("churn", "start", CALL_TIMEOUT_S, **arguments)
    time.sleep(chance.uniform(*LOAD_S))
    if disk:
        disk.inject()
        time.sleep(LYING_S)
    return load


def _churn(bench: Bench, number: int) -> str:
    return f"{bench.mountpoint}/churn_{number}"


def _pull_the_plug(bench: Bench, load: Load, cache: DiskCache) -> None:
    power.cut(bench.guest)
    cache.settle()
    load.report_failures()
    load.remember()
    load.lost()


def _remove(bench: Bench, number: int) -> None:
    """What is there after the recovery can be removed: so many cuts fill no disk."""
    remove = ["rm", "-rf", f"{bench.mountpoint}/cut_{number}", _churn(bench, number)]
    removed = bench.guest.run(remove, timeout_s=CALL_TIMEOUT_S)
    if not removed.ok:
        bench.fail(
            f"files cannot be removed {WHEN}",
            kind="call-failed",
            operation=" ".join(remove),
            expected="success",
            actual=removed.text,
        )
