"""A rule: how one line of the kernel begins a report, and how the report is then named."""

import re
from dataclasses import dataclass, field

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.trail import NOBODY, Trail

REPORT_LINES = 400
"""The longest report, in lines: a lockdep chain or an RCU stall with every CPU's stack."""

SEARCHED_LINES = 4 * REPORT_LINES
"""Lines of all writers behind a report's first, among which are all that may belong to it."""

NAMED = r"(?P<func>[A-Za-z_]\w*)(?:\.[\w.$]{0,64})?\+0x"
"""For patterns: the function that a line names itself, as ``name+0xoffset``."""


@dataclass(frozen=True)
class Rule:
    """How a report begins (``pattern``) and what becomes of it.

    ``hint`` is a literal that every matching line has; it is looked for first, since that is fast.
    ``pattern`` is matched at the begin of the cleaned line; of several rules that match, the first
    whose ``details`` are found too names the report. Each of the ``details`` is searched in the
    lines behind the one before. ``title`` and the ``alternatives`` under which others know the same
    bug are templates of the groups of ``pattern`` and ``details``, of ``frame``, which ``blame``
    finds, and of ``origin``, if it finds a second.

    ``traced``: a report of this kind has a stack, without one it is ``corrupted``; ``truncated``:
    it always is, since what the line belongs to must have been lost. ``notice``: it is told, but is
    no crash; not told of a kernel that shuts its devices down, since then none answers.
    ``stamped``: the words are so common that only a line of the kernel's log counts; ``restart``:
    only where a kernel ran before, and nobody asked for another; ``general``: only if no other rule
    matches the line, even one whose details are missing.

    In a report of one of the kinds ``within`` the line is part of that report. ``lines`` is the
    longest extent: 1 for a message that stands alone. Where a report begins that ``ends_others``,
    the one before it ends. A panic does not: the stack it prints is the first report's; nor does a
    message that stands alone, which may come in the middle of a report.
    """

    kind: str
    hint: str
    pattern: str
    title: str
    alternatives: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    blame: Trail = NOBODY
    details: tuple[str, ...] = ()
    traced: bool = True
    truncated: bool = False
    notice: bool = False
    stamped: bool = False
    restart: bool = False
    general: bool = False
    within: frozenset[str] = frozenset()
    lines: int = REPORT_LINES
    ends_others: bool = True
    header: re.Pattern[str] = field(init=False, repr=False, compare=False)
    searches: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "header", re.compile(self.pattern))
        object.__setattr__(self, "searches", tuple(map(re.compile, self.details)))
        object.__setattr__(self, "ends_others", self.ends_others and self.lines > 1)
        object.__setattr__(self, "traced", self.traced and self.lines > 1)
