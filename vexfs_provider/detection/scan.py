"""Console bytes to findings."""

from dataclasses import replace

from vexfs_provider.detection.cause import probable_cause
from vexfs_provider.detection.finding import EVIDENCE_LIMIT, Evidence, Finding
from vexfs_provider.detection.recommendations import recommendation
from vexfs_provider.detection.report import Report, reports

# Scenarios restart guests, and the console goes on; the guest knows which restart nobody wanted.
_LEFT_OUT = frozenset({"reboot"})


def scan(console: bytes, *, source: str = "console.log", start: int = 0) -> list[Finding]:
    """The findings in ``console`` from byte ``start`` on, in the order of their first lines.

    ``source`` becomes the name in the evidence, whose offsets count from the console's begin.
    Takes any bytes and raises nothing for them; time is linear in their number. The same title may
    come more than once: see ``merge``. Raises ``ModelError`` if the classifier's weights, which are
    part of this package, cannot be loaded.
    """
    findings: list[Finding] = []
    titles: set[str] = set()
    line, counted = 1, 0
    for report in reports(console, start=start):
        if report.kind in _LEFT_OUT:
            continue
        line += console.count(b"\n", counted, report.start)
        counted = report.start
        finding = _finding(report, console, source, line)
        if report.title not in titles:  # of those that are merged the first one counts
            cause = probable_cause(console, report.start, report.end)
            finding = replace(finding, cause=cause)
            titles.add(report.title)
        findings.append(finding)
    return findings


def _finding(report: Report, console: bytes, source: str, line: int) -> Finding:
    from vexfs_provider.detection.classifier import graded  # few consoles have a finding

    text = console[report.start : min(report.end, report.start + EVIDENCE_LIMIT)]
    words = text.decode("utf-8", "replace").replace("\r", "")
    return Finding(
        title=report.title,
        kind=report.kind,
        frame=report.frame,
        severity=report.severity,
        confidence=graded(report, text),
        evidence=(Evidence(source, words, report.start, line),),
        recommendation=recommendation(report.kind),
        type=report.type,
        alt_titles=report.alt_titles,
        corrupted=report.corrupted,
    )
