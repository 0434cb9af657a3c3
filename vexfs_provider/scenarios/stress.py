"""Everything at once, for a long time: stressors of stress-ng beside lists of operations."""

from collections.abc import Callable
from typing import Annotated

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import UsageError
from vexfs_provider.ops.generate import random_list
from vexfs_provider.ops.mix import DEFAULT_MIX
from vexfs_provider.ops.operations import SwitchUser
from vexfs_provider.ops.side_by_side import SideBySide
from vexfs_provider.params import Names, Range
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.comparison import Comparison
from vexfs_provider.scenarios.differential import MAX_SEED, ONE_USER, SEEDS_OF_A_RUN, synced
from vexfs_provider.scenarios.hunt import Hunt
from vexfs_provider.scenarios.stress_ng import StressNg

MINUTE_S = 60.0
MARGIN_S = 120.0  # for what comes before, the last round, and the closing checks
PROCESSES = 4
LISTS_A_PROCESS = 4
LENGTH = 300
MIX = {**DEFAULT_MIX, "fsync": 2, "fdatasync": 1, "drop_caches": 1}


def run(
    bench: Bench,
    *,
    reference: Annotated[tuple[str, ...], Names()] = ("ext4",),
    soak_minutes: Annotated[int, Range(1, 10_080)] = 3,
    seed: Annotated[int, Range(0, MAX_SEED)] = 1,
) -> None:
    """``PROCESSES`` processes run random lists of operations, each in folders of its own, and each
    gives what the lists give on a reference filesystem when they run alone; beside them stress-ng
    works on the same filesystem, on memory and on the processors, and verifies what it can.

    In rounds, for ``soak_minutes``: the round that is under way then is the last. After each the
    filesystem is mounted anew and the lists' folders looked at once more. Times are not compared.
    The lists follow from ``seed``; how far it gets, from the time.

    Metrics: stress_test_duration_minutes (lists and stressors at the same time; one sample), and
    those of ``differential``.
    """
    _check_time(bench, soak_minutes * MINUTE_S)
    stress = StressNg(bench, seed)
    hunt = Hunt(bench, reference, _comparison(bench, reference, stress))
    comparison = hunt.comparison
    capabilities = comparison.find_capabilities()
    users = ONE_USER not in comparison.differences
    mix = MIX if users else {**MIX, SwitchUser.keyword: 0}
    limit = Deadline(soak_minutes * MINUTE_S, "the soak")
    first = seed * SEEDS_OF_A_RUN
    while not limit.expired and hunt.goes_on:
        seeds = range(first, first + PROCESSES * LISTS_A_PROCESS)
        lists = [random_list(n, LENGTH, capabilities, name=f"stress-{n}", mix=mix) for n in seeds]
        hunt.round([synced(one, comparison.differences) for one in lists])
        first = seeds.stop
    bench.record.configuration["stress"] = {
        "seed": seed,
        "lists": f"seeds {seed * SEEDS_OF_A_RUN} to {first - 1}",
        "processes": PROCESSES,
        "stressors": stress.names,
    }
    minutes = stress.seconds / 60
    bench.record.add_metric("stress_test_duration_minutes", "min", "higher", [minutes])
    hunt.report()


def _check_time(bench: Bench, soak_s: float) -> None:
    limit = bench.guest.limit
    if limit is not None and soak_s + MARGIN_S > limit.remaining_s:
        raise UsageError(
            f"parameter soak_minutes = '{soak_s / MINUTE_S:g}'; scenario_timeout = "
            f"'{limit.seconds:g}' must be {MARGIN_S:g} s more than the soak"
        )


def _comparison(bench: Bench, reference: tuple[str, ...], stress: StressNg) -> Comparison:
    def executor(remount: Callable[[], None]) -> SideBySide:
        place = bench.guest, bench.mountpoint
        return SideBySide(*place, remount, processes=PROCESSES, beside=stress.running)

    return Comparison(bench, reference, executor=executor, busy=True)
