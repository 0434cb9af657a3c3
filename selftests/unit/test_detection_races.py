"""Lock orders, locksets and their findings, from traces made by hand and at random."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.lock_order import lock_order
from vexfs_provider.detection.lockset import locksets
from vexfs_provider.detection.races import findings
from vexfs_provider.detection.races_events import (
    Access,
    LockAction,
    LockEvent,
    Signal,
    in_words,
)
from vexfs_provider.detection.verdict import Verdict, verdict

ACTIONS = {"+": LockAction.ACQUIRE, "?": LockAction.TRY, "-": LockAction.RELEASE}
ACTIONS["."] = LockAction.WAIT


def trace(*words):
    """Events from words: ``p+a`` (task p takes a), ``p?a`` (by trying), ``p-a``, ``p.a`` (waits),
    ``pra`` and ``pwa`` (reads, writes a), ``p>c`` and ``p<c`` (sends, receives on c). ``+A`` of a
    lock in capitals is a reader's. A function follows behind ``@``, else it is the task's name.
    """
    return [event(number, word) for number, word in enumerate(words)]


def event(number, word):
    what, _, function = word.partition("@")
    task, sign, name = what[0], what[1], what[2:]
    function = function or f"function_of_{task}"
    if sign in ACTIONS:
        shared, lock = name.isupper(), name.lower()
        kind = lock.rstrip("0123456789")
        return LockEvent(number, task, 0, ACTIONS[sign], lock, kind, function, shared)
    if sign in "rw":
        return Access(number, task, 0, name, sign == "w", function)
    return Signal(number, task, 0, name, sign == ">")


def orders(*words):
    """Each cycle as the set of its steps' locks."""
    return [
        {(step.outer.lock, step.inner.lock) for step in cycle.steps}
        for cycle in lock_order(trace(*words))
    ]


def raced(*words):
    return [race.object for race in locksets(trace(*words))]


FORWARD = ("p+a", "p+b", "p-b", "p-a")
BACKWARD = ("q+b", "q+a", "q-a", "q-b")


def test_two_orders_of_two_locks_are_a_cycle():
    assert orders(*FORWARD, *BACKWARD) == [{("a", "b"), ("b", "a")}]


def test_a_ring_of_three_is_one_cycle():
    words = ["p+a", "p+b", "p-b", "p-a", "p+b", "p+c", "p-c", "p-b", "q+c", "q+a", "q-a", "q-c"]
    assert orders(*words) == [{("a", "b"), ("b", "c"), ("c", "a")}]


def test_a_deadlock_that_happened_is_a_cycle():
    assert orders("p+a", "q+b", "p.b", "q.a") == [{("a", "b"), ("b", "a")}]


@pytest.mark.parametrize(
    "words",
    [
        FORWARD * 2,
        ("p+a", "p-a", "p+b", "p-b", "q+b", "q-b", "q+a", "q-a"),
        (*FORWARD, "q+b", "q?a", "q-a", "q-b"),  # who tries waits for nobody
        ("p+g", *FORWARD, "p-g", "q+g", *BACKWARD, "q-g"),  # never at the same time
        ("p+a1", "p+a1", "p-a1", "p-a1"),
        ("p+a1", "p+a2", "p-a2", "p-a1", "q+a2", "q+a1"),  # two of one class: by number, maybe
        ("p+a", "q+a", "p+b", "p-b", "q+b", "q-b", "q+b", "q-b"),  # the release of a is missing
    ],
)
def test_no_cycle(words):
    assert orders(*words) == []


def test_what_follows_a_successful_try_is_in_order():
    assert orders("p?a", "p+b", "p-b", "p-a", *BACKWARD) == [{("a", "b"), ("b", "a")}]


def test_locks_of_one_class_stand_for_each_other_against_another_class():
    words = ("p+a1", "p+b1", "p-b1", "p-a1", "q+b2", "q+a2", "q-a2", "q-b2")
    assert orders(*words) == [{("a1", "b1"), ("b2", "a2")}]


