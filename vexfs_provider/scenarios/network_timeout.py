"""A disk on the network is silent for a while, or gone: nothing is lost, nobody is lied to."""

import time
from functools import partial
from typing import Annotated

from vexfs_provider.errors import NotApplicable
from vexfs_provider.faults.network_disk import NetworkDisk, Outage, network_disk
from vexfs_provider.params import Range
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.disk_io_error import fail_once
from vexfs_provider.scenarios.load import Load

SETTLE_S = 1.0  # what the disk had answered before may still be acknowledged
SILENCE_S = 2.0


def run(bench: Bench, *, faults: Annotated[int, Range(1, 1000)] = 3) -> None:
    """The disk is served by NBD. ``faults`` times each, under load: the server falls silent and
    goes on; the server is gone for longer than QEMU waits for it, and comes back.

    Invariant: while it is silent no fsync succeeds, and none fails; afterwards all go on. When it
    is gone, that of ``disk_io_error``. In both cases all that fsync had acknowledged is there.

    Metrics: fault_injection_recovery_time_ms (silence: until each writer goes on; outage: from the
    disk's first answer to the first write that is fsynced).
    """
    if not bench.device:
        raise NotApplicable(f"{bench.profile.name} has no disk that could be on a network")
    recoveries = []
    bench.make()
    with network_disk(bench.guest) as disk:
        for way, fail in (
            ("silence", partial(_fall_silent, bench, disk)),
            ("outage", partial(fail_once, bench, Outage(disk))),
        ):
            with bench.step(way):
                recoveries += [fail(f"{way}_{number}") for number in range(faults)]
    bench.record.add_metric("fault_injection_recovery_time_ms", "ms", "lower", recoveries)


def _fall_silent(bench: Bench, disk: NetworkDisk, name: str) -> float:
    """One silence under a load of its own; the milliseconds until all writers went on."""
    bench.mount()
    load = Load(bench, name)
    load.start()
    disk.stop_answering()
    bench.events.add("fault", fault=name)
    time.sleep(SETTLE_S)
    before = load.acknowledged()
    time.sleep(SILENCE_S)
    after = load.acknowledged()
    disk.answer()
    bench.events.add("fault ended", fault=name)
    start = time.monotonic()
    load.wait_for_progress("had a disk that did not answer")
    milliseconds = (time.monotonic() - start) * 1000
    if after != before:
        bench.fail(
            "fsync succeeds while the disk does not answer",
            kind="lost-error",
            operation="write and fsync",
            expected=f"none is acknowledged within {SILENCE_S:g} s",
            actual=f"acknowledged: {before} before, {after} after",
        )
    load.stop()
    load.verify("after the disk did not answer")
    bench.finish()
    return milliseconds
