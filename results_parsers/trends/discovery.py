"""False discoveries kept rare where many series are looked at (Benjamini and Hochberg 1995)."""

from collections.abc import Sequence

import numpy as np

RATE = 0.05


def discoveries(chances: Sequence[float], rate: float = RATE) -> list[bool]:
    """Which of the p-values count: of those, at most ``rate`` are false in the mean."""
    if not chances:
        return []
    values = np.asarray(chances)
    order = np.argsort(values)
    limits = rate * np.arange(1, len(values) + 1) / len(values)
    below = np.nonzero(values[order] <= limits)[0]
    if not len(below):
        return [False] * len(values)
    return [bool(one) for one in values <= values[order[below[-1]]]]
