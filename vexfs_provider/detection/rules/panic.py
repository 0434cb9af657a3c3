"""The kernel gives up (kernel/panic.c)."""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import NAMED, Rule
from vexfs_provider.detection.trail import CALLING, NOBODY, STACK_USED_UP, Trail

_PANIC = r"Kernel panic - not syncing: "


def _panic(
    text: str,
    title: str,
    blame: Trail = NOBODY,
    *,
    kind: str = "panic",
    alternatives: tuple[str, ...] = (),
    traced: bool = True,
    truncated: bool = False,
) -> Rule:
    return Rule(
        kind=kind,
        hint="Kernel panic",
        pattern=_PANIC + text,
        title=title,
        blame=blame,
        severity=Severity.CRITICAL,
        ends_others=False,
        alternatives=alternatives,
        traced=traced,
        truncated=truncated,
    )


RULES = (
    _panic(
        r"stack-protector: Kernel stack is corrupted in:? " + NAMED,
        "kernel panic: stack is corrupted in {func}",
        kind="stack-overflow",
        traced=False,
    ),
    _panic(
        r"stack-protector: Kernel stack is corrupted in:? [a-f0-9]",
        "kernel panic: stack is corrupted in {frame}",
        CALLING.beside("stack_chk"),
        kind="stack-overflow",
    ),
    _panic(
        "corrupted stack end detected",
        "kernel panic: corrupted stack end in {frame}",
        STACK_USED_UP.beside("schedule retint_kernel"),
        kind="stack-overflow",
        alternatives=("stack-overflow in {frame}",),
    ),
    _panic(
        "kernel stack overflow",
        "kernel stack overflow in {frame}",
        STACK_USED_UP.beside("bad_stack"),
        kind="stack-overflow",
        alternatives=("stack-overflow in {frame}",),
    ),
    _panic("Attempted to kill init!", "kernel panic: Attempted to kill init!"),
    _panic(r"Couldn't open N_TTY ldisc for \S", "kernel panic: Couldn't open N_TTY ldisc"),
    # Each follows a report; alone, that report's header must have been lost.
    _panic("Fatal exception", "kernel panic: Fatal exception", truncated=True),
    _panic("panic_on_warn set", "kernel panic: panic_on_warn set", truncated=True),
    _panic("hung_task: blocked tasks", "kernel panic: hung_task: blocked tasks", truncated=True),
    _panic(r"(?P<what>\S.{0,300})", "kernel panic: {what}"),
    _panic("", "kernel panic", truncated=True),
)
