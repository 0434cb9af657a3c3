"""How long requests of block devices take, from the driver to its answer: a histogram of each."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vexfs_provider.guest.guest import Guest
from vexfs_provider.instrumentation.instrument import (
    Artefact,
    Instrument,
    Subject,
    with_json,
    with_limits,
)
from vexfs_provider.instrumentation.perf_records import Sample
from vexfs_provider.instrumentation.recorder import Event, Recorder

FILE = "block_latency.txt"
ISSUED, COMPLETED = "block/block_rq_issue", "block/block_rq_complete"
BAR = 40  # characters
_MINOR_BITS = 20  # of the kernel's own device numbers (linux/kdev_t.h)
_DIRECTIONS = {"R": "read", "W": "write", "D": "discard", "E": "secure erase", "N": "other"}

Latencies = Mapping[tuple[int, str], Sequence[int]]
"""Nanoseconds of each request, by device and direction."""


class BlockLatency(Instrument):
    """Requests from issue to completion; what waits before it is issued is not in it."""

    def __init__(self, subject: Subject):
        super().__init__(subject)
        names = (ISSUED, COMPLETED)
        self._recorder = Recorder("block_latency", [Event(one, tracepoint=one) for one in names])

    def start(self, guest: Guest) -> None:
        self._recorder.start(guest)

    def stop(self, guest: Guest) -> Artefact:
        recording = self._recorder.stop(guest)
        found = latencies(recording.samples)
        lines = guest.get("/proc/partitions").decode().splitlines()[2:]
        names = {(int(w[0]), int(w[1])): w[3] for w in map(str.split, lines)}
        limits = list(recording.limits)
        if not found:
            limits.append("no request of a block device was seen")
        summaries = [
            {"device": _name(device, names), "direction": direction, **summary(times)}
            for (device, direction), times in sorted(found.items())
        ]
        text = "\n".join(in_words(one) for one in summaries)
        document = with_json(text, {"requests": summaries, "limits": limits})
        return Artefact({FILE: with_limits(tuple(limits), document)}, tuple(limits))


def latencies(samples: Iterable[Sample]) -> Latencies:
    """The time of each request that was both issued and completed.

    One that is issued again (requeued) counts from the last time on.
    """
    issued: dict[tuple[object, ...], tuple[int, str]] = {}
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for sample in samples:
        fields = sample.fields
        device, way = int(fields["dev"]), direction(str(fields["rwbs"]))
        key = (device, fields["sector"], way)
        if sample.event == ISSUED:
            issued[key] = sample.time_ns, way
        elif key in issued:
            start_ns, way = issued.pop(key)
            found[device, way].append(sample.time_ns - start_ns)
    return found


def direction(rwbs: str) -> str:
    """From the kernel's letters (kernel/trace/blktrace.c, blk_fill_rwbs).

    F in front of another letter is a flush that goes before it, or a flush by itself.
    """
    if rwbs.startswith("F") and rwbs[1:2] not in ("R", "W", "D"):
        return "flush"
    return _DIRECTIONS.get(rwbs.removeprefix("F")[:1], "other")


def summary(times_ns: Sequence[int]) -> dict[str, Any]:
    """Count, median, 99th percentile and most in microseconds; the histogram by powers of two."""
    times = sorted(max(one, 0) / 1000 for one in times_ns)
    buckets: dict[int, int] = {}
    for one in times:
        low = 1 << (int(one).bit_length() - 1) if one >= 1 else 0
        buckets[low] = buckets.get(low, 0) + 1
    return {
        "count": len(times),
        "median_us": round(statistics.median(times), 1),
        "p99_us": round(times[min(len(times) - 1, len(times) * 99 // 100)], 1),
        "most_us": round(times[-1], 1),
        "histogram_us": {str(low): count for low, count in sorted(buckets.items())},
    }


def in_words(one: Mapping[str, Any]) -> str:
    """The histogram of one device and direction for people."""
    head = (
        f"{one['device']} {one['direction']}: {one['count']} requests, "
        f"median {one['median_us']} us, 99 % {one['p99_us']} us, most {one['most_us']} us"
    )
    most = max(one["histogram_us"].values())
    rows = [head]
    for low, count in one["histogram_us"].items():
        bar = "@" * max(1, BAR * count // most)
        rows.append(f"{low:>10} .. {max(1, 2 * int(low)):<10} us {count:>8} |{bar:<{BAR}}|")
    return "\n".join([*rows, ""])


def _name(device: int, names: Mapping[tuple[int, int], str]) -> str:
    major, minor = device >> _MINOR_BITS, device & ((1 << _MINOR_BITS) - 1)
    return names.get((major, minor), f"{major}:{minor}")
