"""Reports of KASAN, KMSAN, KCSAN, KFENCE and UBSAN (mm/kasan/report.c, lib/ubsan.c ...)."""

from vexfs_provider.detection.rule import FUNCTION, Blame, Rule

_ACCESS = r"(?i:(?P<access>read|write) (?:of size|at addr))"
_OBJECT = "Compare the stacks under 'Allocated by' and 'Freed by' with the one of the access."

RULES = (
    Rule(
        kind="kasan",
        hint="BUG: KASAN:",
        pattern=r"BUG: KASAN: (?:double-free or )?(?P<bug>[\w-]+)(?: in " + FUNCTION + ")?",
        title="KASAN: {bug} {access:capital} in {frame}",
        blame=Blame.FAULTING,
        details=_ACCESS,
        recommendation=_OBJECT,
    ),
    Rule(
        kind="kmsan",
        hint="BUG: KMSAN:",
        pattern=r"BUG: KMSAN: (?P<bug>[\w-]+)(?: in " + FUNCTION + ")?",
        title="KMSAN: {bug} in {frame}",
        blame=Blame.FAULTING,
        recommendation="Initialise what the stack under 'Uninit was' created.",
    ),
    Rule(
        kind="kcsan",
        hint="BUG: KCSAN:",
        pattern=r"BUG: KCSAN: (?P<bug>data-race) in (?P<func>[\w.]+)(?: / (?P<other>[\w.]+))?",
        title="KCSAN: {bug} in {func} / {other}",
        recommendation="Take the lock in both functions, or mark both accesses (READ_ONCE ...).",
    ),
    Rule(
        kind="kfence",
        hint="BUG: KFENCE:",
        pattern=r"BUG: KFENCE: (?P<bug>[\w -]+?) in " + FUNCTION,
        title="KFENCE: {bug} in {frame}",
        blame=Blame.FAULTING,
        recommendation=_OBJECT,
    ),
    Rule(
        kind="ubsan",
        hint="UBSAN:",
        pattern=r"UBSAN: (?:Undefined behaviour|(?P<bug>[\w -]+)) in \S+:\d+",
        title="UBSAN: {bug:undefined-behaviour} in {frame}",
        blame=Blame.FAULTING,
    ),
)
