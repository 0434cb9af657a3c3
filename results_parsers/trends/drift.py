"""Whether a series moves slowly, and by how much: the slope of Theil and Sen.

Its interval is Sen's (1968, by Kendall's variance), its significance the test of Mann and Kendall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from results_parsers.trends.series import LEAST_POINTS, Values

NIGHT_S = 86_400.0
PER_NIGHTS = 30
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Drift:
    """The change in ``PER_NIGHTS`` nights, from ``low`` to ``high`` by the confidence; ``p`` is the
    probability of as much order, if there is none.
    """

    per_month: float
    low: float
    high: float
    p: float
    intercept: float


def find_drift(times: Sequence[float], values: Values) -> Drift | None:
    """The drift of points by time (seconds); None for fewer than ``LEAST_POINTS``."""
    count = len(values)
    if count < LEAST_POINTS:
        return None
    nights = (np.asarray(times) - times[0]) / NIGHT_S
    early, late = _pairs(count)
    spans = nights[late] - nights[early]
    rises = values[late] - values[early]
    known = spans > 0
    if not known.any():
        return None
    slopes = rises[known] / spans[known]
    score = float(np.sign(slopes).sum())
    deviation = _kendall_deviation(values)
    half_width = deviation * ndtri((1 + CONFIDENCE) / 2)
    low_place = max(0, int(np.floor((len(slopes) - half_width) / 2)))
    high_place = min(len(slopes) - 1, int(np.ceil((len(slopes) + half_width) / 2)))
    middle = len(slopes) // 2
    slopes.partition((low_place, middle, high_place))
    slope, low, high = (
        PER_NIGHTS * float(slopes[place]) for place in (middle, low_place, high_place)
    )
    intercept = float(np.median(values - slope / PER_NIGHTS * nights))
    p = 1.0 if deviation == 0 else float(2 * ndtr(-max(0.0, abs(score) - 1) / deviation))
    return Drift(slope, low, high, p, intercept)


@lru_cache(maxsize=8)
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.triu_indices(count, k=1)


def _kendall_deviation(values: Values) -> float:
    """The standard deviation of Kendall's score without a trend, ties considered."""
    count = len(values)
    _, ties = np.unique(values, return_counts=True)
    tied = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    return float(np.sqrt(max(0.0, (count * (count - 1) * (2 * count + 5) - tied) / 18)))
