"""What a scenario provokes and therefore expects to see in the console."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vexfs_provider.detection.finding import Finding, Severity
from vexfs_provider.errors import UsageError


@dataclass(frozen=True)
class Expectation:
    """Findings whose title ``pattern`` (a regular expression, searched) finds are no failure.

    ``start`` and ``end`` bound the console's bytes in which they are expected (end exclusive, None:
    to the end of the console). ``required``: one that does not appear is a finding in itself.
    Raises ``UsageError`` for a pattern that is no regular expression or a window without bytes.
    """

    pattern: str
    required: bool = False
    start: int = 0
    end: int | None = None

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise UsageError(
                f"expectation: pattern {self.pattern!r} is no regular expression: {error}"
            ) from error
        if self.start < 0 or (self.end is not None and self.end <= self.start):
            raise UsageError(
                f"expectation {self.pattern!r}: window {self.start}..{self.end}; "
                "allowed: 0 <= start < end"
            )

    def matches(self, finding: Finding) -> bool:
        """Whether title and place fit; without an offset, only an unbounded window fits."""
        return bool(re.search(self.pattern, finding.title)) and self._covers(finding)

    def _covers(self, finding: Finding) -> bool:
        if self.start == 0 and self.end is None:
            return True
        offsets = [piece.offset for piece in finding.evidence if piece.offset is not None]
        return any(
            self.start <= offset and (self.end is None or offset < self.end) for offset in offsets
        )


def apply_expectations(
    findings: Iterable[Finding], expectations: Sequence[Expectation]
) -> list[Finding]:
    """The findings, those that were expected marked so, and one for each required that is missing.

    To be called before ``merge``: merging keeps only the first place of a title, and the window
    must be compared with every place.
    """
    checked = []
    seen: set[Expectation] = set()
    for finding in findings:
        fitting = [expectation for expectation in expectations if expectation.matches(finding)]
        seen.update(fitting)
        checked.append(replace(finding, expected=True) if fitting else finding)
    missing = [e for e in expectations if e.required and e not in seen]
    return checked + [_missing(expectation) for expectation in missing]


def _missing(expectation: Expectation) -> Finding:
    return Finding(
        title=f"expected finding did not appear: {expectation.pattern}",
        kind="expected-missing",
        frame=None,
        severity=Severity.ERROR,
        recommendation="Check that the fault was really injected; then why the kernel kept silent.",
    )
