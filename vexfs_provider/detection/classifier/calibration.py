"""Whether probabilities mean what they say: of what is called 0.9, nine in ten must be true."""

from collections.abc import Sequence
from typing import NamedTuple

BINS = 10


class Bin(NamedTuple):
    """Predictions of ``low`` to ``low + 1 / BINS``: weight, mean, and the share that is true."""

    low: float
    weight: float
    predicted: float
    true: float


def reliability(
    probabilities: Sequence[float], outcomes: Sequence[bool], weights: Sequence[float] | None = None
) -> list[Bin]:
    """The bins of equal width that hold a prediction, in order; all weigh 1 unless told."""
    rows: list[list[tuple[float, bool, float]]] = [[] for _ in range(BINS)]
    weights = weights or [1.0] * len(probabilities)
    for probability, outcome, weight in zip(probabilities, outcomes, weights, strict=True):
        rows[min(int(probability * BINS), BINS - 1)].append((probability, outcome, weight))
    return [_bin(number / BINS, inside) for number, inside in enumerate(rows) if inside]


def _bin(low: float, inside: list[tuple[float, bool, float]]) -> Bin:
    weight = sum(each[2] for each in inside)
    share = 1 / weight if weight else 0.0
    predicted = share * sum(probability * part for probability, _, part in inside)
    return Bin(low, weight, predicted, share * sum(part for _, true, part in inside if true))


def calibration_error(
    probabilities: Sequence[float], outcomes: Sequence[bool], weights: Sequence[float] | None = None
) -> float:
    """The expected calibration error: by how much a bin's mean is off, averaged by weight.

    Guo et al., "On Calibration of Modern Neural Networks", 2017, equation 3.
    """
    bins = reliability(probabilities, outcomes, weights)
    total = sum(each.weight for each in bins)
    off = sum(each.weight * abs(each.predicted - each.true) for each in bins)
    return off / total if total else 0.0
