"""What the guests of a test have used, as metrics, from the monitor's sums."""

from collections.abc import Mapping
from typing import Any

from vexfs_provider.record import Record

FIRST_LEVEL = 2  # whose metrics have them: guests of level 1 are gone within a few samples
MB_A_MIB = 1.048576


def add_usage(record: Record) -> None:
    """Add ``memory_usage_peak_mb`` and ``cpu_utilization_percent``, one sample a summary.

    Of the guest's own memory and of all its processors, each time that it was watched. A scenario
    that has measured them itself knows better.
    """
    if record.level < FIRST_LEVEL:
        return
    memory = [value * MB_A_MIB for value in _values(record.monitoring, "memory_used_mib", "peak")]
    processors = _values(record.monitoring, "cpu_percent", "mean")
    if memory and "memory_usage_peak_mb" not in record.metrics:
        record.add_metric("memory_usage_peak_mb", "MB", "lower", memory)
    if processors and "cpu_utilization_percent" not in record.metrics:
        record.add_metric("cpu_utilization_percent", "%", "lower", processors)


def _values(summaries: list[dict[str, Any]], quantity: str, which: str) -> list[float]:
    found: list[Mapping[str, float]] = [
        one["quantities"][quantity] for one in summaries if quantity in one["quantities"]
    ]
    return [one[which] for one in found]
