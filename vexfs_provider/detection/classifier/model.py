"""The trained weights, and the two probabilities that they give: see docs/model-card.md."""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vexfs_provider.detection.classifier import console_form, report_form
from vexfs_provider.errors import InfrastructureError

VERSION = 1
"""Of the file and of the meaning of each feature; other weights are refused."""

WEIGHTS = Path(__file__).with_name("weights.npz")
FEATURES = {"report": tuple(report_form.SIGNS), "console": tuple(console_form.SIGNS)}
_FARTHEST = 30.0  # a logit beyond which the probability is 0 or 1 to twelve digits


class ModelError(InfrastructureError):
    """A file of weights is missing, broken, or of another version or kind."""


@dataclass(frozen=True)
class Logistic:
    """A logistic regression: a bias and a weight for each feature."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: tuple[float, ...]) -> float:
        return 1 / (1 + math.exp(-max(min(self.logit(features), _FARTHEST), -_FARTHEST)))

    def logit(self, features: tuple[float, ...]) -> float:
        return self.bias + sum(w * x for w, x in zip(self.weights, features, strict=True))


@dataclass(frozen=True)
class Model:
    """Both regressions; ``about`` says what they were trained on."""

    report: Logistic
    console: Logistic
    about: dict[str, Any]


@cache
def shipped() -> Model:
    """The model that comes with this package. Raises ``ModelError``."""
    return load(WEIGHTS)


def load(path: Path) -> Model:
    """The model in a file that ``corpus train`` wrote.

    Raises ``ModelError`` naming what is wrong: not there, broken, another version or features.
    """
    from vexfs_provider.detection.classifier.npz import read_arrays

    try:
        arrays = read_arrays(path)
        about = json.loads(bytes(map(int, arrays["about"])))
        if about["version"] != VERSION:
            raise ValueError(f"version {about['version']!r}, not {VERSION}")
        return Model(
            report=_logistic(about, arrays, "report"),
            console=_logistic(about, arrays, "console"),
            about=about,
        )
    except OSError as error:
        raise ModelError(f"cannot read weights {str(path)!r}: {error.strerror}") from error
    except KeyError as error:
        raise ModelError(_wrong(path, f"no {error}")) from error
    except (TypeError, ValueError) as error:
        raise ModelError(_wrong(path, str(error))) from error


def _logistic(about: dict[str, Any], arrays: dict[str, tuple[float, ...]], name: str) -> Logistic:
    """Raises ``ValueError`` for weights that do not fit the features."""
    values = arrays[name]
    if tuple(about["features"][name]) != FEATURES[name] or len(values) != len(FEATURES[name]) + 1:
        raise ValueError(f"trained on other features of a {name}")
    if not all(map(math.isfinite, values)):
        raise ValueError(f"a weight of {name} is not finite")
    return Logistic(values[0], values[1:])


def _wrong(path: Path, what: str) -> str:
    return (
        f"weights {str(path)!r} are none of ours: {what}; "
        "make them anew: avocado vexfs corpus train"
    )
