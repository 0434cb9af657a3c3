"""Which locks are of one class: those of one variable, one place of initialisation, or one use.

The kernel without lockdep does not know. A lock that was initialised before the trace is put with
those that are taken by the same calls: the inodes' locks, say, all of them. Where such a call takes
locks of several known classes it is a helper that takes any lock, and tells nothing.
"""

from collections.abc import Hashable


class LockClasses:
    """Collects names and uses of locks; ``of`` then has the class of each."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._above: dict[Hashable, Hashable] = {}
        self._functions: dict[str, str] = {}
        self._groups: dict[Hashable, set[str]] | None = None

    def name(self, lock: str, name: str) -> None:
        """The class of a lock is known."""
        self._names[lock] = name

    def use(self, lock: str, site: int, function: str) -> None:
        """A lock is taken by a numbered call in a function."""
        self._functions.setdefault(lock, function)
        first, second = self._top(lock), self._top(site)
        if first != second:
            self._above[first] = second

    def of(self, lock: str) -> str:
        """The class; the lock itself if nothing is known. To be asked when all has been told."""
        if lock in self._names:
            return self._names[lock]
        if self._groups is None:
            self._groups = {}
            for used, function in self._functions.items():
                name = self._names.get(used) or f"lock of {function}"
                self._groups.setdefault(self._top(used), set()).add(name)
        names = self._groups.get(self._top(lock), set())
        known = names & set(self._names.values())
        if len(known) > 1 or not names:
            return lock
        return min(known or names)

    def _top(self, member: Hashable) -> Hashable:
        """The one that stands for all that are connected with a lock or a call."""
        while (above := self._above.get(member, member)) != member:
            self._above[member] = self._above.get(above, above)
            member = above
        return member
