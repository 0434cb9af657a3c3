"""Reduction of lists, on findings that need no guest."""

import itertools
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vexfs_provider.deadline import Deadline
from vexfs_provider.ops.fields import RenameFlags
from vexfs_provider.ops.minimise import Rate, minimise, plainer_forms
from vexfs_provider.ops.operations import Create, RenamePath, Truncate, Unlink, Write


def long_enough() -> Deadline:
    return Deadline(600, "the reduction")


def numbered(count: int) -> tuple[Create, ...]:
    return tuple(Create(f"f{number}", 0o644) for number in range(count))


@pytest.mark.parametrize("workers", [1, 3])
def test_a_planted_pair_is_all_that_is_left(workers):
    planted = (Create("culprit", 0o644), Unlink("culprit"))
    noise = numbered(100)
    operations = (*noise[:30], planted[0], *noise[30:70], planted[1], *noise[70:])

    def shows(candidate):
        return all(operation in candidate for operation in planted)

    reduced = minimise(operations, shows, long_enough(), workers=workers)
    assert reduced.operations == planted
    assert reduced.complete
    assert reduced.tried < 100


@settings(max_examples=60)
@given(st.sets(st.integers(0, 29), min_size=1, max_size=6), st.integers(1, 2))
def test_nothing_is_left_that_could_go(wanted, workers):
    operations = numbered(30)
    needed = {operations[number] for number in wanted}
    reduced = minimise(
        operations, lambda candidate: needed <= set(candidate), long_enough(), workers=workers
    )
    assert set(reduced.operations) == needed
    assert list(reduced.operations) == sorted(reduced.operations, key=operations.index)


def test_no_list_is_tried_twice():
    seen, lock = [], threading.Lock()

    def shows(candidate):
        with lock:
            seen.append(candidate)
        return operations[3] in candidate and operations[17] in candidate

    operations = numbered(20)
    reduced = minimise(operations, shows, long_enough(), workers=2)
    assert len(seen) == len(set(seen)) == reduced.tried


def test_arguments_become_plain():
    operations = (Create("f", 0o600), Write("f", 70_000, 9_999, 77), Truncate("f", 5000))

    def shows(candidate):
        sizes = [one.size for one in candidate if isinstance(one, Truncate)]
        ends = [one.offset + one.length for one in candidate if isinstance(one, Write)]
        return bool(ends and sizes) and max(ends) > 4096 and min(sizes) < max(ends)

    reduced = minimise(operations, shows, long_enough())
    write, truncate = reduced.operations
    assert truncate == Truncate("f", 0)
    assert write.seed == 1
    assert (write.offset == 0) != (write.length == 0)
    assert 4096 < write.offset + write.length <= 9_999


def test_time_that_ends_leaves_the_best_list_so_far(monkeypatch):
    operations = numbered(64)
    seconds = itertools.count()  # one passes whenever somebody looks
    monkeypatch.setattr("vexfs_provider.deadline.time.monotonic", lambda: next(seconds))
    limit = Deadline(5, "the reduction")
    reduced = minimise(operations, lambda candidate: True, limit)
    assert not reduced.complete
    assert 1 < len(reduced.operations) < len(operations)


@pytest.mark.parametrize(
    ("rate", "answers", "holds", "tries"),
    [
        (Rate(), [True], True, 1),
        (Rate(), [False], False, 1),
        (Rate(2, 5), [True, False, True, True, True], True, 3),
        (Rate(2, 3), [False, False, True], False, 2),
        (Rate(1, 3), [False, False, False], False, 3),
    ],
)
def test_rate_tries_no_more_than_needed(rate, answers, holds, tries):
    counter = itertools.count()
    assert rate.holds(lambda _: answers[next(counter)], ()) is holds
    assert next(counter) == tries


def test_plainer_forms_are_valid_and_differ():
    rename = RenamePath("a", "b", RenameFlags.NOREPLACE)
    assert list(plainer_forms(rename)) == [RenamePath("a", "b", RenameFlags.PLAIN)]
    forms = list(plainer_forms(Write("f", 5000, 4096, 9)))
    assert Write("f", 0, 4096, 9) in forms
    assert Write("f", 4096, 4096, 9) in forms
    assert Write("f", 5000, 4096, 1) in forms
    assert all(form != Write("f", 5000, 4096, 9) for form in forms)
