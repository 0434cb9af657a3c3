"""What a report that compares jobs shows: findings, verdicts, metrics with their intervals."""

from dataclasses import dataclass

from results_parsers.history.comparison import ComparedFinding, ComparedMetric, JobsCompared
from results_parsers.trends.compare import Verdict

ORDER = (Verdict.WORSE, Verdict.BETTER, Verdict.UNDECIDED, Verdict.SAME)
CLASSES = {Verdict.WORSE: "FAIL", Verdict.BETTER: "PASS"}
BAR = 200  # units of a bar's width
LEAST_SCALE_PERCENT = 10.0
LARGEST_SCALE_PERCENT = 100.0


@dataclass(frozen=True)
class Bar:
    """An interval from ``left`` to ``right`` with its change at ``middle``; 0 is at ``BAR`` / 2."""

    left: float
    middle: float
    right: float


@dataclass(frozen=True)
class ShownComparison:
    """A metric; ``look`` is how its verdict is coloured, ``bar`` None where nothing is known."""

    test: str
    metric: str
    verdict: str
    look: str
    change: str
    interval: str
    samples: str
    bar: Bar | None


@dataclass(frozen=True)
class ShownRates:
    """A test or its finding: how often on each side, and what that says."""

    test: str
    what: str
    one: str
    other: str
    verdict: str
    look: str


@dataclass(frozen=True)
class ShownJobsCompared:
    """The page; the bars reach ``scale_percent`` to each side."""

    one: str
    other: str
    jobs: tuple[int, int]
    counts: tuple[tuple[str, int], ...]
    alone: int
    findings: tuple[ShownRates, ...]
    tests: tuple[ShownRates, ...]
    metrics: tuple[ShownComparison, ...]
    scale_percent: float

    def in_words(self) -> str:
        """The same, where no page can be shown."""
        lines = [f"{self.other} ({self.jobs[1]} jobs) against {self.one} ({self.jobs[0]} jobs)", ""]
        for one in (*self.findings, *self.tests):
            lines.append(f"{one.verdict or one.what}: {one.test}: {one.one} -> {one.other}")
        lines += [""] if self.findings or self.tests else []
        for metric in self.metrics:
            change = f"{metric.change} {metric.interval}".strip()
            lines.append(f"{metric.verdict}: {metric.test} {metric.metric}: {change}")
        return "\n".join(lines)


def show_comparison(compared: JobsCompared) -> ShownJobsCompared:
    """What the page shows, what is worse first."""
    metrics = sorted(compared.metrics, key=lambda one: ORDER.index(one.found.verdict))
    ends = [
        abs(end) for one in metrics for end in (one.found.low, one.found.high) if end is not None
    ]
    scale = min(LARGEST_SCALE_PERCENT, max(LEAST_SCALE_PERCENT, *ends, LEAST_SCALE_PERCENT))
    counts = [(one, sum(each.found.verdict is one for each in metrics)) for one in ORDER]
    return ShownJobsCompared(
        compared.one.name,
        compared.other.name,
        (len(compared.one.jobs), len(compared.other.jobs)),
        tuple((verdict.value, count) for verdict, count in counts if count),
        compared.alone,
        tuple(map(_finding, compared.findings)),
        tuple(
            ShownRates(test.name, "passes", str(test.one), str(test.other), "", "")
            for test in compared.tests
        ),
        tuple(_metric(one, scale) for one in metrics),
        scale,
    )


def metric_in_words(one: ComparedMetric) -> str:
    """A line for a terminal."""
    found = one.found
    change = ""
    if found.change_percent is not None:
        change = f" {found.change_percent:+.1f} % ({found.low:+.1f} to {found.high:+.1f})"
    counts = f"{found.samples[0]} and {found.samples[1]} samples"
    return f"{found.verdict.value:<9} {one.samples.test} {one.samples.metric}:{change} [{counts}]"


def _finding(one: ComparedFinding) -> ShownRates:
    if one.verdict is None:
        verdict, look = "not run", "SKIP"
    else:
        verdict = one.verdict.verdict.value
        look = {"new": "FAIL", "regression": "FAIL", "fixed": "PASS"}.get(verdict, "WARN")
    return ShownRates(one.test, one.title, str(one.one), str(one.other), verdict, look)


def _metric(one: ComparedMetric, scale: float) -> ShownComparison:
    found = one.found
    known = None
    if found.change_percent is not None and found.low is not None and found.high is not None:
        known = (found.low, found.change_percent, found.high)
    return ShownComparison(
        one.samples.test,
        one.samples.metric,
        found.verdict.value,
        CLASSES.get(found.verdict, "SKIP"),
        "" if known is None else f"{known[1]:+.1f} %",
        "" if known is None else f"{known[0]:+.1f} to {known[2]:+.1f}",
        f"{found.samples[0]} and {found.samples[1]}",
        None if known is None else Bar(*(_place(percent, scale) for percent in known)),
    )


def _place(percent: float, scale: float) -> float:
    return round((1 + max(-1.0, min(1.0, percent / scale))) * BAR / 2, 1)
