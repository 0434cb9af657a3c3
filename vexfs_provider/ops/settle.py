"""Which differences count, and which operation made each: told by running beginnings of the lists.

The tree after a list shows what is wrong, but not since when; and a time that one filesystem sets
and the other does not is right or wrong by what the operation has changed besides.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.divergence import ABSENT, PERSISTENCE, RESULT, TREE, Divergence, title_of
from vexfs_provider.ops.facts import TIMES, facts_of
from vexfs_provider.ops.outcome import ListOutcome, OpList

BEGINNING = "-to-"  # in the name of a list that is the beginning of another
MOST_OF_A_TITLE = 30  # lists that are looked into; those beyond are taken for the same
MOST_DOUBTFUL = 6


@dataclass(frozen=True)
class Trial:
    """What a list gave on each reference, and on the filesystem under test."""

    references: tuple[ListOutcome, ...]
    actual: ListOutcome


@dataclass(frozen=True)
class Case:
    """A difference that a list has shown."""

    list: OpList
    divergence: Divergence

    @property
    def of_time(self) -> bool:
        """Whether it is a time that differs."""
        return self.divergence.attribute in TIMES

    @property
    def by_reference(self) -> bool:
        """Whether it is a difference from the references; else it is one from itself."""
        return self.divergence.kind != PERSISTENCE


class _Key(NamedTuple):
    """The beginning of a list, which runs beside others or alone."""

    name: str
    length: int
    alone: bool


class Laboratory(Protocol):
    """Where lists can be run."""

    def run(self, lists: Sequence[OpList]) -> Sequence[Trial]:
        """Run lists beside others."""

    def run_alone(self, one: OpList) -> Trial:
        """Run a list on empty filesystems."""


def beginning(one: OpList, length: int) -> OpList:
    """The first ``length`` operations of a list, as a list of its own."""
    return OpList(f"{one.name}{BEGINNING}{length}", one.operations[:length])


def settle(cases: Iterable[Case], laboratory: Laboratory, allowed: Allowed) -> list[Case]:
    """The cases that count, each with the shortest beginning of its list that shows it.

    Where an operation is known to have made the difference, it is the list's last and in the title.
    Raises what the laboratory raises.
    """
    waiting = _few_of_each(cases)
    settled: list[Case] = []
    known: dict[_Key, Trial] = {}
    while waiting:
        wanted: dict[_Key, OpList] = {}
        undecided = []
        for case in waiting:
            try:
                settled += _Question(case, known, allowed).answer()
            except _Wanted as missing:
                wanted[missing.key] = missing.list
                undecided.append(case)
        known |= _run(wanted, laboratory)
        waiting = undecided
    return _without_consequences(settled)


def _few_of_each(cases: Iterable[Case]) -> list[Case]:
    """Some cases of each title, from all over the lists."""
    by_title: dict[tuple[str, bool], list[Case]] = defaultdict(list)
    for case in cases:
        by_title[case.divergence.title, case.divergence.doubtful].append(case)
    chosen: list[Case] = []
    for (_, doubtful), group in by_title.items():
        most = MOST_DOUBTFUL if doubtful else MOST_OF_A_TITLE
        step = max(1, -(-len(group) // most))
        chosen += group[::step]
    return chosen


def _without_consequences(cases: list[Case]) -> list[Case]:
    """One case for a wrong state; else one for each file with wrong times, the mtime's first."""
    by_list: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_list[case.list.name].append(case)
    return [case for group in by_list.values() for case in _causes(group)]


def _causes(group: list[Case]) -> list[Case]:
    later = [case for case in group if case.divergence.kind == PERSISTENCE]
    states = [case for case in group if case not in later and not case.of_time]
    if states:
        return [states[0], *later]
    times: dict[str, Case] = {}
    others = [case for case in group if case not in later]
    for case in sorted(others, key=lambda case: TIMES.index(case.divergence.attribute)):
        times.setdefault(case.divergence.path, case)
    return [*times.values(), *later]


def _run(wanted: dict[_Key, OpList], laboratory: Laboratory) -> dict[_Key, Trial]:
    together = {key: one for key, one in wanted.items() if not key.alone}
    trials = laboratory.run(list(together.values())) if together else []
    alone = {key: laboratory.run_alone(one) for key, one in wanted.items() if key.alone}
    return dict(zip(together, trials, strict=True)) | alone


class _Wanted(Exception):
    """The answer needs a trial that has not been run."""

    def __init__(self, key: _Key, one: OpList):
        super().__init__()
        self.key = key
        self.list = one


class _Question:
    """What to make of one case, by the trials that are known."""

    def __init__(self, case: Case, known: dict[_Key, Trial], allowed: Allowed):
        self._case = case
        self._list = case.list
        self._divergence = case.divergence
        self._known = known
        self._allowed = allowed

    def answer(self) -> list[Case]:
        """One case, or none if it does not count. Raises ``_Wanted``."""
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
        return rule.excuses(operation, shown.path, before, after)

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
        key = _Key(self._list.name, length, alone)
        if key not in self._known:
            raise _Wanted(key, beginning(self._list, length))
        return self._known[key]

    def _blamed(self, one: Divergence, length: int) -> Divergence:
        return one.blaming(self._list.operations[length - 1], length - 1)

    def _cut(self, one: Divergence, length: int) -> Case:
        return Case(beginning(self._list, length), one)
