"""What the kernel prints around any report, whatever its header says: frames, registers, taint.

The forms are those of ``dump_stack``, ``show_regs``, ``print_modules`` and their likes in the
kernel's source for x86, Arm, RISC-V and s390.
"""

import re
from typing import NamedTuple

from vexfs_provider.detection.console import Line

_SYMBOL = r"[A-Za-z_$][\w.$]{0,200}\+0x[0-9a-f]{1,8}(?:/0x[0-9a-f]{1,8})?"
_HEX = r"[0-9a-f]{4,16}"
_REGISTER = (
    r"(?:RIP|EIP|RSP|ESP|RAX|EAX|RBX|RDX|RBP|RSI|RDI|R\d\d|ESI|EDI|DS|FS|CS|GS|CR2|CR3|DR[0-7]|PKRU"
    r"|EFLAGS|pc|lr|sp|x\d{1,2}|r\d{1,2}|pstate|NIP|LR|CTR|GPR\d\d|MSR|PSW|epc|ra|gp|tp|status)"
)

_PATTERNS = {
    "frame": (
        rf"\s{{0,16}}\(?(?:\[<[0-9a-fx]{{4,20}}>\]\s?)?\(?(?:\? |from )?{_SYMBOL}(?:[)\s]|$)"
        r"|\s{1,16}(?:\? )?[A-Za-z_][\w.]{0,200}(?:\+0x\S{1,40})? \S{1,200}\.(?:c|h|S|rs):\d"
    ),
    "trace": (
        r"\s{0,8}(?:Call [Tt]race:|<(?:TASK|IRQ|NMI|SOFTIRQ|EOE|#DF)>|Backtrace:|Stack:|"
        r"stack backtrace:|(?:Allocated|Freed) (?:by|in) |Last potentially related work)"
    ),
    "registers": (
        rf"{_REGISTER}\s?: ?(?:\[<)?(?:0x)?{_HEX}|[RE]?IP: (?:\d{{4}}:|{_SYMBOL})"
        r"|Code: (?:[0-9a-f(<]|Bad|Unable)|Internal error: |Krnl (?:PSW|GPRS|Code)"
    ),
    "fault": (  # what the processors' fault handlers print first
        r"#PF: |PGD [0-9a-f]|Oops: |(?:Mem|Data) abort info:|(?:swapper|user) pgtable: "
        r"|\s{1,4}(?:ESR|EC|SET|EA|FSC|ISV|CM) = 0?x?[0-9a-f]|\[[0-9a-f]{8,16}\] "
        r"(?:\*?p[g4um]d=|address between)"
    ),
    "cpu": (
        r"CPU: \d{1,5} (?:UID: \d{1,10} )?PID: \d{1,8} Comm: |Pid: \d{1,8}, comm: "
        r"|\d\S{1,80} #\d{1,6} (?:Not t|T)ainted"
    ),
    "modules": r"Modules linked in:",
    "machine": r"Hardware name: ",
    "cut": r"-{8,}\[ cut here \]-",
    "end": r"---\[ end ",
    "banner": r"[=*]{24,}",
    "dump": (
        r"(?:[>\s]{0,4}[\w ]{0,24}:? ?)?[0-9a-f]{8,16}: (?:[0-9a-f]{2,16} ){3}|(?:[0-9a-f]{16} ){3}"
    ),
    "task": r"task:\S{1,32}\s{1,32}state:\w|\S{1,16}\s{1,16}[DRS] [0-9a-f]{8,16} +\d",
    "object": (
        r"(?:Read|Write) of size \d|Memory state around|page dumped because|The buggy address "
        r"|page: ?(?:refcount|[0-9a-f]{8})|(?:Object|Redzone|Padding|Slab) (?:0x)?[0-9a-f]{8}"
        r"|Object at |which belongs to the |INFO: (?:Object|Slab|Allocated|Freed) "
    ),
    "locks": (
        r"\d{1,4} locks? held by | ?#\d{1,2}: |-> ?#\d{1,2} |no locks held by"
        r"|.{0,100}\)\{[-+?.]{4,6}\}|hardirqs last "
    ),
    "nmi": r"NMI backtrace for cpu|Sending NMI from CPU|Task dump for CPU",
    "death": (r"Kernel Offset: |Rebooting in \d|Dumping ftrace|Shutting down cpus with NMI"),
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()))

MARKS = tuple(_PATTERNS)
"""A line bears the first of these marks whose pattern it matches at its begin."""

TAINTED = re.compile(r"(?<!Not )Tainted: [A-Z() ]{0,24}[BDLW]")
SYMBOL = re.compile(r"[\w.$]\+0x[0-9a-f]")
GRAVE = re.compile(
    r"\b(?:bug|oops|panic\w*|fatal|corrupt\w*|stall\w*|lockups?|deadlock\w*|use-after-free|overflow"
    r"|underflow|out-of-bounds|violation|dereference|not syncing|hung|stuck|blocked for|bad page"
    r"|exception|double fault|inconsistent|illegal|unbalanced|imbalance)\b",
    re.IGNORECASE,
)
TROUBLE = re.compile(
    r"\b(?:errors?|fail(?:ed|ure|ing|s)?|invalid|time(?:d )?out|unable|cannot|warning|aborted|lost)"
    r"\b",
    re.IGNORECASE,
)


class Reason(NamedTuple):
    """Why the kernel prints a stack though it is well; good for so many lines from there.

    ``renewed``: lines with marks prolong it, as in a dump of all tasks.
    """

    words: re.Pattern[str]
    lines: int
    renewed: bool


REASONS = (
    Reason(re.compile(r"sysrq: (?!Trigger a crash)"), 48, True),
    Reason(re.compile(r".{0,64}invoked oom-killer|.{0,64}page allocation failure"), 48, True),
    Reason(re.compile(r"FAULT_INJECTION: |unchecked MSR access error"), 24, True),
    Reason(re.compile(r".{0,64}\[\d{1,8}\]:? (?:segfault at|trap |general protection)"), 3, False),
    Reason(re.compile(r"traps: |potentially unexpected fatal signal|show_signal"), 24, False),
)


def mark_of(line: Line) -> str:
    """The mark that a line bears, or an empty string. Takes time linear in its length."""
    found = _ANY.match(line.text)
    return found.lastgroup or "" if found else ""


def reason_of(line: Line) -> Reason | None:
    """The reason that a line gives for stacks behind it; a program's words are none."""
    if not line.stamped:
        return None
    return next((reason for reason in REASONS if reason.words.match(line.text)), None)
