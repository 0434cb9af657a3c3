"""Few mounts that have every pair of documented options between them."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from vexfs_provider.filesystems.mount_options import MountOptions

Pair = frozenset[str]


class Covering:
    """Rows of options of which each valid pair is in one; the same rows whenever it is asked.

    Greedy: a row starts with the first pair that no row has had, and takes from each choice the
    value that adds most such pairs, or none. ``total`` is the number of valid pairs of ``values``,
    ``tried`` of those that were in a row so far.
    """

    def __init__(self, options: MountOptions, values: Sequence[str]):
        self._options = options
        allowed = set(values)
        self._choices = [
            [value for value in choice if value in allowed] for choice in options.all_choices
        ]
        self._needed = {value: options.with_needs([value]) for value in values}
        self._clashes = set(options.conflicts)
        for choice in options.all_choices:
            self._clashes |= set(_pairs(choice))
        # A dictionary is ordered: rows must not depend on the hashes of texts.
        self._left = dict.fromkeys(
            frozenset((one, other))
            for choice, later in combinations(self._choices, 2)
            for one in choice
            for other in later
            if options.valid((one, other))
        )
        self.total = len(self._left)
        self.tried = 0

    def next_row(self) -> tuple[str, ...]:
        """The next row, with what its options need; empty when every pair has been in one."""
        row = self._start()
        for choice in self._choices if row else ():
            best, most = set[str](), 0
            for value in choice:
                more = set(self._needed[value]) - row
                new = self._new_pairs(row, more)
                if new > most and not self._clashes & set(_pairs(row | more)):
                    best, most = more, new
            row |= best
        return self._options.with_needs(row)

    def done(self, row: Iterable[str]) -> None:
        """Count the pairs of a row that has been tried."""
        for pair in _pairs(row):
            if pair in self._left:
                del self._left[pair]
                self.tried += 1

    def refuse(self, pair: Sequence[str]) -> None:
        """Have no further row with both of these; they count as tried."""
        self._clashes.add(frozenset(pair))
        self.done(pair)

    def _start(self) -> set[str]:
        """The first pair that is left, with its needs; what cannot be any more counts as tried."""
        while self._left:
            pair = next(iter(self._left))
            row = {needed for value in pair for needed in self._needed[value]}
            if not self._clashes & set(_pairs(row)):
                return row
            self.done(pair)
        return set()

    def _new_pairs(self, row: set[str], more: set[str]) -> int:
        return sum(frozenset((one, other)) in self._left for one in row for other in more)


def _pairs(values: Iterable[str]) -> list[Pair]:
    return [frozenset(pair) for pair in combinations(values, 2)]
