"""What a benchmark yields: rows, their table for people, their JSON for programs."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.store import write_atomically

RUNS = 5


@dataclass(frozen=True)
class Row:
    """One figure. ``reference`` says in words what ``reference_value`` is; less is better there.

    ``at_most``, ``at_least`` (in ``unit``) and ``at_least_times`` are what the project promises.
    """

    name: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    at_least_times: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the reference is as large as the value."""
        if self.reference_value is None or self.value == 0:
            return None
        return self.reference_value / self.value

    @property
    def promise(self) -> str:
        """What is promised and whether it is kept; empty where nothing is."""
        kept, words = True, []
        if self.at_most is not None:
            words.append(f"<= {self.at_most:g} {self.unit}")
            kept = kept and self.value <= self.at_most
        if self.at_least is not None:
            words.append(f">= {self.at_least:g} {self.unit}")
            kept = kept and self.value >= self.at_least
        if self.at_least_times is not None and self.ratio is not None:
            words.append(f">= {self.at_least_times:g} x")
            kept = kept and self.ratio >= self.at_least_times
        return f"{', '.join(words)}: {'kept' if kept else 'MISSED'}" if words else ""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object; ``null`` where there is no reference."""
        return {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "reference": self.reference or None,
            "reference_value": _rounded(self.reference_value),
            "ratio": _rounded(self.ratio),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def in_turn(*measures: Callable[[], float], runs: int = RUNS) -> list[float]:
    """The median of ``runs`` runs of each measure, run in turn."""
    samples = [[measure() for measure in measures] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*samples, strict=True)]


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    lines = [("name", "value", "reference", "ratio", "promised")]
    for row in rows:
        reference = ""
        if row.reference_value is not None:
            reference = f"{row.reference_value:.4g} {row.unit} ({row.reference})"
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}"
        lines.append((row.name, f"{row.value:.4g} {row.unit}", reference, ratio, row.promise))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def save(rows: Sequence[Row], path: Path) -> None:
    """Put ``rows`` into the file, in the place of those with the same names.

    Raises ``UsageError`` if the file is there and holds no list of rows.
    """
    fresh = [row.to_dict() for row in rows]
    names = {entry["name"] for entry in fresh}
    kept = [entry for entry in _load(path) if entry["name"] not in names]
    write_atomically(path, json.dumps([*kept, *fresh], indent=1) + "\n")


def _load(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        entries = json.loads(path.read_text())
        named = all("name" in entry for entry in entries)
    except (ValueError, TypeError):
        named = False
    if not named:
        raise UsageError(f"{path} holds no list of benchmark rows; remove it")
    return entries
