"""Reports of the lock validator (kernel/locking/lockdep.c) and of lock debugging."""

from vexfs_provider.detection.rule import Blame, Rule

# Before 4.15 a header stood in brackets: "[ INFO: possible recursive locking detected ]".
_HEAD = r"(?:\[ )?(?P<level>WARNING|INFO|BUG): "
_ADVICE = "Compare the order of the locks in the two stacks; take them in one order everywhere."


def _lockdep(
    hint: str, title: str, *, text: str | None = None, kind: str = "lockdep-other"
) -> Rule:
    return Rule(
        kind=kind,
        hint=hint,
        pattern=_HEAD + f"(?:{text or hint})",
        title=title,
        blame=Blame.FAULTING,
        recommendation=_ADVICE if kind == "lockdep-deadlock" else "",
    )


def _deadlock(hint: str) -> Rule:
    return _lockdep(
        hint, "possible deadlock in {frame}", text="possible " + hint, kind="lockdep-deadlock"
    )


RULES = (
    _deadlock("circular locking dependency detected"),
    _deadlock("recursive locking detected"),
    _deadlock("irq lock inversion dependency detected"),
    _lockdep(
        "lock order detected",
        "possible deadlock in {frame}",
        text=r"\S+-safe -> \S+-unsafe lock order detected",
        kind="lockdep-deadlock",
    ),
    _lockdep(
        "inconsistent lock state", "inconsistent lock state in {frame}", kind="lockdep-inconsistent"
    ),
    _lockdep(
        "suspicious RCU usage", "WARNING: suspicious RCU usage in {frame}", kind="suspicious-rcu"
    ),
    _lockdep("bad unlock balance detected", "{level}: bad unlock balance in {frame}"),
    _lockdep("held lock freed", "{level}: held lock freed in {frame}"),
    _lockdep(
        "ested lock was not taken",
        "WARNING: nested lock was not taken in {frame}",
        text="[Nn]ested lock was not taken",
    ),
    _lockdep(
        "lock held when returning to user space",
        "{level}: lock held when returning to user space in {frame}",
    ),
    _lockdep(
        "still has locks held",
        "{level}: still has locks held in {frame}",
        text=r".{1,64} still has locks held",
    ),
    _lockdep("spinlock bad magic", "BUG: spinlock bad magic in {frame}"),
    _lockdep("rwlock bad magic", "BUG: rwlock bad magic in {frame}"),
    _lockdep(
        "spinlock lockup suspected", "BUG: spinlock lockup suspected in {frame}", kind="soft-lockup"
    ),
    _lockdep(
        "Invalid wait context",
        "WARNING: invalid wait context in {frame}",
        text="[Ii]nvalid wait context",
    ),
)
