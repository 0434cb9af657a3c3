"""Changes in series of nights are found, and nothing is found where there is nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results_parsers.trends.analysis import analyse
from results_parsers.trends.change_points import find_change_points, find_cuts, hampel
from results_parsers.trends.compare import Verdict, compare
from results_parsers.trends.discovery import discoveries
from results_parsers.trends.drift import find_drift
from results_parsers.trends.flakes import Flake, Runs, judge
from results_parsers.trends.prediction import predict
from results_parsers.trends.series import Series, SeriesKey
from results_parsers.trends.synthetic import EDGE, make_series

NIGHT_S = 86_400.0
KEY = SeriesKey("demo", "demo", "ext4", "6.1", "tcg", "2 x demo", "mount_time_ms")
TOLERANCE = 7  # nights


def series(values, *, better="lower", ratios=None):
    times = tuple(NIGHT_S * night for night in range(len(values)))
    none = tuple(None for _ in values)
    return Series(KEY, "ms", better, times, tuple(values), none if ratios is None else ratios)


def noise(count, seed=1, level=100.0, sigma=3.0):
    return np.random.default_rng(seed).normal(level, sigma, count)


def test_shifts_are_found_where_they_are_and_nothing_else():
    made = make_series(120, seed=77)
    shifted = [one for one in made if one.shift_at is not None]
    assert len(shifted) == 60
    for one in made:
        cuts = find_cuts(one.values)
        if one.shift_at is None:
            assert cuts == []
        else:
            assert len(cuts) == 1
            assert abs(cuts[0] - one.shift_at) <= TOLERANCE
            assert EDGE <= one.shift_at <= len(one.values) - EDGE


def test_a_change_says_what_it_is():
    values = np.concatenate([noise(40), noise(40, seed=2, level=150.0)])
    [change] = find_change_points(series(values))
    assert abs(change.index - 40) <= 1
    assert change.time == change.index * NIGHT_S
    assert change.change_percent == pytest.approx(50, abs=4)
    assert not change.better
    assert change.p < 1e-3
    [change] = find_change_points(series(values, better="higher"))
    assert change.better


def test_several_levels_and_a_night_far_off():
    values = np.concatenate([noise(50, 1, 100), noise(50, 2, 120), noise(50, 3, 90)])
    values[[20, 70]] = 500.0
    assert [round(cut, -1) for cut in find_cuts(values)] == [50, 100]


def test_outliers_are_clipped_and_the_rest_is_left():
    values = noise(60)
    spoiled = values.copy()
    spoiled[30] = 1e6
    assert hampel(spoiled)[30] < 130
    near = np.abs(hampel(values) - values) > 0
    assert near.sum() <= 3


@pytest.mark.parametrize(
    "values", [[], [1.0], [5.0] * 100, [1.0, 2.0] * 4, [0.0] * 99 + [1.0]], ids=str
)
def test_where_there_is_nothing_nothing_is_found(values):
    [trend] = analyse([series(values)])
    assert trend.changes == ()
    assert trend.drift is None


def test_most_nights_alike_and_then_another_level():
    assert find_cuts(np.array([5.0] * 30 + [7.0] * 30)) == [30]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.floats(allow_nan=True, allow_infinity=True) | st.integers(-5, 5).map(float), max_size=60
    )
)
def test_any_series_has_a_trend(values):
    scaled = [max(-1e100, min(1e100, one)) if np.isfinite(one) else one for one in values]
    [trend] = analyse([series(scaled)])
    assert len(trend.series.times) == sum(map(np.isfinite, scaled))
    for change in trend.changes:
        assert 0 < change.index < len(trend.series.times)


def test_a_host_that_was_slow_does_not_count_where_a_reference_was_measured():
    slow = np.where(np.arange(80) < 40, 1.0, 1.6)
    values, ratios = noise(80) * slow, noise(80, seed=5, level=1.2, sigma=0.03)
    assert find_change_points(series(values))
    with_reference = series(values, ratios=tuple(ratios))
    assert with_reference.by_ratio
    assert find_change_points(with_reference) == []
    with_one_missing = series(values, ratios=(None, *ratios[1:]))
    assert not with_one_missing.by_ratio


def drifting(count, per_month, seed=1):
    return noise(count, seed) + per_month / 30 * np.arange(count)


def test_a_drift_is_measured():
    values = drifting(200, 6.0)
    drift = find_drift(values)
    assert drift.low <= drift.change <= drift.high
    assert drift.change == pytest.approx(6.0, abs=1.0)
    assert drift.p < 1e-6


def test_the_interval_of_a_drift_has_it_19_times_of_20():
    within = 0
    for seed in range(200):
        values = drifting(60, 3.0, seed)
        drift = find_drift(values)
        within += drift.low <= 3.0 <= drift.high
    assert 180 <= within <= 199


def test_drifts_are_found_among_many_series_and_false_ones_are_rare():
    calm = [series(noise(100, seed)) for seed in range(90)]
    moving = [series(drifting(100, 3.0, 1000 + seed)) for seed in range(10)]
    trends = analyse(calm + moving)
    assert all(trend.drift and trend.drifts_worse for trend in trends[90:])
    assert sum(trend.drift is not None for trend in trends[:90]) <= 3


def test_a_shift_is_no_drift():
    values = np.concatenate([noise(60), noise(60, seed=2, level=140.0)])
    [trend] = analyse([series(values)])
    assert len(trend.changes) == 1
    assert trend.drift is None


def test_false_discoveries():
    assert discoveries([]) == []
    assert discoveries([0.2, 0.9]) == [False, False]
    assert discoveries([0.001, 0.04, 0.9, 0.012]) == [True, False, False, True]


def test_the_next_night_is_predicted_19_times_of_20():
    within = 0
    for seed in range(300):
        values = noise(81, seed)
        past = values[:-1]
        found = predict(past, None)
        within += found.low <= values[-1] <= found.high
    assert 275 <= within <= 298


def test_a_prediction_goes_on_with_the_drift():
    values = drifting(100, 9.0)
    found = predict(values, find_drift(values))
    assert found.value == pytest.approx(100 + 9.0 / 30 * 100, abs=2)
    falling = drifting(60, -49.0)
    ends = predict(falling, find_drift(falling))
    assert ends.low == 0.0 <= ends.value <= ends.high
    assert predict(values[:5], None) is None


COMPARISONS = {
    "alike": (noise(50, 1), noise(50, 2), Verdict.SAME),
    "slower": (noise(50, 1), noise(50, 2, 120), Verdict.WORSE),
    "faster": (noise(50, 1), noise(50, 2, 80), Verdict.BETTER),
    "few": (noise(50, 1), noise(9, 2, 150), Verdict.UNDECIDED),
    "wide": (noise(12, 1, sigma=40), noise(12, 2, sigma=40), Verdict.UNDECIDED),
    "all alike": (np.full(20, 5.0), np.full(20, 5.0), Verdict.SAME),
    "all alike, but not the same": (np.full(20, 5.0), np.full(20, 6.0), Verdict.WORSE),
    "nothing": (np.zeros(20), noise(20), Verdict.UNDECIDED),
}


@pytest.mark.parametrize(("one", "other", "verdict"), COMPARISONS.values(), ids=COMPARISONS)
def test_a_comparison(one, other, verdict):
    found = compare(one, other, better="lower", threshold_percent=5.0)
    assert found.verdict is verdict
    assert found.samples == (len(one), len(other))
    if found.low is not None:
        assert found.low <= found.change_percent <= found.high
    opposite = {Verdict.WORSE: Verdict.BETTER, Verdict.BETTER: Verdict.WORSE}
    turned = compare(one, other, better="higher", threshold_percent=5.0)
    assert turned.verdict is opposite.get(verdict, verdict)


def test_the_interval_of_a_comparison_has_the_change_19_times_of_20():
    within = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        one, other = chance.lognormal(3, 0.3, 40), 1.1 * chance.lognormal(3, 0.3, 40)
        found = compare(one, other, better="lower", threshold_percent=5.0)
        within += found.low <= 10.0 <= found.high
    assert 178 <= within <= 198


FLAKES = [
    ((0, 50), (1, 1), Flake.NEW, 0),
    ((0, 0), (1, 1), Flake.NEW, 0),
    ((2, 50), (5, 7), Flake.REGRESSION, 0),
    ((25, 50), (0, 10), Flake.FIXED, 0),
    ((5, 50), (0, 3), Flake.UNDECIDED, 1),
    ((20, 50), (10, 25), Flake.FLAKY, 0),
    ((50, 50), (7, 7), Flake.PERSISTENT, 0),
]


@pytest.mark.parametrize(("baseline", "recent", "verdict", "least_needed"), FLAKES)
def test_a_finding_that_comes_and_goes(baseline, recent, verdict, least_needed):
    found = judge(Runs(*baseline), Runs(*recent))
    assert found.verdict is verdict
    assert found.needed >= least_needed
    assert bool(found.needed) is (verdict is Flake.UNDECIDED)
    assert str(Runs(*recent)) in str(found)


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="3 hits of 2 runs"):
        judge(Runs(0, 1), Runs(3, 2))


def decide(rate, chance, most=2000):
    """The verdict on runs that have a finding with this rate, when it has fallen."""
    hits = 0
    for runs in range(1, most):
        hits += chance.random() < rate
        found = judge(Runs(50, 500), Runs(hits, runs))
        if found.verdict is not Flake.UNDECIDED:
            return found.verdict
    return Flake.UNDECIDED


@pytest.mark.parametrize(("rate", "verdict"), [(0.1, Flake.FLAKY), (0.5, Flake.REGRESSION)])
def test_wrong_verdicts_are_as_rare_as_promised(rate, verdict):
    chance = np.random.default_rng(3)
    verdicts = [decide(rate, chance) for _ in range(200)]
    assert sum(found is not verdict for found in verdicts) <= 30


def test_what_is_fixed_is_seen_to_be():
    assert decide(0.0, np.random.default_rng(1)) is Flake.FIXED
