"""The kernel's functions that take and release locks, as modules call them (linux/mutex.h,
spinlock_api_smp.h, rwlock_api_smp.h, rwsem.h of 6.1 and 6.12).

Semaphores (``down``, ``up``) have no owner, and sequence counters, RCU and bit locks are inline or
no locks; none of them is followed. ``downgrade_write`` is left out: the lock stays held alone.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


class Role(enum.Enum):
    """What a function does to a lock. The value is the name of the probe's event."""

    TAKE = "take"
    RELEASE = "release"
    INITIALISE = "initialise"


class Success(enum.Enum):
    """Which return value says that the lock was taken."""

    ALWAYS = "any"
    ZERO = "0"
    ONE = "1"


@dataclass(frozen=True)
class LockFunction:
    """``waits`` is False for one that only tries; ``register`` has the lock's address.

    ``masks``: interrupts are off on this processor as long as the lock is held.
    """

    role: Role
    family: str
    shared: bool = False
    waits: bool = True
    success: Success = Success.ALWAYS
    register: str = "di"
    masks: bool = False


def _mutexes() -> Iterator[tuple[str, LockFunction]]:
    for end in ("", "_nested"):
        yield f"mutex_lock{end}", LockFunction(Role.TAKE, "mutex")
        yield f"mutex_lock_io{end}", LockFunction(Role.TAKE, "mutex")
        for kind in ("interruptible", "killable"):
            function = LockFunction(Role.TAKE, "mutex", success=Success.ZERO)
            yield f"mutex_lock_{kind}{end}", function
    yield "_mutex_lock_nest_lock", LockFunction(Role.TAKE, "mutex")
    tried = LockFunction(Role.TAKE, "mutex", waits=False, success=Success.ONE)
    yield "mutex_trylock", tried
    counted = LockFunction(Role.TAKE, "mutex", success=Success.ONE, register="si")
    yield "atomic_dec_and_mutex_lock", counted
    yield "mutex_unlock", LockFunction(Role.RELEASE, "mutex")
    yield "__mutex_init", LockFunction(Role.INITIALISE, "mutex")


def _spinning(name: str, *, shared: bool) -> Iterator[tuple[str, LockFunction]]:
    for end in ("", "_bh", "_irq", "_irqsave", "_nested", "_irqsave_nested", "_nest_lock"):
        function = LockFunction(Role.TAKE, name, shared, masks=end.startswith("_irq"))
        yield f"_raw_{name}_lock{end}", function
    for end in ("", "_bh"):
        tried = LockFunction(Role.TAKE, name, shared, waits=False, success=Success.ONE)
        yield f"_raw_{name}_trylock{end}", tried
    for end in ("", "_bh", "_irq", "_irqrestore"):
        yield f"_raw_{name}_unlock{end}", LockFunction(Role.RELEASE, name, shared)


def _semaphores(name: str, *, shared: bool) -> Iterator[tuple[str, LockFunction]]:
    for end in ("", "_nested", "_non_owner"):
        yield f"down_{name}{end}", LockFunction(Role.TAKE, "rwsem", shared)
    yield f"_down_{name}_nest_lock", LockFunction(Role.TAKE, "rwsem", shared)
    for end in ("_interruptible", "_killable", "_killable_nested"):
        function = LockFunction(Role.TAKE, "rwsem", shared, success=Success.ZERO)
        yield f"down_{name}{end}", function
    tried = LockFunction(Role.TAKE, "rwsem", shared, waits=False, success=Success.ONE)
    yield f"down_{name}_trylock", tried
    for end in ("", "_non_owner"):
        yield f"up_{name}{end}", LockFunction(Role.RELEASE, "rwsem", shared)


def _all() -> Iterator[tuple[str, LockFunction]]:
    yield from _mutexes()
    yield from _spinning("spin", shared=False)
    yield from _spinning("read", shared=True)
    yield from _spinning("write", shared=False)
    for end in ("", "_irqsave"):
        masks = end == "_irqsave"
        counted = LockFunction(Role.TAKE, "spin", success=Success.ONE, register="si", masks=masks)
        yield f"_atomic_dec_and_lock{end}", counted
    yield from _semaphores("read", shared=True)
    yield from _semaphores("write", shared=False)
    yield "__init_rwsem", LockFunction(Role.INITIALISE, "rwsem")


LOCK_FUNCTIONS: Mapping[str, LockFunction] = dict(_all())
