"""A series: one metric of one test on one kind of host, a point a night."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

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

    ``ratios`` are those to a ``reference`` filesystem that was measured beside, None where there
    was none; ``better`` is "lower" or "higher". ``jobs`` are those of the history, if it is known.
    """

    key: SeriesKey
    unit: str
    better: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    ratios: tuple[float | None, ...]
    jobs: tuple[int, ...] = ()
    reference: str = ""

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
        return replace(
            self,
            times=_chosen(self.times, keep),
            values=_chosen(self.values, keep),
            ratios=_chosen(self.ratios, keep),
            jobs=_chosen(self.jobs, keep) if self.jobs else (),
        )


def _chosen(of: Sequence[Any], keep: Sequence[int]) -> tuple[Any, ...]:
    return tuple(of[number] for number in keep)


@dataclass(frozen=True)
class Band:
    """Where the points of a baseline lie, all but a tenth above and below; ``name`` it has."""

    low: float
    high: float
    name: str


def baseline_band(series: Series, jobs: frozenset[int], name: str) -> Band | None:
    """The band of the points that some jobs have measured; None where they are too few."""
    chosen = [n for n, job in enumerate(series.jobs) if job in jobs]
    if len(chosen) < LEAST_POINTS:
        return None
    low, high = np.quantile(series.points()[chosen], [0.1, 0.9])
    return Band(float(low), float(high), name)


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
