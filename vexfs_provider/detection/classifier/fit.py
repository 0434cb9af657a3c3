"""Logistic regression with bounds, in numpy; needed for training only.

The loss is convex, and so are the bounds: there is one optimum, which does not depend on where the
search starts. Weights that may only speak for a crash, or only against one, keep a model of few
kinds of crashes sane on kinds that it has never seen.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vexfs_provider.detection.classifier.examples import Example
from vexfs_provider.detection.classifier.model import Logistic

PENALTY = 3e-4  # on squared weights of scaled features: kinds never seen differ from those seen
_STEPS = 4000
_DIGITS = 4  # what is kept: less than that differs from one machine's arithmetic to another's

Array = NDArray[np.float64]


class Rows(NamedTuple):
    """Features, answers (1: a crash) and weights, which sum up to 1."""

    features: Array
    crash: Array
    weights: Array


def rows_of(examples: Sequence[Example], share: float) -> Rows:
    """Every group weighs the same within its answer, and crashes weigh ``share`` of all."""
    crash = np.array([example.crash for example in examples], dtype=float)
    origins = [(example.group, example.crash) for example in examples]
    times = {origin: origins.count(origin) for origin in set(origins)}
    weights = np.array([1 / times[origin] for origin in origins])
    for answer, part in ((1.0, share), (0.0, 1 - share)):
        weights[crash == answer] *= part / max(weights[crash == answer].sum(), 1e-12)
    return Rows(np.array([example.features for example in examples]), crash, weights)


def fit(rows: Rows, signs: Sequence[int], penalty: float = PENALTY) -> Logistic:
    """The regression of least loss, with weights of the given signs (0: of either)."""
    scale = np.sqrt(np.average(rows.features**2, axis=0, weights=_balanced(rows)))
    scale[scale == 0] = 1.0
    inputs = np.hstack([np.ones((len(rows.crash), 1)), rows.features / scale])
    low = np.array([-np.inf, *(0.0 if sign > 0 else -np.inf for sign in signs)])
    high = np.array([np.inf, *(0.0 if sign < 0 else np.inf for sign in signs)])
    penalties = np.array([0.0, *(penalty for _ in signs)])
    found = _search(inputs, rows, penalties, (low, high))
    weights = [round(float(value), _DIGITS) for value in found[1:] / scale]
    return Logistic(round(float(found[0]), _DIGITS), tuple(weights))


def _balanced(rows: Rows) -> Array:
    """Weights for scaling, in which the rarer answer counts as much as the other."""
    sums = {answer: rows.weights[rows.crash == answer].sum() for answer in (0.0, 1.0)}
    return rows.weights / np.where(rows.crash == 1.0, sums[1.0], sums[0.0])


def _search(inputs: Array, rows: Rows, penalties: Array, bounds: tuple[Array, Array]) -> Array:
    """Nesterov's accelerated gradient, projected into the bounds after each step."""
    curvature = inputs.T @ (inputs * rows.weights[:, None]) / 4
    step = 1 / (float(np.linalg.eigvalsh(curvature)[-1]) + 2 * float(penalties.max()))
    now = ahead = np.zeros(inputs.shape[1])
    for number in range(1, _STEPS + 1):
        errors = _probabilities(inputs @ ahead) - rows.crash
        slope = inputs.T @ (errors * rows.weights) + 2 * penalties * ahead
        new = np.clip(ahead - step * slope, *bounds)
        if float(np.dot(ahead - new, new - now)) > 0:  # it overshot: start to accelerate anew
            ahead = new
        else:
            ahead = new + (number / (number + 3)) * (new - now)
        now = new
    return now


def logits(logistic: Logistic, features: Array) -> Array:
    return np.asarray(logistic.bias + features @ np.array(logistic.weights))


def _probabilities(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def calibrated(logistic: Logistic, scale: Logistic) -> Logistic:
    """The regression whose logit is ``scale`` of the other's (Platt, 1999)."""
    factor = scale.weights[0]
    return Logistic(
        round(scale.bias + factor * logistic.bias, _DIGITS),
        tuple(round(factor * weight, _DIGITS) for weight in logistic.weights),
    )


def probabilities(logistic: Logistic, features: Array) -> Array:
    return _probabilities(logits(logistic, features))
