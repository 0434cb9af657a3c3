"""Reports of the lock validator (kernel/locking/lockdep.c) and of lock debugging.

Up to 4.14 a header stood in brackets: ``[ INFO: possible recursive locking detected ]``. Each names
the lock that was taken, ``at: function+0x..``, before any stack.
"""

import re

from vexfs_provider.detection.rule import NAMED, Rule
from vexfs_provider.detection.stack import PC
from vexfs_provider.detection.trail import (
    AT,
    CALLING,
    CALLS,
    NOBODY,
    PRINTED,
    STACK,
    WARNED,
    Trail,
)

_HEAD = r"(?:\[ )?(?P<level>WARNING|INFO|BUG): "
_OLD_HEAD = r"\[ (?P<level>INFO): "
_TAKEN = rf"(?:at: |{PC} {{1,4}}){NAMED}"
_DEADLOCK = "possible deadlock in {frame}"
_OLD_DEADLOCK = "possible deadlock in {func}"


def _rule(
    hint: str,
    title: str,
    blame: Trail,
    *details: str,
    text: str = "",
    head: str = _HEAD,
    kind: str = "lockdep-other",
    traced: bool = True,
) -> Rule:
    return Rule(
        kind=kind,
        hint=hint,
        pattern=head + (text or hint),
        title=title,
        blame=blame,
        details=details,
        traced=traced,
    )


def _deadlock(hint: str, blame: Trail, *details: str, text: str = "") -> Rule:
    """A lock order that may block for ever; ``blame`` is NOBODY where details name the function."""
    title = _OLD_DEADLOCK if blame is NOBODY else _DEADLOCK
    return _rule(hint, title, blame, *details, text=text, kind="lockdep-deadlock")


_OLD = (
    _rule(
        "INFO: ",
        _OLD_DEADLOCK,
        NOBODY,
        "is trying to acquire",
        _TAKEN,
        text=r"(?:possible circular locking dependency|\S+-safe -> \S+-unsafe lock order) detected",
        head=_OLD_HEAD,
        kind="lockdep-deadlock",
    ),
    _rule(
        "inconsistent lock state",
        "inconsistent lock state in {func}",
        NOBODY,
        " takes",
        _TAKEN,
        head=_OLD_HEAD,
        kind="lockdep-inconsistent",
    ),
)
_DEADLOCKS = (
    # process_one_work and those that flush a queue take the lock that stands for the work itself
    _deadlock(
        "possible circular locking dependency detected",
        Trail((AT, AT, STACK)).beside("process_one_work (?:flush|drain|destroy)_workqueue"),
        "is trying to acquire lock",
    ),
    _deadlock(
        "possible recursive locking detected",
        NOBODY,
        "is trying to acquire lock",
        _TAKEN,
    ),
    _deadlock(
        "possible irq lock inversion dependency detected",
        NOBODY,
        "just changed the state of lock",
        _TAKEN,
    ),
    # the function that took the unsafe lock, in the middle of the report
    _deadlock(
        "lock order detected",
        Trail((re.compile(r"which became .{1,64} at:"), STACK)),
        text=r"\S+-safe -> \S+-unsafe lock order detected",
    ),
)
_STATES = (
    _rule(
        "inconsistent lock state",
        "inconsistent lock state in {frame}",
        CALLING,
        " takes",
        _TAKEN,
        kind="lockdep-inconsistent",
    ),
    _rule(
        "suspicious RCU usage",
        "{level}: suspicious RCU usage in {frame}",
        CALLING.beside("rcu kmem slab"),
        r"[\w./-]\.[a-z]{1,4}:\d",
        text=r"suspicious (?:RCU|rcu_dereference_check\(\)) usage",
        kind="suspicious-rcu",
    ),
    _rule(
        "bad unlock balance detected",
        "{level}: bad unlock balance in {frame}",
        Trail((PRINTED, CALLS, STACK)),
    ),
    _rule(
        "bad contention detected",
        "{level}: bad contention in {frame}",
        Trail((PRINTED, CALLS, STACK)),
    ),
    _rule("held lock freed", "{level}: held lock freed in {func}", NOBODY, _TAKEN),
    _rule(
        "ested lock was not taken",
        "{level}: nested lock was not taken in {frame}",
        WARNED,
        text="[Nn]ested lock was not taken",
    ),
    _rule(
        "lock held when returning to user space",
        "{level}: lock held when returning to user space in {func}",
        NOBODY,
        "leaving the kernel with locks still held",
        _TAKEN,
        traced=False,
    ),
    _rule(
        "still has locks held",
        "{level}: still has locks held in {func}",
        NOBODY,
        _TAKEN,
        text=r".{1,64} still has locks held",
    ),
    _rule(
        "nvalid wait context",
        "WARNING: locking bug in {frame}",
        CALLING.beside("lock_sock release_sock"),
        text="[Ii]nvalid wait context",
    ),
    _rule(
        "trying to register non-static key",
        "{level}: trying to register non-static key in {frame}",
        CALLING.beside("stack lock IRQ"),
    ),
)


def _spinning(lock: str) -> Rule:
    """Checks of the lock itself (kernel/locking/spinlock_debug.c)."""
    return Rule(
        kind="lockdep-other",
        hint=f"BUG: {lock} ",
        pattern=rf"BUG: {lock} (?P<what>lockup suspected|already unlocked|recursion|cpu recursion"
        r"|cpu-recursion|bad magic|wrong owner|wrong CPU|trylock failure on UP|uninitialized)",
        title=f"BUG: {lock} {{what}} in {{frame}}",
        blame=CALLING.beside("spin_ _lock _unlock"),
    )


RULES = (*_OLD, *_DEADLOCKS, *_STATES, _spinning("spinlock"), _spinning("rwlock"))
