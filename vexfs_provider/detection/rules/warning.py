"""WARN_ON and its like (kernel/panic.c, lib/refcount.c, lib/debugobjects.c)."""

from vexfs_provider.detection.rule import FUNCTION, Blame, Rule

# "WARNING: CPU: 1 PID: 2 at file:line func+..", from 6.19 on "WARNING: [condition] file:line at .."
_AT = r"WARNING: (?:CPU: \d+ PID: -?\d+ at |\[.{1,300}?\] )?(?:\S*/)?"
_FUNC = r":\d+ (?:(?:at )?" + FUNCTION + r")?"


def _warning(place: str, title: str, kind: str = "warning") -> Rule:
    return Rule(
        kind=kind,
        hint="WARNING: ",
        pattern=_AT + place + _FUNC,
        title=title,
        blame=Blame.FAULTING,
    )


RULES = (
    _warning(r"lib/refcount\.c", "WARNING: refcount bug in {frame}", "refcount-warning"),
    _warning(r"lib/debugobjects\.c", "WARNING: ODEBUG bug in {frame}"),
    _warning(r"mm/slab_common\.c", "WARNING: kmalloc bug in {frame}"),
    _warning(r"mm/usercopy\.c", "WARNING: bad usercopy in {frame}"),
    _warning(r"lib/list_debug\.c", "WARNING: corrupted list in {frame}", "list-corruption"),
    _warning(r"kernel/locking/lockdep\.c", "WARNING: locking bug in {frame}", "lockdep-other"),
    Rule(
        kind="warning",
        hint="WARNING: CPU:",
        pattern=r"WARNING: CPU: \d+ PID: -?\d+(?: at \S+?" + _FUNC + r")?",
        title="WARNING in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="warning",
        hint="WARNING: ",
        pattern=r"WARNING: (?:\[.{1,300}?\] )?[\w./-]+\.[ch]:\d+ at (?:" + FUNCTION + r"|\S+?)",
        title="WARNING in {frame}",
        blame=Blame.FAULTING,
    ),
    Rule(
        kind="warning",
        hint="WARNING: kernel stack",
        pattern=r"WARNING: kernel stack (?P<what>regs|frame pointer) at .{0,200}? has bad "
        r"(?P<bad>.{0,8}value)",
        title="WARNING: kernel stack {what} has bad {bad}",
    ),
)
