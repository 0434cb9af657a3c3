"""Faults of the CPU in kernel code (arch/*/mm/fault.c, arch/*/kernel/traps.c)."""

from vexfs_provider.detection.rule import Rule
from vexfs_provider.detection.trail import FAULTING, INSTRUCTION, LOCKED_UP, STACK_USED_UP

_OOPS = r"(?:Oops: |Oops - |traps: )?"
# "traps: program[12] general protection fault ip:1 ..." is the program's, and has none
_CODE = r"(?:,.{0,160}?)?:(?: [0-9a-f]{4}\b| ?$|.{0,160}?\[#\d)"
_BAD_ACCESS = ("bad-access in {frame}",)

# The second header that one and the same fault prints, after the kinds below.
_FAULTS = frozenset(
    {"null-deref", "page-fault", "gpf", "divide-error", "stack-segment", "oops-other", "kernel-bug"}
    | {"list-corruption", "usercopy", "kasan", "kfence", "double-fault", "stack-overflow", "oops"}
)

_ACCESS = (
    Rule(
        kind="null-deref",
        hint="NULL pointer dereference",
        pattern=r"(?:BUG: |Unable to handle )(?:unable to handle )?[Kk]ernel NULL pointer deref",
        title="BUG: unable to handle kernel NULL pointer dereference in {frame}",
        alternatives=_BAD_ACCESS,
        blame=FAULTING,
    ),
    Rule(
        kind="page-fault",
        hint="nable to handle kernel access to user memory",
        pattern=r"(?:BUG: )?[Uu]nable to handle kernel access to user memory",
        title="BUG: unable to handle kernel access to user memory in {frame}",
        alternatives=_BAD_ACCESS,
        blame=FAULTING,
    ),
    Rule(
        kind="page-fault",
        hint="nable to handle",
        pattern=r"(?:BUG: )?[Uu]nable to handle (?:kernel |unknown )?"
        r"(?:paging request|page fault|data access|instruction fetch)",
        title="BUG: unable to handle kernel paging request in {frame}",
        alternatives=_BAD_ACCESS,
        blame=FAULTING,
    ),
    Rule(
        kind="page-fault",
        hint="nable to handle",
        # two calls of printk: between them other lines may come, or the end
        pattern=r"BUG: [Uu]nable to handle kernel",
        title="BUG: unable to handle kernel",
        truncated=True,
    ),
    Rule(
        kind="page-fault",
        hint="Unable to handle kernel",
        # in the words of a machine that is not known here
        pattern=r"Unable to handle kernel (?P<what>\S.{0,120})",
        title="Unable to handle kernel {what}",
        general=True,
        traced=False,
    ),
)
_STACKS = (
    Rule(
        kind="stack-overflow",
        hint="stack guard page was hit",
        pattern=r"BUG: (?:\S{1,16} )?stack guard page was hit",
        title="BUG: stack guard page was hit in {frame}",
        alternatives=("stack-overflow in {frame}",),
        blame=LOCKED_UP,
    ),
    Rule(
        kind="stack-overflow",
        hint="Insufficient stack",
        pattern=r"Insufficient stack space to handle exception",
        title="kernel stack overflow in {frame}",
        alternatives=("stack-overflow in {frame}",),
        blame=STACK_USED_UP.beside("bad_stack"),
    ),
    Rule(
        kind="double-fault",
        hint="PANIC: double fault",
        pattern=r"(?:traps: )?PANIC: double fault",
        title="PANIC: double fault in {frame}",
        blame=INSTRUCTION,
        ends_others=False,
    ),
)

_TRAPS = (
    Rule(
        kind="gpf",
        hint="general protection fault",
        pattern=_OOPS + r"general protection fault" + _CODE,
        title="general protection fault in {frame}",
        alternatives=_BAD_ACCESS,
        blame=FAULTING,
    ),
    Rule(
        kind="stack-segment",
        hint="stack segment",
        pattern=_OOPS + r"stack segment" + _CODE,
        title="stack segment fault in {frame}",
        blame=FAULTING,
    ),
    Rule(
        kind="divide-error",
        hint="divide",
        pattern=_OOPS + r"divide[ _]error" + _CODE,
        title="divide error in {frame}",
        blame=INSTRUCTION,
    ),
    Rule(
        kind="invalid-opcode",
        hint="invalid opcode",
        pattern=_OOPS + r"invalid opcode" + _CODE,
        title="invalid opcode in {frame}",
        blame=INSTRUCTION,
        ends_others=False,
        within=_FAULTS | {"invalid-opcode"},
    ),
    Rule(
        kind="oops-other",
        hint="int3",
        pattern=_OOPS + r"int3" + _CODE,
        title="int3 in {frame}",
        blame=FAULTING,
    ),
    Rule(
        kind="oops-other",
        hint="Unhandled ",
        pattern=r"Unhandled (?:fault|prefetch abort): ",
        title="Unhandled fault in {frame}",
        alternatives=_BAD_ACCESS,
        blame=FAULTING,
    ),
    Rule(
        kind="oops-other",
        hint="Alignment trap",
        pattern=r"Alignment trap: not handling",  # a program's trap names the program
        title="Alignment trap in {frame}",
        blame=FAULTING,
    ),
    Rule(
        kind="oops-other",
        hint="Internal error:",
        pattern=r"Internal error: ",
        title="Internal error in {frame}",
        alternatives=_BAD_ACCESS,
        blame=FAULTING,
        ends_others=False,
        within=_FAULTS,
    ),
    Rule(
        kind="oops",
        hint="[#",
        pattern=r"(?:Oops(?: - [\w ]{1,40})?|[Kk]ernel (?:BUG|stack overflow)"
        r"|Unable to handle[^\[]{1,80}|segment not present|bounds|invalid TSS|alignment check"
        r"|control protection|SError Interrupt)[^\[]{0,80}\[#\d",
        title="Oops in {frame}",
        blame=FAULTING,
        within=_FAULTS,
    ),
)
RULES = (*_ACCESS, *_STACKS, *_TRAPS)
