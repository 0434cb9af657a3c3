"""Runs in the guest: checks of what a search of stored vectors finds.

Components are small whole numbers, so that distances are exact and neighbours differ by more than
any fixed-point format rounds away.
"""

import contextlib
import itertools
import os
import random

from checking import check, shown
from vector_ioctls import UNTOUCHED, Vectors

DIMENSION = 16
STORED = 60
NEAREST = 5
QUERIES = 3
LARGEST_COMPONENT = 8
LEAST_GAP = 0.01  # between the distances of neighbours: more than a fixed-point format rounds away


def random_vectors(seed, count=STORED, dimension=DIMENSION):
    """Vectors of small whole numbers that follow from ``seed``; the list's index is the number."""
    numbers = random.Random(seed)
    reach = range(-LARGEST_COMPONENT, LARGEST_COMPONENT + 1)
    return [[numbers.choice(reach) for _ in range(dimension)] for _ in range(count)]


def nearest(stored, query, metric, k):
    """The oracle, brute force: the ``k`` nearest indices; None if neighbours are too close to call.

    A dot product is a likeness, so the largest is the nearest.
    """
    import numpy  # half a second to load; most checks do without

    vectors, wanted = numpy.array(stored, dtype=float), numpy.array(query, dtype=float)
    lengths = numpy.linalg.norm(vectors, axis=1) * numpy.linalg.norm(wanted)
    distances = {
        "euclidean": lambda: numpy.linalg.norm(vectors - wanted, axis=1),
        "manhattan": lambda: numpy.abs(vectors - wanted).sum(axis=1),
        "cosine": lambda: 1 - vectors @ wanted / lengths,
        "dot_product": lambda: -(vectors @ wanted),
    }[metric]()
    order = numpy.argsort(distances, kind="stable")
    gaps = numpy.diff(distances[order[: k + 1]])
    return None if (gaps < LEAST_GAP).any() else [int(index) for index in order[:k]]


@check
def nearest_vectors_are_found(case, interface):
    """Against the oracle, for every distance that the filesystem claims."""
    stored = random_vectors("stored")
    with Vectors(interface, case.path("vectors")) as vectors:
        for number, components in enumerate(stored):
            vectors.add(number, components)
        for metric, code in interface["metrics"].items():
            queries = random_vectors(metric, 20 * QUERIES)
            judged = [(query, nearest(stored, query, metric, NEAREST)) for query in queries]
            for query, expected in [pair for pair in judged if pair[1]][:QUERIES]:
                results, _ = vectors.search(query, NEAREST, code)
                _compare_results(case, metric, expected, results)


def _compare_results(case, metric, expected, results):
    actual = [result["id"] for result in results]
    case.equal(f"the nearest by {metric}, nearest first", expected=expected, actual=actual)
    if metric == "dot_product":
        return  # whether its distances go up or down is not described
    distances = [result["distance"] for result in results]
    growing = all(near < far for near, far in itertools.pairwise(distances))
    case.true(f"distances by {metric} grow from result to result", growing, shown(distances))


@check
def an_equal_vector_comes_first(case, interface):
    """A stored vector is nearest to itself by every distance but the dot product."""
    stored = random_vectors("stored")
    with Vectors(interface, case.path("vectors")) as vectors:
        for number, components in enumerate(stored):
            vectors.add(number, components)
        for metric, code in interface["metrics"].items():
            for number in () if metric == "dot_product" else (0, STORED // 2, STORED - 1):
                found = vectors.ids(stored[number], 1, code)
                case.equal(f"the nearest to itself by {metric}", expected=[number], actual=found)


@check
def k_bounds_the_results(case, interface):
    """As many results as were asked for, or as there are."""
    stored = random_vectors("stored", 4)
    with Vectors(interface, case.path("vectors")) as vectors:
        empty = vectors.ids(stored[0], 3)
        case.equal("results in a file without vectors", expected=[], actual=empty)
        for number, components in enumerate(stored):
            vectors.add(number, components)
        for k, expected in ((1, 1), (3, 3), (4, 4), (10, 4)):
            results, room = vectors.search(stored[0], k)
            ids = {result["id"] for result in results}
            case.equal(
                "as many results as asked for or stored", expected=expected, actual=len(results)
            )
            case.equal("each vector is found once", expected=len(results), actual=len(ids))
            tail = room[len(results) * vectors.result.size :]
            clean = set(tail) <= {0, UNTOUCHED}
            shown_tail = tail.lstrip(bytes([0, UNTOUCHED]))[:32].hex()
            case.true("nothing is written behind the results", clean, shown_tail)


@check
def dimensions_do_not_mix(case, interface):
    """A query meets only vectors of its own dimension, if a file takes different ones at all."""
    with Vectors(interface, case.path("vectors")) as vectors:
        vectors.add(1, [1] * 8)
        with contextlib.suppress(OSError):
            vectors.add(2, [1] * 4)
        case.equal("results of the query's dimension", expected=[1], actual=vectors.ids([1] * 8, 5))


@check
def files_keep_their_own_vectors(case, interface):
    """What is added to one file is not found in another, and its bytes are not touched."""
    with (
        Vectors(interface, case.path("first")) as first,
        Vectors(interface, case.path("second")) as second,
    ):
        first.add(1, [1, 2, 3])
        second.add(2, [1, 2, 3])
        case.equal("results in the first file", expected=[1], actual=first.ids([1, 2, 3], 5))
        case.equal("results in the second file", expected=[2], actual=second.ids([1, 2, 3], 5))


@check
def labels_come_back(case, interface):
    """The text that a vector was stored with is that of its result."""
    with Vectors(interface, case.path("vectors")) as vectors:
        if "label" not in vectors.added.names or "label" not in vectors.result.names:
            return
        vectors.add(1, [1, 2, 3], label=b"first")
        vectors.add(2, [7, 7, 7], label=b"second")
        labels = {r["id"]: r["label"].rstrip(b"\0") for r in vectors.search([1, 2, 3], 2)[0]}
        case.equal("labels", expected={1: b"first", 2: b"second"}, actual=labels)


def store_vectors(path, interface):
    """Store vectors that ``vectors_outlive_a_remount`` looks for later."""
    with Vectors(interface, path) as vectors:
        for number, components in enumerate(random_vectors("remount", 10)):
            vectors.add(number, components)
        os.fsync(vectors.descriptor)


@check
def vectors_outlive_a_remount(case, interface, path):
    """The vectors of the file ``path`` are found again, all of them."""
    with Vectors(interface, path) as vectors:
        found = vectors.ids(random_vectors("remount", 10)[0], 20)
    case.equal("vectors found after a remount", expected=list(range(10)), actual=sorted(found))
