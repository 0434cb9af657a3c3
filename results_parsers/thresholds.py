"""Thresholds of the metrics: a TOML file with ``default`` and ``[metrics]``, in percent."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from results_parsers.errors import UsageError

BESIDE = Path(__file__).resolve().parent.parent / "shared" / "thresholds.toml"
"""Those of a checkout; an installed package has the defaults only, unless a file is named."""

DEFAULT_PERCENT = 5.0
LARGEST_PERCENT = 1000.0


@dataclass(frozen=True)
class Thresholds:
    """Changes, in percent, that matter; ``of`` a metric."""

    default: float = DEFAULT_PERCENT
    metrics: Mapping[str, float] = field(default_factory=dict)

    def of(self, metric: str) -> float:
        return self.metrics.get(metric, self.default)


def find_thresholds(path: Path | None) -> Thresholds:
    """Those of a file, or of the checkout, or the defaults. Raises ``UsageError``."""
    if path is None and not BESIDE.is_file():
        return Thresholds()
    return read_thresholds(path or BESIDE)


def read_thresholds(path: Path) -> Thresholds:
    """Read a file. Raises ``UsageError`` naming the key, its value and what is allowed."""
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    for key in document.keys() - {"default", "metrics"}:
        raise UsageError(f"{path}: {key} = {document[key]!r}; allowed: default, [metrics]")
    metrics = document.get("metrics", {})
    if not isinstance(metrics, dict):
        raise UsageError(f"{path}: metrics = {metrics!r}; a table of percentages is allowed")
    return Thresholds(
        _percent(path, "default", document.get("default", DEFAULT_PERCENT)),
        {name: _percent(path, f"metrics.{name}", value) for name, value in metrics.items()},
    )


def _percent(path: Path, key: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value <= LARGEST_PERCENT:
        raise UsageError(
            f"{path}: {key} = {value!r}; "
            f"a percentage above 0 and up to {LARGEST_PERCENT:g} is allowed"
        )
    return float(value)
