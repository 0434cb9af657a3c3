"""Whether a series moves slowly, and by how much: the slope of Theil and Sen.

It is counted by runs, not by time: a lab that runs ten jobs in an hour has no drift of a month.

Its interval is Sen's (1968, by Kendall's variance), its significance the test of Mann and Kendall.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from results_parsers.trends.series import LEAST_POINTS, Values

PER_RUNS = 30
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Drift:
    """The change in ``PER_RUNS`` runs, from ``low`` to ``high`` by the confidence; ``p`` is the
    probability of as much order, if there is none.
    """

    change: float
    low: float
    high: float
    p: float
    intercept: float


def find_drift(values: Values) -> Drift | None:
    """The drift of the values of one run after another; None for fewer than ``LEAST_POINTS``."""
    count = len(values)
    if count < LEAST_POINTS:
        return None
    early, late = _pairs(count)
    slopes = (values[late] - values[early]) / (late - early)
    score = float(np.sign(slopes).sum())
    deviation = _kendall_deviation(values)
    half_width = deviation * ndtri((1 + CONFIDENCE) / 2)
    low_place = max(0, int(np.floor((len(slopes) - half_width) / 2)))
    high_place = min(len(slopes) - 1, int(np.ceil((len(slopes) + half_width) / 2)))
    middle = len(slopes) // 2
    slopes.partition((low_place, middle, high_place))
    slope, low, high = (
        PER_RUNS * float(slopes[place]) for place in (middle, low_place, high_place)
    )
    intercept = float(np.median(values - slope / PER_RUNS * np.arange(count)))
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
