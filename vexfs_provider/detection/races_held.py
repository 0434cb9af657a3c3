"""Which locks each task holds while a trace goes by."""

from vexfs_provider.detection.races_events import LockAction, LockEvent


class HeldLocks:
    """The locks of each task, in the order of their acquisition.

    A trace may miss a release (one made by another module, say). Who gets a lock for itself proves
    that nobody holds it any more.
    """

    def __init__(self) -> None:
        self._of_task: dict[str, list[LockEvent]] = {}
        self._owners: dict[str, set[str]] = {}

    def of(self, task: str) -> tuple[LockEvent, ...]:
        """The acquisitions that are still held."""
        return tuple(self._of_task.get(task, ()))

    def protecting(self, task: str, *, write: bool) -> frozenset[str]:
        """The locks that protect a write, or a read, of this task: readers must not write."""
        held = self._of_task.get(task, ())
        return frozenset(event.lock for event in held if not (write and event.shared))

    def update(self, event: LockEvent) -> None:
        """Take an event into account."""
        if event.action is LockAction.RELEASE:
            self._release(event)
        elif event.action is not LockAction.WAIT:
            if not event.shared:
                for owner in tuple(self._owners.get(event.lock, ())):
                    self._keep(owner, event.lock, [])
            self._of_task.setdefault(event.task, []).append(event)
            self._owners.setdefault(event.lock, set()).add(event.task)

    def _release(self, event: LockEvent) -> None:
        owners = self._owners.get(event.lock, set())
        # A semaphore may be released by another task than took it, if there is no doubt which.
        owner = next(iter(owners)) if len(owners) == 1 else event.task
        if owner in owners:
            held = [taken for taken in self._of_task[owner] if taken.lock == event.lock]
            self._keep(owner, event.lock, held[:-1])

    def _keep(self, owner: str, lock: str, kept: list[LockEvent]) -> None:
        """Leave only the holds ``kept`` of a lock with its owner."""
        held = self._of_task[owner]
        held[:] = [taken for taken in held if taken.lock != lock or taken in kept]
        if not kept:
            self._owners[lock].discard(owner)
