"""Jobs as Prometheus' metrics. Labels are few and have few values: no titles, no names of jobs.

Each is a gauge of the last time that a test has run: Prometheus keeps their history.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from results_parsers.errors import ResultsError
from results_parsers.job import JobResult, TestResult

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

TEST = ("test", "level", "scenario", "filesystem", "kernel")
"""Labels that every figure of a test has; ``test`` is its name: a lab has some hundreds."""

RAN = ("PASS", "WARN", "FAIL")


def register(
    jobs: Iterable[JobResult],
    verdicts: Mapping[str, int] | None = None,
    templates: Mapping[str, int] | None = None,
) -> "CollectorRegistry":
    """The metrics of some jobs, in their order: a later run of a test replaces an earlier one.

    ``verdicts`` are the findings by what is known of them (``trends.flakes.Flake``), if it is;
    ``templates`` those of log lines (``history.log_templates``), new and known.

    Raises ``ResultsError`` without prometheus-client.
    """
    families = Families()
    last: dict[str, TestResult] = {}
    for job in jobs:
        last |= {test.short_name: test for test in job.tests}
        if job.started is not None:
            families.last_job.set(job.started)
    for test in last.values():
        families.add_test(test)
    families.add_rates()
    if verdicts is not None:
        families.add_verdicts(verdicts)
    if templates is not None:
        families.add_templates(templates)
    return families.registry


class Families:
    """The metrics by their names, in a registry of their own; tests are added one by one.

    Raises ``ResultsError`` without prometheus-client.
    """

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Gauge
        except ImportError as error:
            raise ResultsError(
                "metrics need prometheus-client; run: pip install 'vexfs-provider[metrics]'"
            ) from error
        self.registry = registry = CollectorRegistry()

        def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name, text, labels, registry=registry)

        self.duration = gauge("test_duration_seconds", "How long a test took", TEST)
        self.passed = gauge("test_passed", "1 if a test ran and found nothing, else 0", TEST)
        self.rate = gauge(
            "test_success_rate", "Tests without a finding, of those that ran (0 to 1)"
        )
        self.statuses = gauge("test_count", "Tests by their status", ("status",))
        self.cpu = gauge(
            "resource_utilization_cpu", "Mean of the guest's processors, in percent", TEST
        )
        self.memory = gauge(
            "resource_utilization_memory", "Peak of the guest's memory, in percent of it", TEST
        )
        self.throughput = gauge(
            "io_throughput_mbps", "Median throughput, in MB/s", (*TEST, "metric")
        )
        self.errors = gauge("error_count", "Unexpected findings of a test", TEST)
        self.findings = gauge(
            "findings", "Unexpected findings by kind", ("kind", "severity", "filesystem")
        )
        self.starts = gauge("vm_start_success_rate", "Guests that came up, of all (0 to 1)")
        self.start_time = gauge("vm_start_seconds", "How long the last start of a guest took", TEST)
        self.metric = gauge("benchmark_metric", "Median of a metric", (*TEST, "metric", "unit"))
        self.ratio = gauge(
            "benchmark_ratio", "Median ratio to the reference filesystem", (*TEST, "metric")
        )
        self.last_job = gauge("last_job_start_time_seconds", "When the last job began")
        self.titles = gauge("finding_titles", "Different titles among the unexpected findings")
        self._last: dict[str, TestResult] = {}

    def add_test(self, test: TestResult) -> None:
        """What is known of one test; the figures of all need ``add_rates`` afterwards."""
        labels = _labels(test)
        self._last[test.short_name] = test
        self.duration.labels(**labels).set(test.seconds)
        if test.status in RAN:
            self.passed.labels(**labels).set(test.status == "PASS")
        if test.record is not None:
            self._add_record(test.record, labels)

    def _add_record(self, record: Mapping[str, Any], labels: Mapping[str, str]) -> None:
        self.errors.labels(**labels).set(len(_unexpected(record)))
        for guest in record["guests"]:
            self.start_time.labels(**labels).set(guest.get("seconds", 0.0))
        for name, metric in record["metrics"].items():
            self.metric.labels(**labels, metric=name, unit=metric["unit"]).set(metric["value"])
            if metric["unit"] == "MB/s":
                self.throughput.labels(**labels, metric=name).set(metric["value"])
            ratio = (metric.get("reference") or {}).get("ratio")
            if ratio is not None:
                self.ratio.labels(**labels, metric=name).set(ratio)
        self._add_monitoring(record, labels)

    def _add_monitoring(self, record: Mapping[str, Any], labels: Mapping[str, str]) -> None:
        quantities = [one.get("quantities", {}) for one in record["monitoring"]]
        cpu = [one["cpu_percent"]["mean"] for one in quantities if "cpu_percent" in one]
        used = [one["memory_used_mib"]["peak"] for one in quantities if "memory_used_mib" in one]
        total = record["configuration"].get("memory_mib")
        if cpu:
            self.cpu.labels(**labels).set(sum(cpu) / len(cpu))
        if used and total:
            self.memory.labels(**labels).set(100 * max(used) / total)

    def add_rates(self, planned: int = 0) -> None:
        """The figures of all tests that were added, each by its last run.

        Of a job that still runs, rates are those of all tests that are ``planned``: one failure
        among the first two is no failure rate of a half.
        """
        tests = self._last.values()
        statuses = Counter(test.status for test in tests)
        for status, count in statuses.items():
            self.statuses.labels(status=status).set(count)
        ran = max(planned, sum(statuses[status] for status in RAN))
        if ran:
            self.rate.set((ran - statuses["FAIL"]) / ran)
        self._add_findings()
        started = sum(len(test.record["guests"]) for test in tests if test.record)
        lost = sum(
            test.status == "ERROR" and not (test.record or {}).get("guests") for test in tests
        )
        if guests := max(planned, started + lost):
            self.starts.set((guests - lost) / guests)

    def _add_findings(self) -> None:
        found = [(one, test) for test in self._last.values() for one in _unexpected(test.record)]
        kinds = Counter(
            (one["kind"], one["severity"], _labels(test)["filesystem"]) for one, test in found
        )
        for (kind, severity, filesystem), count in kinds.items():
            self.findings.labels(kind=kind, severity=severity, filesystem=filesystem).set(count)
        self.titles.set(len({one["title"] for one, _ in found}))

    def add_verdicts(self, verdicts: Mapping[str, int]) -> None:
        """The findings by what is known of them."""
        self._add_counts("finding_verdicts", "Findings by what is known of them", verdicts)

    def add_templates(self, templates: Mapping[str, int]) -> None:
        """The templates of log lines by whether they were there before."""
        text = "Templates of log lines of the last jobs, by whether earlier ones had them"
        self._add_counts("log_templates", text, templates)

    def _add_counts(self, name: str, text: str, counts: Mapping[str, int]) -> None:
        from prometheus_client import Gauge

        gauge = Gauge(name, text, ["verdict"], registry=self.registry)
        for verdict, count in counts.items():
            gauge.labels(verdict=verdict).set(count)


def _unexpected(record: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The findings that should not be."""
    findings = record["findings"] if record else ()
    return [one for one in findings if not (one["expected"] or one["known"])]


def _labels(test: TestResult) -> dict[str, str]:
    record = test.record or {}
    return {
        "test": test.short_name,
        "level": str(record.get("level", "")),
        "scenario": str(record.get("scenario", "")),
        "filesystem": str(record.get("filesystem", "")),
        "kernel": str(record.get("configuration", {}).get("kernel", "")),
    }
