"""One benchmark: rounds of the same loads on two filesystems, and what they have given."""

import time
from collections.abc import Mapping
from typing import Any

import psutil

from vexfs_provider.errors import InfrastructureError
from vexfs_provider.monitoring.host import read_counters
from vexfs_provider.monitoring.noise import noise
from vexfs_provider.record import Reference as ReferenceSamples
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.contenders import Contender, Reference, Subject
from vexfs_provider.scenarios.fio import SMALL_FILE, Fault, Load, Outcome, run_fio
from vexfs_provider.scenarios.probing import probe

METRICS = {
    "mount_time_ms": ("ms", "lower"),
    "unmount_time_ms": ("ms", "lower"),
    "basic_io_throughput_mbps": ("MB/s", "higher"),
    "metadata_operations_per_sec": ("1/s", "higher"),
    "concurrent_io_throughput_mbps": ("MB/s", "higher"),
    "large_file_performance_mbps": ("MB/s", "higher"),
    "small_file_performance_ops_per_sec": ("1/s", "higher"),
    "memory_usage_peak_mb": ("MB", "lower"),
    "cpu_utilization_percent": ("%", "lower"),
}
"""Unit and better direction. The last two are the guest's, all of it, while the loads run."""

FIO_LOADS = {
    "basic_io_throughput_mbps": Load("basic", "write", 16 << 10, 64, SMALL_FILE),
    "concurrent_io_throughput_mbps": Load("concurrent", "randwrite", 4096, 16, SMALL_FILE, jobs=4),
    "large_file_performance_mbps": Load("large", "write", 1 << 20, 1, 32 << 20),
}
"""By what fio measures them."""

GUEST_LOADS = {
    "metadata_operations_per_sec": "names",
    "small_file_performance_ops_per_sec": "small_files",
}
"""By which function of ``deps/guest/code/benchmark_loads.py`` they are measured."""

NEEDS = {"large_file_performance_mbps": "indirect_blocks"}
CALL_TIMEOUT_S = 120.0
MB_A_MIB = 1.048576
LEAST_SAMPLES = 5

Samples = dict[str, float]


class Race:
    """Rounds in which both filesystems are measured; ``rounds`` counts them, the warm-up too.

    A load that finds a fault in the filesystem under test is left out from then on.
    """

    def __init__(self, bench: Bench, reference: str):
        self.rounds = 0
        self._bench = bench
        self._reference = reference
        self._left_out: set[str] = set()
        self._pairs: list[tuple[Samples, Samples, str]] = []

    def set_up(self) -> bool:
        """Prepare a fresh guest and find out which loads the filesystem under test is able to."""
        bench = self._bench
        self._begin()
        probe(bench, NEEDS.values(), self._begin)
        bench.unmount()
        for metric, capability in NEEDS.items():
            if not self._is_able_to(metric):
                bench.unsupported(f"{metric}: needs {capability}")
                self._left_out.add(metric)
        return True

    def _is_able_to(self, metric: str) -> bool:
        return metric not in NEEDS or NEEDS[metric] in self._bench.capabilities

    def _begin(self) -> None:
        self._bench.guest.load_code("benchmark_loads")
        self._contenders = (Subject(self._bench), Reference(self._bench, self._reference))
        self._contenders[0].make()
        self._contenders[0].mount()

    def round(self) -> bool:
        """Measure both, freshly made, each first in every other round. The first is not counted.

        It begins with the reference: a load that fails there is no matter of the other.
        """
        pid = psutil.Process(self._bench.guest.machine.pid)
        before = read_counters(pid)
        order = (0, 1) if self.rounds % 2 else (1, 0)
        measured = {place: self._measure(self._contenders[place]) for place in order}
        if self.rounds:
            words = noise(before, read_counters(pid))
            self._pairs.append((measured[0], measured[1], words))
        self.rounds += 1
        return True

    def _measure(self, contender: Contender) -> Samples:
        with self._bench.step(f"benchmark {contender.name}"):
            contender.make()
            started = time.time()
            samples = {"mount_time_ms": contender.mount() * 1000}
            outcomes = self._guest_outcomes(contender) | self._fio_outcomes(contender)
            samples["unmount_time_ms"] = contender.unmount() * 1000
            usage = _usage(self._bench.samples(started, time.time()))
            for metric, outcome in outcomes.items():
                if outcome.fault:
                    self._report_fault(contender, metric, outcome.fault)
                else:
                    samples[metric] = outcome.rate
        return samples | usage

    def _guest_outcomes(self, contender: Contender) -> dict[str, Outcome]:
        outcomes = {}
        for metric, function in GUEST_LOADS.items():
            if metric in self._left_out:
                continue
            folder = f"{contender.mountpoint}/{function}-{self.rounds}"
            told = self._bench.guest.call(
                "benchmark_loads", function, CALL_TIMEOUT_S, folder=folder
            )
            outcomes[metric] = _outcome(function, told)
        return outcomes

    def _fio_outcomes(self, contender: Contender) -> dict[str, Outcome]:
        loads = {load.name: m for m, load in FIO_LOADS.items() if m not in self._left_out}
        if not loads:
            return {}
        wanted = [FIO_LOADS[metric] for metric in loads.values()]
        outcomes = run_fio(self._bench.guest, contender.mountpoint, wanted)
        return {loads[name]: outcome for name, outcome in outcomes.items()}

    def _report_fault(self, contender: Contender, metric: str, fault: Fault) -> None:
        """A fault of the reference is no matter of the filesystem under test."""
        if contender is not self._contenders[0]:
            raise InfrastructureError(f"reference {contender.name}: {fault.title}: {fault.actual}")
        self._left_out.add(metric)
        self._bench.fail(
            fault.title,
            kind=fault.kind,
            operation=f"the load of {metric}",
            expected=fault.expected,
            actual=fault.actual,
        )

    def report(self) -> None:
        """Put the metrics into the record, and which of them lack samples."""
        for metric, (unit, better) in METRICS.items():
            pairs = [
                (ours[metric], theirs[metric], words)
                for ours, theirs, words in self._pairs
                if metric in ours and metric in theirs
            ]
            if len(pairs) < LEAST_SAMPLES and self._is_able_to(metric):
                self._bench.unsupported(f"{metric}: {len(pairs)} samples of {len(self._pairs)}")
            if not pairs:
                continue
            ours, theirs, words = zip(*pairs, strict=True)
            self._bench.record.add_metric(
                metric,
                unit,
                better,
                ours,
                reference=ReferenceSamples(self._reference, theirs),
                noise={number: each for number, each in enumerate(words) if each},
            )


def _outcome(name: str, told: Mapping[str, Any]) -> Outcome:
    if told["error"]:
        title = f"{name}: unexpected {told['error']}"
        return Outcome(fault=Fault(title, "io-call-failed", "success", told["message"]))
    if told["wrong"]:
        actual = "; ".join(told["wrong"][:20])
        fault = Fault(f"{name}: what was made is not there", "data-mismatch", "all of it", actual)
        return Outcome(fault=fault)
    return Outcome(rate=told["rate"])


def _usage(samples: list[dict[str, Any]]) -> Samples:
    """Peak of the guest's memory and mean of its processors; none without a sample."""
    guest = [sample for sample in samples if sample["source"] == "guest"]
    if not guest:
        return {}
    busy = [sample["cpu_percent"] for sample in guest]
    return {
        "memory_usage_peak_mb": max(sample["memory_used_mib"] for sample in guest) * MB_A_MIB,
        "cpu_utilization_percent": sum(busy) / len(busy),
    }
