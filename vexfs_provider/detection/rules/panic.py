"""The kernel gives up (kernel/panic.c)."""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import Blame, Rule

_PANIC = r"Kernel panic - not syncing: "

RULES = (
    Rule(
        kind="stack-overflow",
        hint="corrupted stack end",
        pattern=_PANIC + "corrupted stack end detected",
        title="kernel panic: corrupted stack end in {frame}",
        severity=Severity.CRITICAL,
        ends_others=False,
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="stack-overflow",
        hint="stack-protector",
        pattern=_PANIC + r"stack-protector: Kernel stack is corrupted in:? (?P<func>[A-Za-z_]\w*)",
        title="kernel panic: stack is corrupted in {func}",
        severity=Severity.CRITICAL,
        ends_others=False,
    ),
    Rule(
        kind="panic",
        hint="Kernel panic",
        pattern=_PANIC + r"(?P<what>.+?)"
        r"(?: in interrupt| for \w+ --- error.*| exitcode=.*| from .*| on .*|[ .]+)?$",
        title="kernel panic: {what}",
        severity=Severity.CRITICAL,
        ends_others=False,
    ),
)
