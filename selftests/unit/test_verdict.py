"""From findings to a verdict, and the merging of repeated ones."""

import pytest

from vexfs_provider.detection import Evidence, Finding, Severity, Verdict, merge, verdict


def finding(severity: Severity = Severity.ERROR, **changes: object) -> Finding:
    return Finding(**{"title": "t", "kind": "k", "frame": None, "severity": severity, **changes})


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        (finding(Severity.CRITICAL), Verdict.FAIL),
        (finding(Severity.ERROR), Verdict.FAIL),
        (finding(Severity.ERROR, confidence=0.8), Verdict.FAIL),
        (finding(Severity.ERROR, confidence=0.79), Verdict.WARN),
        (finding(Severity.ERROR, known=True), Verdict.WARN),
        (finding(Severity.WARNING), Verdict.WARN),
        (finding(Severity.WARNING, known=True), Verdict.WARN),
        (finding(Severity.INFO), Verdict.PASS),
        (finding(Severity.CRITICAL, expected=True), Verdict.PASS),
        (finding(Severity.WARNING, expected=True), Verdict.PASS),
    ],
)
def test_verdict_of_one_finding(only: Finding, wanted: Verdict) -> None:
    assert verdict([only]) is wanted


def test_no_finding_passes() -> None:
    assert verdict([]) is Verdict.PASS


def test_the_worst_decides() -> None:
    assert verdict([finding(Severity.WARNING), finding(), finding(expected=True)]) is Verdict.FAIL


def test_merge_sums_and_keeps_the_first_evidence() -> None:
    first, second = Evidence("console.log", "a", 1), Evidence("console.log", "b", 2)
    merged = merge(
        [
            finding(Severity.WARNING, evidence=(first,)),
            finding(title="other"),
            finding(Severity.ERROR, evidence=(second,), count=3),
        ]
    )
    assert [(f.title, f.count, f.severity) for f in merged] == [
        ("t", 4, Severity.ERROR),
        ("other", 1, Severity.ERROR),
    ]
    assert merged[0].evidence == (first,)


def test_an_expected_finding_does_not_hide_an_unexpected_one() -> None:
    assert verdict(merge([finding(expected=True), finding()])) is Verdict.FAIL
    assert verdict(merge([finding(known=True), finding()])) is Verdict.FAIL
