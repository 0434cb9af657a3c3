"""Which of the differences that lists have shown count, and which operation made each."""

from collections import defaultdict
from collections.abc import Iterable

from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.divergence import PERSISTENCE
from vexfs_provider.ops.facts import TIMES
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.question import Question, Wanted
from vexfs_provider.ops.trial import Case, Key, Laboratory, Trial

MOST_OF_A_TITLE = 30  # lists that are looked into; those beyond are taken for the same
MOST_DOUBTFUL = 6


def settle(cases: Iterable[Case], laboratory: Laboratory, allowed: Allowed) -> list[Case]:
    """The cases that count, each with the shortest beginning of its list that shows it.

    Where an operation is known to have made the difference, it is the list's last and in the title.
    Raises what the laboratory raises.
    """
    waiting = _few_of_each(cases)
    settled: list[Case] = []
    known: dict[Key, Trial] = {}
    while waiting:
        wanted: dict[Key, OpList] = {}
        undecided = []
        for case in waiting:
            try:
                settled += Question(case, known, allowed).answer()
            except Wanted as missing:
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


def _run(wanted: dict[Key, OpList], laboratory: Laboratory) -> dict[Key, Trial]:
    together = {key: one for key, one in wanted.items() if not key.alone}
    trials = laboratory.run(list(together.values())) if together else []
    alone = {key: laboratory.run_alone(one) for key, one in wanted.items() if key.alone}
    return dict(zip(together, trials, strict=True)) | alone
