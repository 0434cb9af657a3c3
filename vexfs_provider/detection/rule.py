"""A rule: how one line of the kernel begins a report, and how the report is then named."""

import enum
import re
from dataclasses import dataclass, field

from vexfs_provider.detection.finding import Severity

FUNCTION = r"(?P<func>[A-Za-z_][\w.$]*)\+0x"
"""For patterns: the function that the header itself names, as ``name+0xoffset``."""

REPORT_LINES = 400
"""The longest report, in lines: a lockdep chain or an RCU stall with every CPU's stack."""


class Blame(enum.Enum):
    """How the function held responsible is found in a report's stack."""

    NOBODY = "nobody"  # the kind has no guilty function
    FAULTING = "faulting"  # first function that is not infrastructure
    BLOCKED = "blocked"  # the same, behind the scheduler and what waits
    STALLED = "stalled"  # what a dispatcher (syscall, softirq, work queue) had called


@dataclass(frozen=True)
class Rule:
    """How a report begins (``pattern``) and what becomes of it.

    ``hint`` is a literal that every matching line has; it is looked for first, since that is fast.
    ``pattern`` is matched at the begin of the cleaned line. ``title`` is a template of the groups
    of ``pattern`` and ``details``, and of ``frame``. ``details`` are searched in the ten lines
    after the header. In a report of one of the kinds ``within`` the line is part of that report.
    ``lines`` is the longest extent: 1 for a message that stands alone. Where a report begins that
    ``ends_others``, the one before it ends. A panic does not: the stack it prints is the first
    report's; nor does a message that stands alone, which may come in the middle of a report.
    """

    kind: str
    hint: str
    pattern: str
    title: str
    severity: Severity = Severity.ERROR
    blame: Blame = Blame.NOBODY
    details: str | None = None
    within: frozenset[str] = frozenset()
    lines: int = REPORT_LINES
    ends_others: bool = True
    recommendation: str = ""
    header: re.Pattern[str] = field(init=False, repr=False, compare=False)
    detail: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "header", re.compile(self.pattern))
        object.__setattr__(self, "ends_others", self.ends_others and self.lines > 1)
        object.__setattr__(self, "detail", re.compile(self.details) if self.details else None)
