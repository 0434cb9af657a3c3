"""Console bytes to findings."""

from vexfs_provider.detection.finding import EVIDENCE_LIMIT, Evidence, Finding
from vexfs_provider.detection.recommendations import recommendation
from vexfs_provider.detection.report import Report, reports

# Scenarios restart guests, and the console goes on; the guest knows which restart nobody wanted.
_LEFT_OUT = frozenset({"reboot"})


def scan(console: bytes, *, source: str = "console.log", start: int = 0) -> list[Finding]:
    """The findings in ``console`` from byte ``start`` on, in the order of their first lines.

    ``source`` becomes the name in the evidence, whose offsets count from the console's begin.
    Takes any bytes and raises nothing for them; time is linear in their number. The same title may
    come more than once: see ``merge``.
    """
    return [
        _finding(report, console, source)
        for report in reports(console, start=start)
        if report.kind not in _LEFT_OUT
    ]


def _finding(report: Report, console: bytes, source: str) -> Finding:
    text = console[report.start : min(report.end, report.start + EVIDENCE_LIMIT)]
    evidence = Evidence(source, text.decode("utf-8", "replace").replace("\r", ""), report.start)
    return Finding(
        title=report.title,
        kind=report.kind,
        frame=report.frame,
        severity=report.severity,
        evidence=(evidence,),
        recommendation=recommendation(report.kind),
        type=report.type,
        alt_titles=report.alt_titles,
        corrupted=report.corrupted,
    )
