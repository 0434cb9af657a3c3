"""From findings to a test's verdict."""

import enum
from collections.abc import Iterable
from dataclasses import replace

from vexfs_provider.detection.finding import Finding, Severity

SURE = 0.8  # a finding of at least this confidence can fail a test


class Verdict(enum.Enum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


def verdict(findings: Iterable[Finding]) -> Verdict:
    """FAIL for a sure error nobody expected; WARN for lesser or known trouble; else PASS.

    A finding of severity INFO and an expected one never count.
    """
    counting = [f for f in findings if not f.expected and f.severity >= Severity.WARNING]
    if any(_fails(finding) for finding in counting):
        return Verdict.FAIL
    return Verdict.WARN if counting else Verdict.PASS


def _fails(finding: Finding) -> bool:
    sure = finding.confidence >= SURE
    return finding.severity >= Severity.ERROR and sure and not finding.known


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a title, in the order of first appearance; counts are summed.

    The evidence is the first one's, severity and confidence are the highest. An expected or known
    finding is kept apart from an unexpected one of the same title, which it must not hide.
    """
    merged: dict[tuple[str, bool, bool], Finding] = {}
    for finding in findings:
        key = (finding.title, finding.expected, finding.known)
        first = merged.get(key)
        merged[key] = finding if first is None else _add(first, finding)
    return list(merged.values())


def _add(first: Finding, other: Finding) -> Finding:
    return replace(
        first,
        count=first.count + other.count,
        severity=max(first.severity, other.severity),
        confidence=max(first.confidence, other.confidence),
    )
