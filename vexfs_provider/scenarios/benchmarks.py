"""How fast a filesystem is, beside a reference filesystem in the same guest."""

from typing import Annotated

from vexfs_provider.monitoring.noise import describe_host
from vexfs_provider.params import Names, Range
from vexfs_provider.scenarios.attempt import attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.race import Race

MOST_LOST_GUESTS = 3


def run(
    bench: Bench,
    *,
    reference: Annotated[tuple[str, ...], Names()] = ("ext4",),
    rounds: Annotated[int, Range(5, 1000)] = 5,
) -> None:
    """Run the same loads on the filesystem and on its reference in turn, ``rounds`` times.

    Each metric has one sample a round, of both, and the ratio of the two; a round before them warms
    both up and is not counted. What a load reads it compares with what it has written. ``race`` has
    the loads. Samples are marked during which the host was busy otherwise; how it was
    before is in the record's configuration.

    Metrics: mount_time_ms, unmount_time_ms, basic_io_throughput_mbps, metadata_operations_per_sec,
    concurrent_io_throughput_mbps, large_file_performance_mbps, small_file_performance_ops_per_sec,
    memory_usage_peak_mb, cpu_utilization_percent.
    """
    bench.record.configuration["host"] = describe_host(bench.guest.machine.pid)
    if reference[1:]:
        bench.unsupported(f"benchmarks: measured beside {reference[0]} only")
    race = Race(bench, reference[0])
    ready, lost = False, 0
    while race.rounds <= rounds and lost < MOST_LOST_GUESTS:
        ready = attempt(bench, race.round if ready else race.set_up) is not None
        lost += not ready
    if lost:
        bench.unsupported(f"benchmarks: {race.rounds} of {rounds + 1} rounds, guests lost: {lost}")
    race.report()
