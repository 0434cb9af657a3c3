"""Faults of the CPU in kernel code (arch/*/mm/fault.c, arch/*/kernel/traps.c)."""

from vexfs_provider.detection.rule import Blame, Rule

_TRAP = r"(?:Oops: )?"
_NUMBER = r"[:,] .{0,120}?\[#\d"  # an oops has a number; "traps: program[12] ..." has none

# The second header that one and the same fault prints, after the kinds below.
_FAULTS = frozenset(
    {"null-deref", "page-fault", "gpf", "divide-error", "stack-segment", "oops-other", "kernel-bug"}
    | {"list-corruption", "usercopy", "kasan", "kfence", "double-fault", "stack-overflow", "oops"}
)

RULES = (
    Rule(
        kind="null-deref",
        hint="NULL pointer dereference",
        pattern=r"(?:BUG: |Unable to handle )(?:unable to handle )?[Kk]ernel NULL pointer deref",
        title="BUG: unable to handle kernel NULL pointer dereference in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="page-fault",
        hint="nable to handle",
        pattern=r"(?:BUG: )?[Uu]nable to handle (?:kernel )?"
        r"(?:paging request|page fault|data access|instruction fetch|access to user memory)",
        title="BUG: unable to handle kernel paging request in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="stack-overflow",
        hint="stack",
        pattern=r"BUG: (?:stack guard page|\S+ stack guard page|TASK stack guard page) was hit",
        title="BUG: stack guard page was hit in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="stack-overflow",
        hint="Insufficient stack",
        pattern=r"Insufficient stack space to handle exception",
        title="kernel stack overflow in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="double-fault",
        hint="double fault",
        pattern=r"(?:PANIC: double fault|traps: PANIC: double fault)",
        title="PANIC: double fault in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="gpf",
        hint="general protection fault",
        pattern=_TRAP + r"general protection fault" + _NUMBER,
        title="general protection fault in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="divide-error",
        hint="divide error",
        pattern=_TRAP + r"divide error" + _NUMBER,
        title="divide error in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="stack-segment",
        hint="stack segment",
        pattern=_TRAP + r"stack segment" + _NUMBER,
        title="stack segment fault in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="oops-other",
        hint="Unhandled fault",
        pattern=r"Unhandled fault: ",
        title="Unhandled fault in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="oops-other",
        hint="Alignment trap",
        pattern=r"Alignment trap: not handling instruction",
        title="Alignment trap in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="oops",
        hint="[#",
        pattern=r"(?:Oops(?: - [\w ]+)?|Internal error: [^\[]{1,80}|invalid opcode|int3"
        r"|[Kk]ernel (?:BUG|stack overflow)|Unable to handle[^\[]{1,80}|segment not present"
        r"|bounds|invalid TSS)[^\[]{0,80}\[#\d",
        title="Oops in {frame}",
        blame=Blame.FAULTING,
        within=_FAULTS,
    ),
)
