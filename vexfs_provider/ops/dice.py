"""Chance that falls the same from one seed wherever it is thrown."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from a seed of 0 or more.

    Of ``random.Random`` only ``random()`` keeps its sequence from one Python to the next, so all
    is made from that.
    """

    def __init__(self, seed: int):
        if seed < 0:
            raise ValueError(f"seed = {seed}; allowed: a whole number from 0")
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1."""
        return int(self._random.random() * limit)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def weighted(self, weights: Mapping[T, int]) -> T:
        """One of the keys, each as often as its weight says. Raises ``ValueError`` without any."""
        left = self.below(sum(weights.values()))
        for value, weight in weights.items():
            left -= weight
            if left < 0:
                return value
        raise ValueError("nothing to choose from: no weight is above 0")

    def order(self, total: int) -> Iterator[int]:
        """The numbers below ``total`` in an order of chance, each once."""
        numbers = list(range(total))
        for position in range(total):
            other = position + self.below(total - position)
            numbers[position], numbers[other] = numbers[other], numbers[position]
            yield numbers[position]
