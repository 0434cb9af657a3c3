"""Some jobs against others, from the history: their metrics, verdicts and findings."""

from collections.abc import Mapping
from dataclasses import dataclass

from results_parsers.history.database import History
from results_parsers.history.series import (
    Samples,
    Selection,
    count_findings,
    count_passes,
    count_runs,
    read_samples,
    select_jobs,
)
from results_parsers.thresholds import Thresholds
from results_parsers.trends.compare import Comparison, Verdict, compare
from results_parsers.trends.flakes import Flake, FlakeVerdict, Runs, judge


@dataclass(frozen=True)
class ComparedMetric:
    """A metric of a test that both sides have measured."""

    samples: Samples
    found: Comparison


@dataclass(frozen=True)
class ComparedTest:
    """How often a test has passed, of how often it has run, on each side."""

    name: str
    one: Runs
    other: Runs


@dataclass(frozen=True)
class ComparedFinding:
    """How often a test had an unexpected finding, of how often it has run, on each side.

    ``verdict`` is None where it has not run on the second.
    """

    test: str
    title: str
    one: Runs
    other: Runs
    verdict: FlakeVerdict | None


@dataclass(frozen=True)
class JobsCompared:
    """The second selection against the first; ``alone`` metrics are on one side only.

    ``tests`` are those that do not pass as often on both sides, ``findings`` likewise.
    """

    one: Selection
    other: Selection
    metrics: tuple[ComparedMetric, ...]
    alone: int
    tests: tuple[ComparedTest, ...]
    findings: tuple[ComparedFinding, ...]

    @property
    def is_worse(self) -> bool:
        """Whether a metric is."""
        return any(one.found.verdict is Verdict.WORSE for one in self.metrics)


def compare_jobs(history: History, one: str, other: str, *, thresholds: Thresholds) -> JobsCompared:
    """Compare the jobs that two names stand for (``select_jobs``). Raises ``UsageError``."""
    before, after = select_jobs(history, one), select_jobs(history, other)
    metrics, alone = _metrics(history, before, after, thresholds)
    return JobsCompared(
        before,
        after,
        metrics,
        alone,
        _tests(history, before, after),
        _findings(history, before, after),
    )


def _metrics(
    history: History, before: Selection, after: Selection, thresholds: Thresholds
) -> tuple[tuple[ComparedMetric, ...], int]:
    old, new = read_samples(history, before), read_samples(history, after)
    found = []
    for key in sorted(old.keys() & new.keys()):
        samples = old[key]
        limit = thresholds.of(samples.metric)
        result = compare(
            samples.values, new[key].values, better=samples.better, threshold_percent=limit
        )
        found.append(ComparedMetric(samples, result))
    return tuple(found), len(old.keys() ^ new.keys())


def _tests(history: History, before: Selection, after: Selection) -> tuple[ComparedTest, ...]:
    old, new = count_passes(history, before.jobs), count_passes(history, after.jobs)
    runs = count_runs(history, before.jobs), count_runs(history, after.jobs)
    both = (
        ComparedTest(name, _runs(name, old, runs[0]), _runs(name, new, runs[1]))
        for name in sorted(runs[0].keys() & runs[1].keys())
    )
    return tuple(test for test in both if not _same(test.one, test.other))


def _findings(history: History, before: Selection, after: Selection) -> tuple[ComparedFinding, ...]:
    old, new = (
        {key: one.hits for key, one in count_findings(history, jobs).items()}
        for jobs in (before.jobs, after.jobs)
    )
    runs = count_runs(history, before.jobs), count_runs(history, after.jobs)
    found = []
    for test, title in sorted(old.keys() | new.keys()):
        one = Runs(old.get((test, title), 0), runs[0].get(test, 0))
        other = Runs(new.get((test, title), 0), runs[1].get(test, 0))
        if not _same(one, other):
            verdict = judge(one, other) if other.runs else None
            found.append(ComparedFinding(test, title, one, other, verdict))
    return tuple(sorted(found, key=_rank))


def _rank(one: ComparedFinding) -> int:
    """What is new or a regression comes first."""
    return list(Flake).index(one.verdict.verdict) if one.verdict else len(Flake)


def _runs(name: str, hits: Mapping[str, int], runs: Mapping[str, int]) -> Runs:
    return Runs(hits.get(name, 0), runs.get(name, 0))


def _same(one: Runs, other: Runs) -> bool:
    """Whether the rates are the same; what ran on one side only is not compared."""
    return one.hits * other.runs == other.hits * one.runs
