"""Make a list that shows a finding as short, and its arguments as plain, as they get.

The list: delta debugging (``ddmin``; Zeller and Hildebrandt, "Simplifying and Isolating
Failure-Inducing Input", IEEE TSE 28(2), 2002). The arguments: greedy, the plainest value first.
"""

import enum
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import islice

from vexfs_provider.deadline import Deadline
from vexfs_provider.ops.operations import Operation

Operations = tuple[Operation, ...]

Shows = Callable[[Operations], bool]
"""Whether one try of a list shows the finding; called from several threads at once."""

PLAIN_MODES = {"mkdir": 0o755}
PLAIN_MODE = 0o644
BLOCK = 4096


@dataclass(frozen=True)
class Rate:
    """A list shows a finding if at least ``needed`` of ``tries`` tries do."""

    needed: int = 1
    tries: int = 1

    def holds(self, shows: Shows, operations: Operations) -> bool:
        """Try no more often than it takes to know."""
        seen = 0
        for number in range(1, self.tries + 1):
            seen += shows(operations)
            if seen >= self.needed:
                return True
            if seen + self.tries - number < self.needed:
                return False
        return False


@dataclass(frozen=True)
class Reduced:
    """The list that is left, the number of lists tried, and whether time sufficed to end."""

    operations: Operations
    tried: int
    complete: bool


class _TimeIsUp(Exception):
    """The deadline has passed: what has been found so far is the answer."""


def minimise(
    operations: Sequence[Operation],
    shows: Shows,
    limit: Deadline,
    *,
    rate: Rate | None = None,
    workers: int = 1,
) -> Reduced:
    """The smallest list found until ``limit`` that still shows what ``operations`` shows.

    That the given list shows it is believed. ``workers`` lists are tried side by side.
    """
    with ThreadPoolExecutor(workers) as pool:
        search = _Search(shows, rate or Rate(), limit, pool, workers)
        best = _Best(tuple(operations))
        try:
            _shorten(best, search)
            while _simplify(best, search):
                _remove_single(best, search)
        except _TimeIsUp:
            return Reduced(best.operations, search.tried, False)
    return Reduced(best.operations, search.tried, True)


@dataclass
class _Best:
    operations: Operations


class _Search:
    """Tries lists, each only once; the first that shows the finding wins, in their order."""

    def __init__(
        self, shows: Shows, rate: Rate, limit: Deadline, pool: ThreadPoolExecutor, workers: int
    ):
        self._shows = shows
        self._rate = rate
        self._limit = limit
        self._pool = pool
        self._workers = workers
        self._known: dict[Operations, bool] = {}

    @property
    def tried(self) -> int:
        return len(self._known)

    def first(self, candidates: Iterable[Operations]) -> Operations | None:
        """Raises ``_TimeIsUp``."""
        waiting = iter(candidates)
        running: deque[tuple[Operations, Future[bool] | None]] = deque()
        for candidate in islice(waiting, self._workers):
            running.append(self._start(candidate))
        while running:
            candidate, future = running.popleft()
            if future is not None:
                self._known[candidate] = future.result()
            if self._known[candidate]:
                self._settle(running)
                return candidate
            for following in islice(waiting, 1):
                running.append(self._start(following))
        return None

    def _start(self, candidate: Operations) -> tuple[Operations, Future[bool] | None]:
        if candidate in self._known:
            return candidate, None
        if self._limit.expired:
            raise _TimeIsUp
        return candidate, self._pool.submit(self._rate.holds, self._shows, candidate)

    def _settle(self, running: Iterable[tuple[Operations, Future[bool] | None]]) -> None:
        """What was begun ahead of need is not lost."""
        for candidate, future in running:
            if future is not None and not future.cancel():
                self._known[candidate] = future.result()


def _shorten(best: _Best, search: _Search) -> None:
    """``ddmin``: leave out ever smaller parts of the list until no single one can go."""
    parts = 2
    while len(best.operations) > 1:
        found = search.first(_without_parts(best.operations, parts))
        if found is not None:
            best.operations = found
            parts = max(parts - 1, 2)
        elif parts >= len(best.operations):
            return
        else:
            parts = min(2 * parts, len(best.operations))


def _without_parts(operations: Operations, parts: int) -> Iterator[Operations]:
    """The list without each of ``parts`` parts of about the same length, the last one first.

    Most of what comes after the operation that shows the finding can go, hence the order.
    """
    length = len(operations)
    for part in reversed(range(parts)):
        start, end = length * part // parts, length * (part + 1) // parts
        if end > start:
            yield operations[:start] + operations[end:]


def _remove_single(best: _Best, search: _Search) -> None:
    while len(best.operations) > 1:
        found = search.first(_without_parts(best.operations, len(best.operations)))
        if found is None:
            return
        best.operations = found


def _simplify(best: _Best, search: _Search) -> bool:
    """Give each operation the plainest arguments that still show it; whether any changed."""
    changed = False
    for position in reversed(range(len(best.operations))):
        while found := search.first(_with_plainer(best.operations, position)):
            best.operations = found
            changed = True
    return changed


def _with_plainer(operations: Operations, position: int) -> Iterator[Operations]:
    for plainer in plainer_forms(operations[position]):
        yield (*operations[:position], plainer, *operations[position + 1 :])


def plainer_forms(operation: Operation) -> Iterator[Operation]:
    """The operation with one argument plainer than it is, the plainest first.

    Each is smaller by an order without infinite descent, so going on with any of them ends.
    """
    for field in fields(operation):
        value = getattr(operation, field.name)
        for plainer in _plainer_values(operation, field.name, value):
            try:
                yield replace(operation, **{field.name: plainer})
            except ValueError:
                continue  # not every operation takes every value


def _plainer_values(operation: Operation, name: str, value: object) -> Iterator[object]:
    if name == "mode" and isinstance(value, int):
        plain = PLAIN_MODES.get(operation.keyword, PLAIN_MODE)
        if value != plain and operation.keyword != "chmod":
            yield plain
    elif isinstance(value, enum.Flag):
        yield from (value & ~one for one in value)
    elif isinstance(value, int) and value > 1 and name == "seed":
        yield 1
    elif isinstance(value, int) and value > 0 and name != "seed":
        yield from _smaller(value)


def _smaller(value: int) -> Iterator[int]:
    """A few plainer numbers, each another fresh guest to try: so none that is only one less."""
    rounded = value - value % BLOCK
    power = 1 << (value - 1).bit_length() >> 1
    for number in sorted({0, 1, rounded, power, value // 2}):
        if number < value:
            yield number
