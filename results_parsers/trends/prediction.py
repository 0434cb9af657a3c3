"""What the next run should give, if nothing changes.

The level since the last change point, moved on by the drift where there is one; its interval is
that of the distances of the past runs from it (the split-conformal quantile).
"""

from dataclasses import dataclass

import numpy as np

from results_parsers.trends.drift import PER_RUNS, Drift
from results_parsers.trends.series import LEAST_POINTS, Values

COVERAGE = 0.95


@dataclass(frozen=True)
class Prediction:
    """The expected value, and where ``COVERAGE`` of the next values lie."""

    value: float
    low: float
    high: float


def predict(values: Values, drift: Drift | None) -> Prediction | None:
    """The value after the last one; None for fewer than ``LEAST_POINTS``.

    With fewer than 20 runs the interval is as wide as the largest distance seen. What was never
    negative is not expected to be.
    """
    count = len(values)
    if count < LEAST_POINTS:
        return None
    runs = np.arange(count)
    slope = drift.change / PER_RUNS if drift else 0.0
    level = drift.intercept if drift else float(np.median(values))
    distances = np.sort(np.abs(values - (level + slope * runs)))
    place = min(count, int(np.ceil((count + 1) * COVERAGE))) - 1
    value = float(level + slope * count)
    reach = float(distances[place])
    least = 0.0 if values.min() >= 0 else -np.inf
    return Prediction(*(max(least, one) for one in (value, value - reach, value + reach)))
