"""All series together: where each has changed, which of them drift, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass

from results_parsers.trends.change_points import ChangePoint, find_change_points
from results_parsers.trends.discovery import discoveries
from results_parsers.trends.drift import Drift, find_drift
from results_parsers.trends.prediction import Prediction, predict
from results_parsers.trends.series import Series


@dataclass(frozen=True)
class Trend:
    """What a series says; ``drift`` is that since the last change, None if there is none to speak
    of among all series. ``prediction`` is None where there are too few nights.
    """

    series: Series
    changes: tuple[ChangePoint, ...]
    drift: Drift | None
    prediction: Prediction | None

    @property
    def drifts_worse(self) -> bool:
        """Whether it drifts where it should not."""
        return self.drift is not None and (self.drift.change > 0) == (self.series.better == "lower")


def analyse(series: Sequence[Series]) -> list[Trend]:
    """A trend for each of the series; points that are no numbers are left out."""
    finite = [one.finite() for one in series]
    changes = [tuple(find_change_points(one)) for one in finite]
    return add_drifts(finite, changes)


def add_drifts(series: Sequence[Series], changes: Sequence[tuple[ChangePoint, ...]]) -> list[Trend]:
    """The drift of each series since its last change, and the prediction from it."""
    starts = [found[-1].index if found else 0 for found in changes]
    latest = [one.points()[start:] for one, start in zip(series, starts, strict=True)]
    drifts = [find_drift(values) for values in latest]
    known = [drift for drift in drifts if drift is not None]
    true = {
        id(drift)
        for drift, counts in zip(known, discoveries([one.p for one in known]), strict=True)
        if counts
    }
    found = []
    for one, change, drift, values in zip(series, changes, drifts, latest, strict=True):
        counts = drift if id(drift) in true else None
        found.append(Trend(one, change, counts, predict(values, counts)))
    return found
