"""Differential testing: the same operations on a reference filesystem tell what is right."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Annotated

from vexfs_provider.deadline import Deadline
from vexfs_provider.ops.divergence import Divergence
from vexfs_provider.ops.fields import Sync
from vexfs_provider.ops.generate import (
    WITH_ENVIRONMENT,
    core_operations,
    exhaustive,
    exhaustive_count,
    exhaustive_sample,
    random_list,
)
from vexfs_provider.ops.operations import MapStore, Operation, SwitchUser
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.reach import within
from vexfs_provider.ops.text import load
from vexfs_provider.params import Names, Range
from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.hunt import Hunt

PAIRS_A_ROUND = 100
RANDOM_A_ROUND = 5
RANDOM_LENGTH = 300
SEEDS_OF_A_RUN = 1_000_000  # so far are the seeds of random lists apart whose runs' differ by 1
MAX_SEED = (1 << 31) - 1
ONE_USER = "one_user"  # the expected difference for which lists must not switch users
LATE_TIMES = "mapped_times"  # the one for which they must sync what they store to a mapping


def short(bench: Bench, *, reference: Annotated[tuple[str, ...], Names()] = ("ext4",)) -> None:
    """Every list of one core operation, and one fixed list of all kinds of operations.

    Metrics: differential_lists, differential_operations (what was run), operations_per_sec (of the
    filesystem under test, one sample a group of lists, with the remount behind them).
    """
    hunt = Hunt(bench, reference)
    capabilities = hunt.comparison.find_capabilities()
    users = ONE_USER not in hunt.comparison.differences
    everything = load(data_dir("deps") / "ops" / "level1.ops").operations
    switches = () if users else (SwitchUser,)
    fixed = [o for o in everything if within(o, capabilities) and not isinstance(o, switches)]
    lists = [*exhaustive(1, capabilities), OpList("fixed", tuple(fixed))]
    usable = [synced(one, hunt.comparison.differences) for one in lists if _usable(one, users)]
    _note_left_out(bench, len(core_operations()) - len(usable) + 1, "lists of one core operation")
    _note_left_out(bench, len(everything) - len(fixed), "operations of level1.ops")
    hunt.round(usable)
    hunt.report()


def long(
    bench: Bench,
    *,
    reference: Annotated[tuple[str, ...], Names()] = ("ext4",),
    minutes: Annotated[int, Range(1, 1440)] = 5,
    seed: Annotated[int, Range(0, MAX_SEED)] = 1,
) -> None:
    """Lists of two core operations, a sample, and random ones, for so many minutes.

    What is run follows from ``seed``; how far it gets, from the time. Metrics as in ``short``.
    """
    hunt = Hunt(bench, reference)
    capabilities = hunt.comparison.find_capabilities()
    users = ONE_USER not in hunt.comparison.differences
    total = exhaustive_count(2, capabilities)
    _note_left_out(bench, exhaustive_count(2) - total, "lists of two core operations")
    pairs = exhaustive_sample(2, capabilities, total, seed)
    limit = Deadline(minutes * 60.0, "the differential run")
    rounds = 0
    while not limit.expired and hunt.goes_on:
        start = seed * SEEDS_OF_A_RUN + rounds * RANDOM_A_ROUND
        seeds = range(start, start + RANDOM_A_ROUND)
        lists = [*islice(pairs, PAIRS_A_ROUND), *_random(seeds, capabilities, users)]
        hunt.round(
            [synced(one, hunt.comparison.differences) for one in lists if _usable(one, users)]
        )
        rounds += 1
        bench.record.configuration["differential"] = {
            "seed": seed,
            "lists_of_two": f"{min(rounds * PAIRS_A_ROUND, total)} of {total}",
            "random_lists": f"seeds {seed * SEEDS_OF_A_RUN} to {seeds[-1]}",
        }
    hunt.report()


def _random(seeds: range, capabilities: frozenset[str], users: bool) -> Iterator[OpList]:
    mix = WITH_ENVIRONMENT if users else {**WITH_ENVIRONMENT, SwitchUser.keyword: 0}
    for seed in seeds:
        yield random_list(seed, RANDOM_LENGTH, capabilities, name=f"random-{seed}", mix=mix)


def _usable(one: OpList, users: bool) -> bool:
    return users or not any(isinstance(each, SwitchUser) for each in one.operations)


def synced(one: OpList, differences: Collection[str]) -> OpList:
    """The list; its stores to mappings synced at once, where that is when times are set."""
    if LATE_TIMES not in differences:
        return one
    operations = (
        replace(each, sync=Sync.SYNC) if isinstance(each, MapStore) else each
        for each in one.operations
    )
    return replace(one, operations=tuple(operations))


def _note_left_out(bench: Bench, number: int, what: str) -> None:
    if number:
        bench.unsupported(f"differential: {number} {what} need capabilities that are absent")


@dataclass
class Replay:
    """A scenario that runs one list; ``divergences`` is what it has found."""

    operations: tuple[Operation, ...]
    references: tuple[str, ...]
    divergences: list[Divergence] = field(default_factory=list)

    def __call__(self, bench: Bench) -> None:
        hunt = Hunt(bench, self.references)
        hunt.round([OpList("replay", self.operations)])
        self.divergences = hunt.divergences
