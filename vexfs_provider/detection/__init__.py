"""Bytes of a console in, findings out; needs no guest, no root and no Avocado.

    findings = merge(apply_expectations(scan(console), expectations))
    verdict(findings)
    first_crash(reports(console))  # what names a log of one crash

``reports`` looks for the literals of the rules in the raw bytes (``begins``, ``rules``), cleans the
lines around (``console``, ``lines``), takes those that belong to the report (``extent``), names it
after the function to blame (``trail``, ``stack``, ``infrastructure``) and judges whether it is
whole (``completeness``). ``scan`` makes findings of them, to which ``classifier`` gives a
confidence, never one that turns a rule's word down. Titles and types follow the conventions
of syzkaller, the field's de-facto names.

To add a rule: write a ``Rule`` in the module of its family under ``rules/`` (special ones before
general ones): a ``kind``, the ``pattern`` of the report's first line, a ``hint`` (a literal that
each such line has), and a ``title`` made of the pattern's groups and ``{frame}``. ``blame`` says
where the frame is found, one of the trails in ``trail``; for a message that stands alone set
``lines=1``. Then add a line of it, and one that looks like it but is harmless, to
``selftests/report_samples.py``, and what to do about its kind to ``recommendations``.
Patterns are matched at the begin of the cleaned line. Keep them linear: no ``.*``, bounds such as
``{0,80}`` where text is free. The kernel's source is the authority, not one log.
"""

from vexfs_provider.detection.expect import Expectation, apply_expectations
from vexfs_provider.detection.finding import Evidence, Finding, Severity, normalise_title
from vexfs_provider.detection.follow_up import mark_follow_ups
from vexfs_provider.detection.report import Report, first_crash, reports
from vexfs_provider.detection.scan import scan
from vexfs_provider.detection.stack import blocked_in
from vexfs_provider.detection.verdict import Verdict, merge, verdict

__all__ = [
    "Evidence",
    "Expectation",
    "Finding",
    "Report",
    "Severity",
    "Verdict",
    "apply_expectations",
    "blocked_in",
    "first_crash",
    "mark_follow_ups",
    "merge",
    "normalise_title",
    "reports",
    "scan",
    "verdict",
]
