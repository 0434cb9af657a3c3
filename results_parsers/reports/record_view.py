"""What a report shows of a test's record: its findings and metrics, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_EVIDENCE = 20_000  # characters


@dataclass(frozen=True)
class ShownFinding:
    """A finding with its evidence, cut if it is very long, and its timeline."""

    title: str
    severity: str
    expected: bool
    known: bool
    count: int
    recommendation: str
    cause: str
    evidence: tuple[tuple[str, str], ...]
    timeline: tuple[str, ...]

    @property
    def counts(self) -> bool:
        """Whether it is one that should not be."""
        return not self.expected and not self.known


@dataclass(frozen=True)
class ShownMetric:
    """A metric in words."""

    name: str
    value: str
    spread: str
    reference: str
    noisy: int


def show_finding(finding: Mapping[str, Any], timelines: Mapping[str, Any]) -> ShownFinding:
    """A finding of a record; ``timelines`` are the record's by the findings' titles."""
    timeline = timelines.get(finding["title"], {})
    return ShownFinding(
        title=finding["title"],
        severity=finding["severity"],
        expected=bool(finding["expected"]),
        known=bool(finding["known"]),
        count=int(finding["count"]),
        recommendation=str(finding["recommendation"]),
        cause=str(finding.get("cause") or ""),
        evidence=tuple(
            (str(one.get("source", "")), _cut(str(one.get("text", ""))))
            for one in finding["evidence"]
        ),
        timeline=tuple(
            f"{entry['seconds']:+9.3f} {entry['source']:<10} {entry['text']}"
            for entry in timeline.get("entries", ())
        ),
    )


def _cut(text: str) -> str:
    if len(text) <= LONGEST_EVIDENCE:
        return text
    return f"{text[:LONGEST_EVIDENCE]}\n… {len(text) - LONGEST_EVIDENCE} characters more"


def show_metric(name: str, metric: Mapping[str, Any]) -> ShownMetric:
    """A metric of a record."""
    spread = metric.get("spread_percent")
    reference = metric.get("reference") or {}
    ratio = reference.get("ratio")
    return ShownMetric(
        name=name,
        value=f"{metric['value']:,.4g} {metric['unit']}",
        spread="" if spread is None else f"± {spread:.0f} %",
        reference="" if ratio is None else f"{ratio:.2f} times {reference['filesystem']}",
        noisy=len(metric.get("noise") or ()),
    )
