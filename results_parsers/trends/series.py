"""A series: one metric of one test on one kind of host, a point a night."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEAST_POINTS = 10
"""Shorter series say nothing."""


@dataclass(frozen=True, order=True)
class SeriesKey:
    """What makes figures comparable; ``test`` is the name without Avocado-VT's prefix."""

    test: str
    scenario: str
    filesystem: str
    kernel: str
    accelerator: str
    host_class: str
    metric: str


@dataclass(frozen=True)
class Series:
    """Values in ``unit`` by time (seconds since 1970, ascending).

    ``ratios`` are those to a reference filesystem that was measured beside, None where there was
    none; ``better`` is "lower" or "higher".
    """

    key: SeriesKey
    unit: str
    better: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    ratios: tuple[float | None, ...]

    @property
    def by_ratio(self) -> bool:
        """Whether every point has a ratio: it has less of the host's noise in it."""
        return bool(self.ratios) and all(ratio is not None for ratio in self.ratios)

    def points(self) -> Values:
        """The ratios where every point has one, else the values."""
        return np.asarray(self.ratios if self.by_ratio else self.values, dtype=float)

    def finite(self) -> "Series":
        """Without points that are no numbers."""
        chosen = self.ratios if self.by_ratio else self.values
        keep = [n for n, value in enumerate(chosen) if value is not None and math.isfinite(value)]
        if len(keep) == len(self.times):
            return self
        times, values, ratios = (_chosen(of, keep) for of in (self.times, self.values, self.ratios))
        return Series(self.key, self.unit, self.better, tuple(times), tuple(values), tuple(ratios))


def _chosen(of: Sequence, keep: Sequence[int]) -> Iterator:
    return (of[number] for number in keep)


def robust_scale(values: Values) -> float:
    """The standard deviation by the median of absolute deviations; 0 for constant values."""
    return 1.4826 * median(np.abs(values - median(values)))


def median(values: Values) -> float:
    """As ``numpy.median`` of one dimension without NaN, whose overhead is ten times the work."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1]
    return float(low + high) / 2
