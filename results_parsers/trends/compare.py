"""Two sets of samples of a metric: is the second better or worse, or is that not known?

The change of the 20 % trimmed mean, in percent, with its bias-corrected and accelerated bootstrap
interval (Efron 1987). A median would do, but its jackknife says nothing of its skew.
"""

import enum
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import DegenerateDataWarning, bootstrap, trim_mean

from results_parsers.trends.series import Values

LEAST_SAMPLES = 10
TRIMMED = 0.2  # at each end
RESAMPLES = 2000
CONFIDENCE = 0.95
SEED = 1


class Verdict(enum.Enum):
    """What is known of the second of two sets."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Comparison:
    """The change in percent, and its interval; both None where nothing can be said."""

    verdict: Verdict
    change_percent: float | None
    low: float | None
    high: float | None
    samples: tuple[int, int]


def compare(
    one: Sequence[float], other: Sequence[float], *, better: str, threshold_percent: float
) -> Comparison:
    """How ``other`` differs from ``one``; "same" if it is sure to do so by less than the threshold.

    Undecided with fewer than ``LEAST_SAMPLES`` on a side, and if the interval reaches over a
    threshold. ``better`` is "lower" or "higher".
    """
    before, after = _finite(one), _finite(other)
    counts = (len(before), len(after))
    if min(counts) < LEAST_SAMPLES or not trim_mean(before, TRIMMED):
        return Comparison(Verdict.UNDECIDED, None, None, None, counts)
    change = float(_change(before, after))
    low, high = _interval(before, after, change)
    verdict = _verdict(low, high, threshold_percent, lower_is_better=better == "lower")
    return Comparison(verdict, change, low, high, counts)


def _finite(samples: Sequence[float]) -> Values:
    values = np.asarray(samples, dtype=float)
    return values[np.isfinite(values)]


def _change(one: Values, other: Values, axis: int = -1) -> Values:
    before = trim_mean(one, TRIMMED, axis=axis)
    return np.asarray(100 * (trim_mean(other, TRIMMED, axis=axis) / before - 1))


def _interval(one: Values, other: Values, change: float) -> tuple[float, float]:
    # Samples that are all alike leave nothing to resample: scipy divides by nothing then.
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", DegenerateDataWarning)
        found = bootstrap(
            (one, other),
            _change,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="BCa",
            vectorized=True,
            random_state=SEED,
        ).confidence_interval
    low, high = float(found.low), float(found.high)
    return (low, high) if np.isfinite(low) and np.isfinite(high) else (change, change)


def _verdict(low: float, high: float, threshold: float, *, lower_is_better: bool) -> Verdict:
    if -threshold <= low and high <= threshold:
        return Verdict.SAME
    if low > threshold:
        return Verdict.WORSE if lower_is_better else Verdict.BETTER
    if high < -threshold:
        return Verdict.BETTER if lower_is_better else Verdict.WORSE
    return Verdict.UNDECIDED
