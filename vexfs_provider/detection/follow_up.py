"""What came after an oops in the same kernel: it may be nothing but its consequence.

The kernel ends the task that has oopsed wherever it is, with the locks that it holds: others wait
for these for ever, and what they find half done they warn of.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from vexfs_provider.detection.finding import Finding

OOPSES = frozenset(
    {
        *("null-deref", "page-fault", "gpf", "divide-error", "invalid-opcode", "kernel-bug"),
        *("oops", "oops-other", "stack-segment", "stack-overflow", "double-fault", "usercopy"),
        "list-corruption",
    }
)
"""Kinds of findings after which a task has ended in the middle of what it did."""


def mark_follow_ups(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of one guest; those after its first oops have that as a hint at their cause.

    What has no place in the console was found at the guest's end. No verdict changes by it: a
    second defect may well come after the first.
    """
    oopses = [one for one in findings if one.kind in OOPSES and not one.expected]
    if not oopses:
        return list(findings)
    first = min(oopses, key=_place)
    hint = f"came after the kernel's oops, and may be its consequence: {first.title}"
    return [_with_hint(one, hint) if _place(one) > _place(first) else one for one in findings]


def _place(finding: Finding) -> float:
    """Where its first evidence begins in the console; what follows only shows the surroundings."""
    first = finding.evidence[0].offset if finding.evidence else None
    return math.inf if first is None else first


def _with_hint(finding: Finding, hint: str) -> Finding:
    if finding.expected or finding.kind in OOPSES:
        return finding
    return replace(finding, cause=f"{finding.cause}; {hint}" if finding.cause else hint)
