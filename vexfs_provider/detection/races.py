"""Findings from a trace of locks and accesses: possible deadlocks and data races.

Both are inferences. A cycle of locks is a deadlock only if its steps can run at the same time, and
an object without a common lock is raced for only if nothing else protects it; a trace shows
neither, so both are warnings with the reason for their confidence. What a run did not do is not
seen at all: nothing found proves nothing. KCSAN and lockdep see more, in a kernel built with them.
"""

from collections.abc import Iterable, Sequence

from vexfs_provider.detection.finding import Evidence, Finding, Severity, normalise_title
from vexfs_provider.detection.lock_order import Cycle, lock_order
from vexfs_provider.detection.lockset import Race, locksets
from vexfs_provider.detection.races_events import Event, in_words

LOCK_ORDER = "lock-order"
DATA_RACE = "data-race"

TWO_TASKS, ONE_TASK = 0.7, 0.5  # confidence; see ``_of_cycle``
USUALLY_LOCKED, NEVER_LOCKED = 0.7, 0.5  # see ``_of_race``


def findings(events: Sequence[Event], source: str) -> list[Finding]:
    """The possible deadlocks and races in a trace, which is sorted by time.

    ``source`` names the file in the test's log folder that has the trace in words.
    """
    found = [_of_cycle(cycle, source) for cycle in lock_order(events)]
    return found + [_of_race(race, source) for race in locksets(events)]


def _of_cycle(cycle: Cycle, source: str) -> Finding:
    where = cycle.functions
    title = f"possible deadlock: lock order of {_list(where)}"
    if len(cycle.tasks) > 1:
        confidence, reason = TWO_TASKS, "different tasks took the locks in these orders"
    else:
        confidence, reason = ONE_TASK, "one task took the locks in all these orders, one by one"
    lines: list[str] = []
    for step in cycle.steps:
        lines += [in_words(step.outer), in_words(step.inner)]
    classes = _list([step.outer.lock_class for step in cycle.steps])
    return Finding(
        title=normalise_title(title),
        kind=LOCK_ORDER,
        frame=where[0],
        severity=Severity.WARNING,
        confidence=confidence,
        evidence=(
            _evidence(source, lines, confidence, f"{reason}; whether they can do so at once"),
        ),
        recommendation=(
            f"Take {classes} in one order everywhere, or try for the inner one and back off; "
            "a kernel with lockdep (CONFIG_PROVE_LOCKING) confirms it."
        ),
    )


def _of_race(race: Race, source: str) -> Finding:
    where = _list(race.functions)
    if race.lock is None:
        title = f"possible data race: {race.object} in {where}"
        confidence = NEVER_LOCKED
        reason = f"no lock was held at any of {race.accesses} accesses; whether something else"
    else:
        title = f"possible data race: {race.object} in {where} without {race.lock}"
        confidence = USUALLY_LOCKED
        reason = (
            f"{race.lock} was not held at {race.unprotected} of {race.accesses} accesses; "
            "whether something else"
        )
    lines = [in_words(race.other), in_words(race.access)]
    return Finding(
        title=normalise_title(title),
        kind=DATA_RACE,
        frame=race.functions[0],
        severity=Severity.WARNING,
        confidence=confidence,
        evidence=(_evidence(source, lines, confidence, f"{reason} protects it"),),
        recommendation=(
            f"Hold one lock at every access to {race.object}, or mark the accesses that need none "
            "(READ_ONCE, atomic_t); a kernel with KCSAN tells marked from plain accesses."
        ),
    )


def _evidence(source: str, lines: Iterable[str], confidence: float, reason: str) -> Evidence:
    why = f"confidence {confidence:g}: {reason}, the trace does not tell"
    return Evidence(source, "\n".join([*lines, why]))


def _list(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    if len(different) < 2:
        return "".join(different)
    return f"{', '.join(different[:-1])} and {different[-1]}"
