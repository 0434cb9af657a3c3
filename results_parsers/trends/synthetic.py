"""Series that were never measured, to measure what finds changes in series."""

from dataclasses import dataclass

import numpy as np

from results_parsers.trends.series import Values

NIGHTS = 365
EDGE = 14
SHIFT_SIGMAS = (2.0, 4.0)
OUTLIERS = 0.01
OUTLIER_SIGMAS = (5.0, 15.0)


@dataclass(frozen=True)
class Synthetic:
    """A series of nights; ``shift_at`` is the first night of its second level, if it has one."""

    values: Values
    shift_at: int | None


def make_series(count: int, seed: int, nights: int = NIGHTS) -> list[Synthetic]:
    """Series of Gaussian noise around a level, 1 % of the nights far off.

    Every second one has a shift of 2 to 4 standard deviations, up or down, at a uniform place at
    least ``EDGE`` nights from the ends.
    """
    chance = np.random.default_rng(seed)
    return [_make_one(chance, nights, shifted=bool(number % 2)) for number in range(count)]


def _make_one(chance: np.random.Generator, nights: int, *, shifted: bool) -> Synthetic:
    level = chance.uniform(10, 1000)
    sigma = level * chance.uniform(0.01, 0.1)
    values = chance.normal(level, sigma, nights)
    far = chance.random(nights) < OUTLIERS
    signs = chance.choice([-1.0, 1.0], nights)
    values = values + far * signs * chance.uniform(*OUTLIER_SIGMAS, nights) * sigma
    if not shifted:
        return Synthetic(values, None)
    place = int(chance.integers(EDGE, nights - EDGE + 1))
    values[place:] += chance.choice([-1.0, 1.0]) * chance.uniform(*SHIFT_SIGMAS) * sigma
    return Synthetic(values, place)
