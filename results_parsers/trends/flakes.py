"""A finding that comes and goes: is it new, more frequent, as flaky as ever, or fixed?

Wald's sequential probability ratio test (1945) against the rate of the baseline: each run moves the
balance between "as before" and "more often" (and "hardly ever any more") until one is sure enough.
"""

import enum
import math
from dataclasses import dataclass

ERROR = 0.05
"""The chance of a wrong verdict, each way."""

ODDS_OF_MORE = 5.0
USUAL = 0.8
"""A finding that comes at this rate is there as a rule."""

LEFT_WHEN_FIXED = 1 / 20  # of the rate

_SURE = math.log((1 - ERROR) / ERROR)


class Flake(enum.Enum):
    """What is known of a finding of a test."""

    NEW = "new"
    REGRESSION = "regression"
    FLAKY = "flaky"
    PERSISTENT = "persistent"
    FIXED = "fixed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Runs:
    """How often a test has run, and in how many of the runs it had the finding."""

    hits: int
    runs: int

    def __str__(self) -> str:
        return f"{self.hits}/{self.runs}"


@dataclass(frozen=True)
class FlakeVerdict:
    """``needed`` is about how many runs more would decide it; 0 when it is."""

    verdict: Flake
    baseline: Runs
    recent: Runs
    needed: int = 0

    def __str__(self) -> str:
        words = f"{self.verdict.value} {self.recent} (before: {self.baseline})"
        return f"{words}, about {self.needed} runs more" if self.needed else words


def judge(baseline: Runs, recent: Runs) -> FlakeVerdict:
    """What the recent runs say of a finding, given those before.

    What the baseline never had is new with its first hit. Raises ``ValueError`` for impossible
    counts.
    """
    for one in (baseline, recent):
        if not 0 <= one.hits <= one.runs:
            raise ValueError(f"{one.hits} hits of {one.runs} runs")
    if recent.hits and not baseline.hits:
        return FlakeVerdict(Flake.NEW, baseline, recent)
    rate = (baseline.hits + 0.5) / (baseline.runs + 1)
    more = _Balance(rate, rate * ODDS_OF_MORE / (1 - rate + rate * ODDS_OF_MORE), recent)
    less = _Balance(rate, rate * LEFT_WHEN_FIXED, recent)
    if more.value >= _SURE:
        return FlakeVerdict(Flake.REGRESSION, baseline, recent)
    if less.value >= _SURE and not recent.hits:
        return FlakeVerdict(Flake.FIXED, baseline, recent)
    usual = rate >= USUAL  # it cannot come much more often
    if (usual or more.value <= -_SURE) and less.value <= -_SURE:
        always = recent.hits == recent.runs and usual
        return FlakeVerdict(Flake.PERSISTENT if always else Flake.FLAKY, baseline, recent)
    needed = less.needed() if usual or not recent.hits else max(more.needed(), less.needed())
    return FlakeVerdict(Flake.UNDECIDED, baseline, recent, needed)


class _Balance:
    """The logarithm of how much likelier the runs are with another rate."""

    def __init__(self, rate: float, other: float, runs: Runs):
        self._hit = math.log(other / rate)
        self._miss = math.log((1 - other) / (1 - rate))
        self._rate = rate
        self._other = other
        self.value = runs.hits * self._hit + (runs.runs - runs.hits) * self._miss

    def needed(self) -> int:
        """The runs to the nearer end, if they go on as the likelier of the two says."""
        likelier = self._other if self.value > 0 else self._rate
        step = likelier * self._hit + (1 - likelier) * self._miss
        left = _SURE - self.value if step > 0 else self.value + _SURE
        return max(0, math.ceil(left / abs(step)))
