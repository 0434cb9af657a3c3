"""Where the level of a series has changed.

The recipe: outliers are clipped by a Hampel filter; the series, in units of its own noise (by the
median of absolute deviations), is cut by the pruned exact linear time search with a linear kernel
(``ruptures.KernelCPD``) and a penalty of 6 ln n; each cut must show in the raw values of its two
neighbours by the test of Mann and Whitney. A series that a line fits as well as its levels do (by
the Bayesian information criterion) has no change points: it drifts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import ruptures
from scipy.stats import mannwhitneyu

from results_parsers.trends.series import Series, Values, median, robust_scale

HAMPEL_HALF_WINDOW = 7  # nights on each side
HAMPEL_SIGMAS = 3.0
PENALTY = 6.0  # times ln n
LARGEST_P = 1e-3
LEAST_NIGHTS = 10  # of a level


@dataclass(frozen=True)
class ChangePoint:
    """The first night of a new level; levels are medians of the raw values around it."""

    index: int
    time: float
    before: float
    after: float
    p: float
    better: bool

    @property
    def change_percent(self) -> float | None:
        """By how much the level has changed; None from nothing."""
        return 100 * (self.after / self.before - 1) if self.before else None


def find_change_points(series: Series) -> list[ChangePoint]:
    """The change points of a series of finite points, in their order."""
    values = series.points()
    chances = _find(values)
    cuts = sorted(chances)
    if cuts and _is_a_line(values, cuts):
        return []
    levels = [median(part) for part in np.split(values, cuts)] if cuts else []
    found = []
    for cut, before, after in zip(cuts, levels, levels[1:], strict=False):
        better = (after < before) == (series.better == "lower")
        found.append(ChangePoint(cut, series.times[cut], before, after, chances[cut], better))
    return found


def find_cuts(values: Values) -> list[int]:
    """The indices at which new levels begin."""
    return sorted(_find(values))


def _find(values: Values) -> dict[int, float]:
    """The cuts, each with the probability that there is none."""
    return _significant(values, _search(values, 0, PENALTY * np.log(max(1, len(values)))))


def _search(values: Values, start: int, penalty: float) -> list[int]:
    """Cuts, then those within what they cut: large changes hide small ones in their noise."""
    if len(values) < 2 * LEAST_NIGHTS:
        return []
    scale = robust_scale(values) or float(np.std(values))
    if scale == 0:
        return []
    clipped = hampel(values)
    normalised = ((clipped - median(clipped)) / scale).reshape(-1, 1)
    search = ruptures.KernelCPD(kernel="linear", min_size=LEAST_NIGHTS).fit(normalised)
    cuts = [int(cut) for cut in search.predict(pen=penalty)[:-1]]
    found = [start + cut for cut in cuts]
    if cuts:
        for first, part in zip([0, *cuts], np.split(values, cuts), strict=True):
            found += _search(part, start + first, penalty)
    return sorted(found)


def hampel(values: Values) -> Values:
    """Values far from the median of their neighbours, moved to the edge of what is near.

    A window of a few nights may be calm by chance: what is near is no less than the noise of all.
    """
    width = 2 * HAMPEL_HALF_WINDOW + 1
    padded = np.pad(values, HAMPEL_HALF_WINDOW, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    half = HAMPEL_HALF_WINDOW  # the median's place in a window
    middle = np.partition(windows, half, axis=1)[:, half]
    far = np.abs(windows - middle[:, None])
    spread = 1.4826 * np.partition(far, half, axis=1)[:, half]
    reach = HAMPEL_SIGMAS * np.maximum(spread, _noise(values))
    return np.clip(values, middle - reach, middle + reach)


def _significant(values: Values, cuts: Sequence[int]) -> dict[int, float]:
    """The cuts between levels that differ, the least sure ones removed one after another."""
    left = list(cuts)
    while left:
        parts = np.split(values, left)
        chances = [
            float(mannwhitneyu(*pair, method="asymptotic").pvalue) for pair in pairwise(parts)
        ]
        worst = int(np.argmax(chances))
        if chances[worst] < LARGEST_P:
            return dict(zip(left, chances, strict=True))
        del left[worst]
    return {}


def _noise(values: Values) -> float:
    """The standard deviation from one night to the next, whatever the levels."""
    return robust_scale(np.diff(values)) / 2**0.5 or robust_scale(values) or float(np.std(values))


def _is_a_line(values: Values, cuts: Sequence[int]) -> bool:
    clipped = hampel(values)
    runs = np.linspace(0, 1, len(values))
    line = clipped - np.polyval(np.polyfit(runs, clipped, 1), runs)
    levels = [part - part.mean() for part in np.split(clipped, cuts)]
    of_line = _criterion(line, 2)
    return of_line <= _criterion(np.concatenate(levels), 2 * len(cuts) + 1)


def _criterion(residuals: Values, parameters: int) -> float:
    """Schwarz's; minus infinity for a perfect fit."""
    count = len(residuals)
    with np.errstate(divide="ignore"):
        return float(count * np.log(np.mean(residuals**2)) + parameters * np.log(count))
