"""What a report of a job shows, taken from its tests; how it looks is the template's."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from results_parsers.job import JobResult, TestResult
from results_parsers.reports.marks import read_marks
from results_parsers.reports.record_view import (
    ShownFinding,
    ShownMetric,
    show_finding,
    show_metric,
)
from results_parsers.reports.sample_plot import SamplePlots, plot_samples

ORDER = ("FAIL", "ERROR", "INTERRUPTED", "WARN", "PASS", "CANCEL", "SKIP")
"""Statuses, those that somebody must look at first."""

SHOWN_LOGS = ("debug.log", "log.jsonl", "console.log", "events.jsonl", "samples.jsonl", "qemu.log")
GRAPH = ".svg"
"""How the names of flame graphs end."""


@dataclass(frozen=True)
class ShownTest:
    """One test; ``logs`` and ``graphs`` (flame graphs) are names and links, ``synthetic`` whether
    it was never run.
    """

    anchor: str
    name: str
    status: str
    reason: str
    seconds: float
    findings: tuple[ShownFinding, ...]
    metrics: tuple[ShownMetric, ...]
    unsupported: tuple[str, ...]
    configuration: tuple[tuple[str, str], ...]
    reproduce: str
    logs: tuple[tuple[str, str], ...]
    graphs: tuple[tuple[str, str], ...]
    samples: SamplePlots
    synthetic: bool

    @property
    def bad(self) -> bool:
        """Whether somebody must look at it."""
        return self.status in ("FAIL", "ERROR", "INTERRUPTED", "WARN")

    @property
    def headline(self) -> str:
        """Its findings that count, or why there are none."""
        titles = [finding.title for finding in self.findings if finding.counts]
        return "; ".join(titles) or self.reason.partition("\n")[0] or self.status


@dataclass(frozen=True)
class ShownJob:
    """A job, its tests with the bad ones first; ``started`` in the local time of the reader."""

    job_id: str
    folder: str
    started: str
    seconds: float
    counts: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]
    tests: tuple[ShownTest, ...]

    @property
    def to_look_at(self) -> tuple[ShownTest, ...]:
        """The tests that did not go well."""
        return tuple(test for test in self.tests if test.bad)

    @property
    def synthetic(self) -> bool:
        return any(test.synthetic for test in self.tests)


def show_job(job: JobResult, beside: Path, *, with_logs: bool = True) -> ShownJob:
    """What a report in the folder ``beside`` shows of a job; links are relative to that.

    Without its logs there are neither links nor plots of samples.
    """
    counts = Counter(test.status for test in job.tests)
    known = [status for status in ORDER if counts[status]]
    others = sorted(counts.keys() - set(ORDER))
    tests = [
        _show_test(test, f"test-{job.job_id[:12]}-{number}")
        for number, test in enumerate(job.tests, 1)
    ]
    if with_logs:
        tests = [
            _with_logs(shown, test, job.log_folder(test), beside)
            for shown, test in zip(tests, job.tests, strict=True)
        ]
    tests.sort(key=lambda test: _rank(test.status))
    return ShownJob(
        job_id=job.job_id,
        folder=str(job.folder),
        started=_local_time(job.started),
        seconds=sum(test.seconds for test in job.tests),
        counts=tuple((status, counts[status]) for status in (*known, *others)),
        problems=job.problems,
        tests=tuple(tests),
    )


def _rank(status: str) -> int:
    return ORDER.index(status) if status in ORDER else len(ORDER)


def _local_time(started: float | None) -> str:
    if started is None:
        return "at an unknown time"
    return datetime.fromtimestamp(started).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _with_logs(shown: ShownTest, test: TestResult, folder: Path, beside: Path) -> ShownTest:
    record = test.record or {}
    files = [str(name) for name in record.get("artefacts", ())]
    graphs = [name for name in files if name.endswith(GRAPH)]
    others = [name for name in files if name not in graphs]
    return replace(
        shown,
        logs=tuple(_links(folder, [*SHOWN_LOGS, *others], beside)),
        graphs=tuple(_links(folder, graphs, beside)),
        samples=plot_samples(folder / "samples.jsonl", read_marks(folder, record)),
    )


def _show_test(test: TestResult, anchor: str) -> ShownTest:
    record = test.record or {}
    configuration = dict(record.get("configuration", {}))
    timelines = {one["finding"]: one for one in record.get("timelines", ())}
    return ShownTest(
        anchor=anchor,
        name=test.short_name,
        status=test.status,
        reason=str(record.get("reason") or test.reason),
        seconds=test.seconds,
        findings=tuple(show_finding(one, timelines) for one in record.get("findings", ())),
        metrics=tuple(show_metric(*one) for one in record.get("metrics", {}).items()),
        unsupported=tuple(record.get("unsupported", ())),
        configuration=tuple((name, str(value)) for name, value in sorted(configuration.items())),
        reproduce=str(record.get("reproduce", "")),
        logs=(),
        graphs=(),
        samples=SamplePlots(),
        synthetic=bool(configuration.get("synthetic")),
    )


def _links(folder: Path, names: Sequence[str], beside: Path) -> list[tuple[str, str]]:
    """The files that are there, as links."""
    if not folder.is_dir():
        return []
    found = [name for name in dict.fromkeys(names) if (folder / name).is_file()]
    return [(name, os.path.relpath(folder / name, beside)) for name in found]
