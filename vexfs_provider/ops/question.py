"""What to make of a difference: the answer follows from trials of beginnings of its list.

The tree after a list shows what is wrong, but not since when; and a time that one filesystem sets
and the other does not is right or wrong by what the operation has changed besides.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from vexfs_provider.ops.allowances import Doubt
from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.divergence import ABSENT, PERSISTENCE, RESULT, TREE, Divergence, title_of
from vexfs_provider.ops.facts import TIMES, facts_of
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.trial import Case, Key, Trial, beginning


class Wanted(Exception):
    """The answer needs a trial that has not been run."""

    def __init__(self, key: Key, one: OpList):
        super().__init__()
        self.key = key
        self.list = one


class Question:
    """What to make of one case, by the trials that are known."""

    def __init__(self, case: Case, known: Mapping[Key, Trial], allowed: Allowed):
        self._case = case
        self._list = case.list
        self._divergence = case.divergence
        self._known = known
        self._allowed = allowed

    def answer(self) -> list[Case]:
        """One case, or none if it does not count. Raises ``Wanted``."""
        one = self._divergence
        if one.kind == PERSISTENCE:
            return [self._case]
        if self._case.of_time:
            return self._of_time()
        if one.doubtful:
            return self._of_full()
        return self._of_state()

    def _of_full(self) -> list[Case]:
        """Whether the operation fails for lack of room on an empty filesystem too."""
        assert self._divergence.index is not None
        length = self._divergence.index + 1
        shown = self._compared(length, alone=True)
        same = any(one.title == self._divergence.title for one in shown)
        return [self._cut(replace(self._divergence, doubtful=False), length)] if same else []

    def _of_state(self) -> list[Case]:
        """The first operation behind which the trees differ; none may: then the result counts."""
        index = self._divergence.index
        length = len(self._list.operations)
        if index is not None:
            if index == 0 or self._weightiest(index) is None:
                return [self._cut(self._divergence, index + 1)]
            length = index
        first = self._first(length, lambda length: self._weightiest(length) is not None)
        shown = self._weightiest(first) or self._divergence
        return [self._cut(self._blamed(shown, first), first)]

    def _of_time(self) -> list[Case]:
        """Whether the operation that set the time, or did not, may do so."""
        culprit = self._divergence.culprit
        if culprit is not None:
            shown = [one for one in self._times(culprit + 1) if one.culprit == culprit]
            if shown:
                counting = [one for one in shown if not self._excused(one, culprit)][:1]
                return [self._cut(self._blamed(one, culprit + 1), culprit + 1) for one in counting]
        if self._divergence.doubtful:
            return []
        index = self._divergence.index
        length = len(self._list.operations) if index is None else index
        if not self._same_times(length):
            problem = self._divergence.problem
            unknown = replace(self._divergence, culprit=None, title=title_of(problem))
            return [self._cut(unknown, length if index is None else index + 1)]
        first = self._first(length, lambda length: bool(self._same_times(length)))
        return [self._cut(self._blamed(self._same_times(first)[0], first), first)]

    def _excused(self, shown: Divergence, culprit: int) -> bool:
        operation = self._list.operations[culprit]
        rule = self._allowed.rule_for_times(operation)
        if rule is None:
            return False
        before = self._trial(culprit).references[0].tree
        after = self._trial(culprit + 1).references[0].tree
        return rule.excuses(Doubt(operation, shown.path, shown.attribute, before, after))

    def _first(self, length: int, shows: Callable[[int], bool]) -> int:
        """By bisection: the shortest beginning that shows it; one of ``length`` does."""
        without = 0
        while length - without > 1:
            middle = (without + length) // 2
            if shows(middle):
                length = middle
            else:
                without = middle
        return length

    def _weightiest(self, length: int) -> Divergence | None:
        """The difference of the trees after a beginning, times aside."""
        found = self._compared(length)
        return next((o for o in found if o.kind == TREE and o.attribute not in TIMES), None)

    def _times(self, length: int) -> list[Divergence]:
        attribute = self._divergence.attribute
        found = self._compared(length)
        return [one for one in found if one.kind == TREE and one.attribute == attribute]

    def _same_times(self, length: int) -> list[Divergence]:
        wanted = self._values(self._divergence)
        return [one for one in self._times(length) if self._values(one) == wanted]

    def _values(self, one: Divergence) -> tuple[str, str]:
        """The times themselves; a stat's result has them among others."""
        if one.kind != RESULT:
            return one.expected, one.actual
        expected, actual = facts_of(one.expected.split()), facts_of(one.actual.split())
        return expected.get(one.attribute, ABSENT), actual.get(one.attribute, ABSENT)

    def _compared(self, length: int, *, alone: bool = False) -> list[Divergence]:
        trial = self._trial(length, alone=alone)
        operations = self._list.operations[:length]
        return compare(operations, trial.references, trial.actual, self._allowed)

    def _trial(self, length: int, *, alone: bool = False) -> Trial:
        key = Key(self._list.name, length, alone)
        if key not in self._known:
            raise Wanted(key, beginning(self._list, length))
        return self._known[key]

    def _blamed(self, one: Divergence, length: int) -> Divergence:
        return one.blaming(self._list.operations[length - 1], length - 1)

    def _cut(self, one: Divergence, length: int) -> Case:
        return Case(beginning(self._list, length), one)
