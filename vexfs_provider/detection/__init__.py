"""Bytes of a console in, findings out; needs no guest, no root and no Avocado.

    findings = merge(apply_expectations(scan(console), expectations))
    verdict(findings)

``scan`` cleans the lines (``console``), lets the rules find where a report begins (``rules``),
bounds it and names it after the function to blame (``stack``, ``infrastructure``). Titles follow
the conventions of syzkaller, the field's de-facto names.

To add a rule: write a ``Rule`` in the module of its family under ``rules/`` (special ones before
general ones): a ``kind``, the ``pattern`` of the report's first line, a ``hint`` (a literal that
each such line has), and a ``title`` made of the pattern's groups and ``{frame}``. Say how the
``frame`` is found (``blame``); for a message that stands alone set ``lines=1``. Then add a line of
it, and one that looks like it but is harmless, to ``selftests/unit/test_detection_rules.py``.
Patterns are matched at the begin of the cleaned line. Keep them linear: no ``.*`` before another
repetition of the same characters, bounds such as ``{0,80}`` instead of ``*`` where text is free.
"""

from vexfs_provider.detection.expect import Expectation, apply_expectations
from vexfs_provider.detection.finding import Evidence, Finding, Severity, normalise_title
from vexfs_provider.detection.scan import scan
from vexfs_provider.detection.stack import blocked_in
from vexfs_provider.detection.verdict import Verdict, merge, verdict

__all__ = [
    "Evidence",
    "Expectation",
    "Finding",
    "Severity",
    "Verdict",
    "apply_expectations",
    "blocked_in",
    "merge",
    "normalise_title",
    "scan",
    "verdict",
]
