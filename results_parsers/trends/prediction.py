"""What the next night should give, if nothing changes.

The level since the last change point, moved on by the drift where there is one; its interval is
that of the distances of the past nights from it (the split-conformal quantile).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from results_parsers.trends.drift import NIGHT_S, PER_NIGHTS, Drift
from results_parsers.trends.series import LEAST_POINTS, Values

COVERAGE = 0.95


@dataclass(frozen=True)
class Prediction:
    """The expected value, and where ``COVERAGE`` of the next values lie."""

    value: float
    low: float
    high: float


def predict(times: Sequence[float], values: Values, drift: Drift | None) -> Prediction | None:
    """The value a night after the last one; None for fewer than ``LEAST_POINTS``.

    With fewer than 20 nights the interval is as wide as the largest distance seen.
    """
    count = len(values)
    if count < LEAST_POINTS:
        return None
    nights = (np.asarray(times) - times[0]) / NIGHT_S
    slope = drift.per_month / PER_NIGHTS if drift else 0.0
    level = drift.intercept if drift else float(np.median(values))
    distances = np.sort(np.abs(values - (level + slope * nights)))
    place = min(count, int(np.ceil((count + 1) * COVERAGE))) - 1
    value = float(level + slope * (nights[-1] + 1))
    reach = float(distances[place])
    return Prediction(value, value - reach, value + reach)
