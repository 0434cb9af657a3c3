"""How far the samples of level 2's benchmarks lie apart: less than that is no change."""

import statistics
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.job import run_job_for_records
from benchmarks.rows import Row
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.progress import Progress

TEST = "vexfs.level2.benchmarks.on_ext4"


def measure(progress: Progress) -> list[Row]:
    """The rows of this group, from one run: the median over all metrics that have a reference.

    A spread is the distance of the quartiles in percent of the median, of the samples themselves
    and of their ratios to the reference's.
    """
    with progress.task(f"{TEST}, once"):
        seconds, [record] = run_job_for_records(TEST)
    metrics = [one for one in record["metrics"].values() if "reference" in one]
    noisy = max((len(one.get("noise", ())) for one in metrics), default=0)
    if noisy:
        progress.say(f"spread: in {noisy} rounds the host was busy otherwise")
    return [
        Row("benchmark_spread_percent", _median(metrics), "%"),
        Row("benchmark_ratio_spread_percent", _median(_references(metrics)), "%"),
        Row("benchmarks_ext4_s", seconds, "s", at_most=150),
    ]


def _references(metrics: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [{"spread_percent": one["reference"]["ratio_spread_percent"]} for one in metrics]


def _median(metrics: Iterable[Mapping[str, Any]]) -> float:
    spreads = [one["spread_percent"] for one in metrics if one.get("spread_percent") is not None]
    if not spreads:
        raise InfrastructureError(f"{TEST} has no metric with a spread")
    return statistics.median(spreads)
