"""Scenarios about mounting."""

from typing import Annotated

from vexfs_provider.params import Range
from vexfs_provider.scenarios.bench import Bench

FILES_A_CYCLE = 4
FILE_BYTES = 3 * 4096 + 123  # a tail that ends within a block
CALL_TIMEOUT_S = 120.0


def cycle(bench: Bench, *, mount_cycles: Annotated[int, Range(1, 100_000)] = 10) -> None:
    """Mount and unmount ``mount_cycles`` times; what a cycle writes survives all later ones.

    Each cycle first reads back and compares the files of the latest earlier cycles, the last one
    those of all. A filesystem without persistent content is compared within its own cycle.

    Metrics: mount_time_ms, unmount_time_ms (milliseconds, one sample a cycle).
    """
    bench.guest.load_code("content")
    bench.make()
    mounts, unmounts = [], []
    for number in range(mount_cycles):
        mounts.append(bench.mount() * 1000)
        if bench.profile.can("persistent"):
            last = number == mount_cycles - 1
            _compare(bench, range(0 if last else max(0, number - 2), number), "after a remount")
        _write(bench, number)
        _compare(bench, range(number, number + 1), "right after it was written")
        unmounts.append(bench.unmount() * 1000)
    bench.record.add_metric("mount_time_ms", "ms", "lower", mounts)
    bench.record.add_metric("unmount_time_ms", "ms", "lower", unmounts)


def _seeds(cycles: range) -> list[int]:
    return [number for c in cycles for number in range(c * FILES_A_CYCLE, (c + 1) * FILES_A_CYCLE)]


def _write(bench: Bench, number: int) -> None:
    with bench.step("write in cycle", number):
        seeds = _seeds(range(number, number + 1))
        arguments = {"folder": bench.mountpoint, "seeds": seeds, "size": FILE_BYTES}
        bench.guest.call("content", "write_files", CALL_TIMEOUT_S, **arguments)


def _compare(bench: Bench, cycles: range, when: str) -> None:
    with bench.step("compare cycles", f"{cycles.start}..{cycles.stop - 1}"):
        seeds = _seeds(cycles)
        arguments = {"folder": bench.mountpoint, "seeds": seeds, "size": FILE_BYTES}
        wrong = bench.guest.call("content", "compare_files", CALL_TIMEOUT_S, **arguments)
        if wrong:
            bench.fail(
                f"data mismatch {when}",
                kind="data-mismatch",
                operation=f"read {len(seeds)} files {when}",
                expected="the bytes that were written and fsynced",
                actual="; ".join(wrong[:20]),
            )