def test_a_gate_held_in_only_one_order_keeps_nothing_apart():
    assert len(orders("p+g", *FORWARD, "p-g", *BACKWARD)) == 1


def test_a_gate_held_by_readers_keeps_nothing_apart():
    assert len(orders("p+G", *FORWARD, "p-G", "q+G", *BACKWARD, "q-G")) == 1


def test_one_way_past_the_gate_is_enough():
    gated = ("p+g", *FORWARD, "p-g", "q+g", *BACKWARD, "q-g")
    assert len(orders(*gated, *FORWARD, *BACKWARD)) == 1


LOCKS = "abcdef"
nests = st.lists(st.lists(st.sampled_from(LOCKS), min_size=1, max_size=4, unique=True), max_size=12)


def nested(task, locks):
    """A task takes the locks one in the other and gives them back."""
    return [f"{task}+{lock}" for lock in locks] + [f"{task}-{lock}" for lock in reversed(locks)]


@given(nests, st.data())
def test_one_order_for_all_gives_no_cycle(lists, data):
    queues = [
        nested(task, sorted(locks)) for task, locks in zip("pqrstuvwxyzk", lists, strict=False)
    ]
    words = []
    while queues := [queue for queue in queues if queue]:
        words.append(data.draw(st.sampled_from(queues)).pop(0))
    assert orders(*words) == []


@given(nests, nests, st.lists(st.sampled_from(LOCKS), min_size=2, max_size=2, unique=True))
def test_a_planted_inversion_is_found_whatever_surrounds_it(before, after, pair):
    words = list(itertools.chain(*(nested("p", sorted(locks)) for locks in before)))
    words += nested("q", pair) + nested("r", pair[::-1])
    words += itertools.chain(*(nested("p", sorted(locks)) for locks in after))
    assert {tuple(pair), tuple(pair[::-1])} in orders(*words)


@given(nests)
def test_each_cycle_is_closed_and_told_once(lists):
    words = list(itertools.chain(*(nested("p", locks) for locks in lists)))
    cycles = lock_order(trace(*words))
    for cycle in cycles:
        following = [*cycle.steps[1:], cycle.steps[0]]
        assert all(
            a.inner.lock == b.outer.lock for a, b in zip(cycle.steps, following, strict=True)
        )
        starts = [step.outer.lock for step in cycle.steps]
        assert len(set(starts)) == len(starts)
    told = [frozenset((s.outer.lock, s.inner.lock) for s in cycle.steps) for cycle in cycles]
    assert len(set(told)) == len(told)


LOCKED_P, LOCKED_Q = ("p+m", "pwx", "p-m"), ("q+m", "qwx", "q-m")


def test_one_unlocked_update_is_a_race():
    assert raced(*LOCKED_P, "qwx", *LOCKED_P) == ["x"]


@pytest.mark.parametrize(
    "words",
    [
        (*LOCKED_P * 2, "qwx@careless", "qwx@careless"),
        ("qwx@careless", "qwx@careless", *LOCKED_P * 2),
        (*LOCKED_P, "qwx@careless", *LOCKED_P, "qwx@careless"),
    ],
)
def test_a_race_is_named_the_same_whoever_was_first(words):
    [race] = locksets(trace(*words))
    assert (race.lock, race.functions) == ("m", ("careless",))


def test_different_locks_do_not_protect():
    assert raced(*LOCKED_P, "q+n", "qwx", "q-n", *LOCKED_P) == ["x"]


def test_a_reader_must_not_write():
    assert raced("p+M", "pwx", "p-M", "q+M", "qwx", "q-M", "p+M", "pwx", "p-M") == ["x"]


@pytest.mark.parametrize(
    "words",
    [
        ("pwx", "pwx"),
        ("prx", "qrx", "prx"),  # nobody writes
        (*LOCKED_P, *LOCKED_Q) * 2,
        ("pwx", "p>fork", "q<fork", "qwx", "qwx"),  # initialised, then handed over
        ("pwx", "p+m", "p-m", "q+m", "q-m", "qwx"),  # handed over by way of a lock
        ("pwx", "p>q", "q<q", *LOCKED_P, *LOCKED_Q, *LOCKED_P, "p>s", "q>s", "s<s", "swx"),
        ("p+m", "pwx", "p-m", "q+M", "qrx", "q-M", "r+M", "rrx", "r-M", "p+m", "pwx", "p-m"),
    ],
)
def test_no_race(words):
    assert raced(*words) == []


