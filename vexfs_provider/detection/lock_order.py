"""A graph of the order in which locks are taken; its cycles are possible deadlocks.

An edge leads from a lock to one that a task waited for while it held the first. Two tasks on a
cycle may wait for each other for ever, even if none did in this run. What is not seen: an order
that the run did not take, locks that were not traced, locks taken both in interrupts and with
interrupts on, and the order of two locks of one class (two inodes, say: a filesystem takes them by
number or by name, which a trace does not show).
"""

import itertools
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vexfs_provider.detection.races_events import Event, LockAction, LockEvent
from vexfs_provider.detection.races_held import HeldLocks

WITNESSES = 32  # kept of an edge


@dataclass(frozen=True)
class Step:
    """A task took ``inner`` while it held ``outer`` and, alone, the other locks ``gates``."""

    outer: LockEvent
    inner: LockEvent
    gates: frozenset[str]


@dataclass(frozen=True)
class Cycle:
    """Each step's inner lock is the next one's outer lock, and the last one's the first one's."""

    steps: tuple[Step, ...]

    @property
    def functions(self) -> tuple[str, ...]:
        """Where the inner locks are taken, sorted."""
        return tuple(sorted({step.inner.function for step in self.steps}))

    @property
    def tasks(self) -> frozenset[str]:
        return frozenset(step.inner.task for step in self.steps)


Edge = tuple[str, str]
Graph = Mapping[Edge, Sequence[Step]]


def lock_order(events: Iterable[Event]) -> list[Cycle]:
    """The cycles, each once: for every edge that lies on any, a shortest one.

    Locks are told apart by class. There is no cycle where two steps are made under one and the
    same other lock, which keeps them apart.
    """
    graph = _on_cycles(_graph(events))
    successors: dict[str, list[str]] = {}
    for outer, inner in graph:
        successors.setdefault(outer, []).append(inner)
    found: dict[frozenset[Edge], Cycle] = {}
    for outer, inner in graph:
        path = _shortest_path(successors, inner, outer)
        edges = [(outer, inner), *itertools.pairwise(path)] if path else []
        key = frozenset(edges)
        if edges and key not in found and (steps := _apart([graph[edge] for edge in edges])):
            found[key] = Cycle(steps)
    return list(found.values())


def _graph(events: Iterable[Event]) -> dict[Edge, list[Step]]:
    graph: dict[Edge, list[Step]] = {}
    held = HeldLocks()
    for event in events:
        if not isinstance(event, LockEvent):
            continue
        if event.action in (LockAction.ACQUIRE, LockAction.WAIT):
            for step in _steps(held.of(event.task), event):
                _add_witness(graph.setdefault(_edge(step), []), step)
        held.update(event)
    return graph


def _steps(held: Sequence[LockEvent], inner: LockEvent) -> list[Step]:
    alone = {outer.lock for outer in held if not outer.shared} - {inner.lock}
    others = [outer for outer in held if outer.lock_class != inner.lock_class]
    return [Step(outer, inner, frozenset(alone - {outer.lock})) for outer in others]


def _edge(step: Step) -> Edge:
    return step.outer.lock_class, step.inner.lock_class


def _add_witness(steps: list[Step], new: Step) -> None:
    """Keep it unless one is known that has no gate which this one lacks."""
    if len(steps) < WITNESSES and not any(step.gates <= new.gates for step in steps):
        steps[:] = [step for step in steps if not new.gates <= step.gates] + [new]


def _on_cycles(graph: Graph) -> Graph:
    """The graph without the edges that begin or end nowhere, again and again: most of it."""
    while True:
        starts = {outer for outer, _ in graph}
        ends = {inner for _, inner in graph}
        left = {edge: graph[edge] for edge in graph if edge[0] in ends and edge[1] in starts}
        if len(left) == len(graph):
            return left
        graph = left


def _shortest_path(successors: Mapping[str, list[str]], start: str, goal: str) -> list[str]:
    """The nodes from ``start`` to ``goal``; empty if there is no way."""
    came_from = {start: start}
    queue = deque([start])
    while queue and goal not in came_from:
        node = queue.popleft()
        for following in successors.get(node, ()):
            if following not in came_from:
                came_from[following] = node
                queue.append(following)
    if goal not in came_from:
        return []
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def _apart(
    choices: Sequence[Sequence[Step]], chosen: tuple[Step, ...] = ()
) -> tuple[Step, ...] | None:
    """One witness of each edge such that no two share a gate."""
    if len(chosen) == len(choices):
        return chosen
    for step in choices[len(chosen)]:
        if all(step.gates.isdisjoint(other.gates) for other in chosen):
            steps = _apart(choices, (*chosen, step))
            if steps:
                return steps
    return None
