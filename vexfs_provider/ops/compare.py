"""Judges the outcome of a list by those that other filesystems gave for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from vexfs_provider.ops.allowances import Judgement
from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.divergence import (
    ABSENT,
    ERROR,
    PERSISTENCE,
    RESULT,
    TREE,
    Divergence,
    problem_of_errors,
    problem_of_fact,
    problem_of_kinds,
    result_words,
    title_of,
    value_name,
)
from vexfs_provider.ops.facts import KIND, Difference, Facts, differences, facts_of
from vexfs_provider.ops.operations import Operation, Stat, StatExtended
from vexfs_provider.ops.outcome import ListOutcome, Outcome, Tree

__all__ = ["ABSENT", "Divergence", "compare"]

Operations = Sequence[Operation]
AFTER_REMOUNT = "after a remount "


def compare(
    operations: Operations,
    references: Sequence[ListOutcome],
    actual: ListOutcome,
    allowed: Allowed,
) -> list[Divergence]:
    """What differs, that of times last; ``settle`` tells what of it counts.

    The first operation whose result differs ends the comparison: what follows are consequences. So
    does one whose results differ between the references, or in a way that leaves other states.
    Otherwise the trees are compared, in the facts on which the references agree; the weightiest
    difference stands for all. Times end nothing, nor does a difference after a remount.
    """
    length, found = _compare_results(operations, references, actual, allowed)
    found += _times_of_stats(operations[:length], references, actual, allowed)
    if length == len(operations):
        trees = [one.tree for one in references]
        found += _compare_trees(operations, trees, actual.tree, allowed)
    found += _compare_after_remount(actual)
    return found


def _compare_results(
    operations: Operations,
    references: Sequence[ListOutcome],
    actual: ListOutcome,
    allowed: Allowed,
) -> tuple[int, list[Divergence]]:
    """How many operations are comparable, and the divergence that ended it, if one did."""
    for index, operation in enumerate(operations):
        seen = actual.results[index]
        expected = [one.results[index] for one in references]
        if isinstance(operation, Stat | StatExtended) and not any(
            one.error for one in (*expected, seen)
        ):
            found = _hard(_differences_of_stat(expected, seen, allowed))
            if found:
                return index, [_of_stat(operation, index, found[0], expected[0], seen)]
            continue
        judgements = [allowed.judge(operation, expected[0], one) for one in (*expected[1:], seen)]
        if any(one is not Judgement.SAME for one in judgements[:-1]):
            return index, []
        if judgements[-1] is Judgement.CUT:
            return index, []
        if judgements[-1] is not Judgement.SAME:
            one = _of_results(operation, index, expected[0], seen)
            return index, [replace(one, doubtful=judgements[-1] is Judgement.DOUBTFUL)]
    return len(operations), []


def _differences_of_stat(
    expected: Sequence[Outcome], seen: Outcome, allowed: Allowed
) -> Iterator[Difference]:
    facts = [facts_of(one.value) for one in expected]
    return differences(facts, facts_of(seen.value), allowed.left_out)


def _hard(found: Iterator[Difference]) -> list[Difference]:
    """Those that are no times, the weightiest first."""
    return sorted((one for one in found if not one.is_time), key=lambda one: one.weight)


def _of_results(operation: Operation, index: int, expected: Outcome, actual: Outcome) -> Divergence:
    attribute, problem = ERROR, problem_of_errors(expected, actual)
    if not expected.error and not actual.error:
        pairs = zip(expected.value, actual.value, strict=False)
        same = [one == other for one, other in pairs]
        attribute = value_name(operation.keyword, same.index(False) if False in same else len(same))
        problem = f"another {attribute}"
    words = result_words(expected), result_words(actual)
    title = title_of(problem, operation.keyword)
    path = getattr(operation, "path", "")
    return Divergence(RESULT, index, path, attribute, *words, title, index, problem)


def _of_stat(
    operation: Operation, index: int, found: Difference, expected: Outcome, actual: Outcome
) -> Divergence:
    problem = _problem(found)
    words = result_words(expected), result_words(actual)
    title = title_of(problem, operation.keyword)
    path = getattr(operation, "path", "")
    return Divergence(RESULT, index, path, found.fact, *words, title, index, problem)


def _problem(found: Difference) -> str:
    if found.fact == KIND:
        return problem_of_kinds(found.expected, found.actual)
    return problem_of_fact(found.fact, found.kind)


def _times_of_stats(
    operations: Operations,
    references: Sequence[ListOutcome],
    actual: ListOutcome,
    allowed: Allowed,
) -> Iterator[Divergence]:
    for index, operation in enumerate(operations):
        if not isinstance(operation, Stat | StatExtended):
            continue
        expected = [one.results[index] for one in references]
        seen = actual.results[index]
        for found in _differences_of_stat(expected, seen, allowed):
            if found.is_time:
                one = _of_stat(operation, index, found, expected[0], seen)
                yield from _of_time(one, operations, found, allowed)


def _compare_trees(
    operations: Operations, references: Sequence[Tree], actual: Tree, allowed: Allowed
) -> Iterator[Divergence]:
    """The weightiest difference, and all of times."""
    found = list(_differences_of_trees(references, actual, allowed.left_out))
    hard = [one for one in found if not one[1].is_time]
    for path, one in sorted(hard, key=lambda one: one[1].weight)[:1]:
        yield _of_tree(TREE, path, one)
    for path, one in found:
        if one.is_time:
            yield from _of_time(_of_tree(TREE, path, one), operations, one, allowed)


def _differences_of_trees(
    expected: Sequence[Tree], actual: Tree, left_out: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, Difference]]:
    paths = {path for tree in (*expected, actual) for path in tree}
    nothing: Facts = {}
    for path in sorted(paths):
        facts = [tree.get(path, nothing) for tree in expected]
        for one in differences(facts, actual.get(path, nothing), left_out):
            yield path, one


def _of_tree(kind: str, path: str, found: Difference, when: str = "") -> Divergence:
    problem = when + _problem(found)
    words = found.expected, found.actual
    return Divergence(kind, None, path, found.fact, *words, title_of(problem), None, problem)


def _of_time(
    one: Divergence, operations: Operations, found: Difference, allowed: Allowed
) -> Iterator[Divergence]:
    """The divergence with its culprit, if that is known."""
    culprit = found.last_setter
    if culprit is None or culprit >= len(operations):
        yield one
        return
    rule = allowed.rule_for_times(operations[culprit])
    yield one.blaming(operations[culprit], culprit, doubtful=rule is not None)


def _compare_after_remount(actual: ListOutcome) -> Iterator[Divergence]:
    """Nothing may be changed by it, whatever others do."""
    if actual.after_remount is None or any(ERROR in one for one in actual.tree.values()):
        return  # there was no remount, or nobody knows what was there before
    found = list(_differences_of_trees([actual.tree], actual.after_remount, {}))
    for path, one in sorted(found, key=lambda one: one[1].weight)[:1]:
        yield _of_tree(PERSISTENCE, path, one, AFTER_REMOUNT)
