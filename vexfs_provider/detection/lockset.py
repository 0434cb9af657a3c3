"""Whether accesses to named objects are protected by a lock: Eraser's locksets, refined by order.

Savage et al., "Eraser: A Dynamic Data Race Detector for Multithreaded Programs" (1997). An object
belongs to the first task that touches it. It is passed on when the next task's access comes after
all before it: initialisation and hand-over need no lock. When it is not ordered, the object is
shared, and from then on the locks held at every access are intersected, beginning with the owner's
last one (Eraser, which knows no order, forgives the owner). Nothing left, and a write since then,
is a race.

What is not seen: accesses that the run did not make or that were not traced. What is seen wrongly:
objects protected by other means than locks (RCU, atomic operations, interrupts switched off, locks
that were not traced).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vexfs_provider.detection.lockset_order import HappensBefore
from vexfs_provider.detection.races_events import Access, Event, LockEvent
from vexfs_provider.detection.races_held import HeldLocks


@dataclass(frozen=True)
class Race:
    """An object that tasks share without a lock common to all accesses, one of which writes.

    ``lock`` is the class of the lock held at most of the accesses, None where none ever was;
    ``functions`` are those that accessed the object without it, sorted. ``access`` emptied the
    lockset, ``other`` is the last one of another task before it. ``unprotected`` of ``accesses``
    were made without the lock while the object was shared.
    """

    object: str
    lock: str | None
    functions: tuple[str, ...]
    access: Access
    other: Access
    unprotected: int
    accesses: int


def locksets(events: Iterable[Event]) -> list[Race]:
    """One race an object that is not protected, in the order of the objects' names."""
    view = _View()
    objects: dict[str, _Object] = {}
    for event in events:
        if isinstance(event, Access):
            objects.setdefault(event.object, _Object()).add(event, view)
        else:
            view.update(event)
    races = [thing.race(view) for _, thing in sorted(objects.items())]
    return [race for race in races if race]


class _View:
    """What is known of locks and order at one point of the trace."""

    def __init__(self) -> None:
        self.held = HeldLocks()
        self.order = HappensBefore(through_locks=False)
        self.order_of_run = HappensBefore(through_locks=True)
        self.classes: dict[str, str] = {}

    def update(self, event: Event) -> None:
        if isinstance(event, LockEvent):
            self.held.update(event)
            self.order_of_run.lock(event)
            self.classes[event.lock] = event.lock_class
        elif not isinstance(event, Access):
            self.order.signal(event)
            self.order_of_run.signal(event)

    def count(self, task: str) -> int:
        """Count an access of a task in both orders; its number, the same in both."""
        self.order_of_run.access(task)
        return self.order.access(task)


@dataclass(frozen=True)
class _Last:
    """The last access of a task, its number, and the locks that protected it."""

    access: Access
    number: int
    locks: frozenset[str]


class _Object:
    """The state of one object: whose it is, or (shared) which locks protected every access."""

    def __init__(self) -> None:
        self._owner: str | None = None
        self._last: dict[str, _Last] = {}
        self._candidates: frozenset[str] = frozenset()
        self._written = False
        self._shared: Counter[tuple[str, frozenset[str]]] = Counter()
        self._found: tuple[Access, Access] | None = None

    def add(self, access: Access, view: _View) -> None:
        """Take an access into account."""
        locks = view.held.protecting(access.task, write=access.write)
        if not self._last or self._owner == access.task or self._is_passed_on(access, view):
            self._owner = access.task
        else:
            self._share(access, locks)
        self._last.pop(access.task, None)  # so that the last access of all stands last
        self._last[access.task] = _Last(access, view.count(access.task), locks)

    def _is_passed_on(self, access: Access, view: _View) -> bool:
        """Whether it comes after all accesses of others; once shared, locks do not make that so."""
        order = view.order if self._owner is None else view.order_of_run
        others = [last for task, last in self._last.items() if task != access.task]
        return all(order.knows(access.task, one.access.task, one.number) for one in others)

    def _share(self, access: Access, locks: frozenset[str]) -> None:
        if self._owner is not None:
            owner = self._last[self._owner]
            self._shared[owner.access.function, owner.locks] += 1
            self._owner, self._candidates, self._written = None, owner.locks, False
        self._candidates &= locks
        self._written |= access.write
        self._shared[access.function, locks] += 1
        if self._written and not self._candidates and self._found is None:
            others = [last for task, last in self._last.items() if task != access.task]
            self._found = access, others[-1].access

    def race(self, view: _View) -> Race | None:
        """What the whole trace says of this object."""
        if self._found is None:
            return None
        lock = self._usual_lock()
        without = {entry: times for entry, times in self._shared.items() if lock not in entry[1]}
        access, other = self._found
        return Race(
            object=access.object,
            lock=None if lock is None else view.classes[lock],
            functions=tuple(sorted({function for function, _ in without})),
            access=access,
            other=other,
            unprotected=sum(without.values()),
            accesses=sum(self._shared.values()),
        )

    def _usual_lock(self) -> str | None:
        held: Counter[str] = Counter()
        for (_, locks), times in self._shared.items():
            held.update(dict.fromkeys(locks, times))
        return max(held, key=lambda lock: (held[lock], lock), default=None)