def test_what_is_shared_again_after_it_was_handed_over_needs_its_lock():
    words = (*LOCKED_P, *LOCKED_Q, "p>s", "q>s", "s<s", "swx", "pwx", "swx")
    assert raced(*words) == ["x"]


def test_objects_are_judged_apart():
    assert raced("pwx", "pwy", "p>q", "q<q", "qwy", "qwx", "pwx", "qwx") == ["x"]


@given(
    st.lists(
        st.tuples(st.sampled_from("pqr"), st.sampled_from("rw"), st.sets(st.sampled_from("abc")))
    )
)
def test_an_object_with_one_lock_held_at_every_access_is_never_raced_for(accesses):
    words = []
    for task, kind, more in accesses:
        locks = [*sorted(more), "m"]
        words += [f"{task}+{lock}" for lock in locks] + [f"{task}{kind}x"]
        words += [f"{task}-{lock}" for lock in locks]
    assert raced(*words) == []


@given(st.integers(0, 5), st.integers(1, 5))
def test_a_planted_unlocked_write_between_locked_ones_is_found(before, after):
    assert raced(*LOCKED_P * before, "q+n", "q-n", "qwx", *LOCKED_P * after, "qwx") == ["x"]


def test_findings_are_warnings_under_titles_of_functions():
    words = (
        *("p+a@forward", "p+b@forward", "p-b", "p-a", "q+b@backward", "q+a@backward", "q-a", "q-b"),
        *("p+m", "pwx@careful", "p-m", "qwx@careless", "p+m", "pwx@careful", "p-m"),
    )
    deadlock, race = findings(trace(*words), "locks.trace")
    assert deadlock.title == "possible deadlock: lock order of backward and forward"
    assert race.title == "possible data race: x in careless without m"
    assert (deadlock.kind, race.kind) == ("lock-order", "data-race")
    assert (deadlock.frame, race.frame) == ("backward", "careless")
    for finding in (deadlock, race):
        assert finding.severity is Severity.WARNING and finding.confidence < 0.8
        [evidence] = finding.evidence
        assert evidence.source == "locks.trace"
        assert f"confidence {finding.confidence:g}: " in evidence.text
        assert finding.recommendation
    assert in_words(trace(*words)[5]) in deadlock.evidence[0].text
    assert in_words(trace(*words)[11]) in race.evidence[0].text
    assert verdict([deadlock, race]) is Verdict.WARN


def test_an_object_that_nobody_locks_has_a_finding_of_less_confidence():
    [finding] = findings(trace("pwx@f", "qwx@g", "pwx@f"), "locks.trace")
    assert finding.title == "possible data race: x in f and g"
    assert finding.confidence < findings(trace(*LOCKED_P, "qwx", *LOCKED_P), "t")[0].confidence


def test_one_task_in_both_orders_is_less_sure():
    both = findings(trace(*FORWARD, *BACKWARD), "t")[0]
    one = findings(trace(*FORWARD, *(word.replace("q", "p") for word in BACKWARD)), "t")[0]
    assert one.confidence < both.confidence


def test_events_in_words():
    lines = [
        in_words(one) for one in trace("p+a1@f", "p?B@f", "p-a", "pwx@g", "prx@g", "p>c", "p<c")
    ]
    assert lines == [
        "0.000000000 [000] p takes a (a1) in f",
        "0.000000001 [000] p takes, by trying, b as a reader in f",
        "0.000000002 [000] p releases a in function_of_p",
        "0.000000003 [000] p writes x in g",
        "0.000000004 [000] p reads x in g",
        "0.000000005 [000] p sends on c",
        "0.000000006 [000] p receives from c",
    ]
