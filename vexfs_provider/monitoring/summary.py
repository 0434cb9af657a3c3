"""Many samples as few numbers: mean and peak of each quantity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class _Series:
    count: int = 0
    total: float = 0.0
    peak: float = 0.0

    def add(self, value: float) -> None:
        self.peak = max(self.peak, value) if self.count else value
        self.count += 1
        self.total += value


class Summary:
    """Adds samples up as they come. Of several disks the slowest and the busiest one counts.

    ``noisy`` counts those of the host during which something else used it.
    """

    def __init__(self) -> None:
        self.samples = {"host": 0, "guest": 0}
        self.noisy = 0
        self._series: dict[str, _Series] = {}

    def add(self, sample: Mapping[str, Any]) -> None:
        """Add a sample of ``samples.jsonl``."""
        self.samples[sample["source"]] += 1
        self.noisy += "noise" in sample
        for name, value in sample.items():
            if isinstance(value, int | float) and name != "time":
                label = f"{sample['source']}_cost_percent" if name == "cost_percent" else name
                self._series.setdefault(label, _Series()).add(value)
        for disk in ("await_ms", "in_flight"):
            values = [each[disk] for each in sample.get("disks", {}).values()]
            if values:
                self._series.setdefault(f"disk_{disk}", _Series()).add(max(values))

    def to_dict(self) -> dict[str, Any]:
        """JSON values for the record."""
        quantities = {
            name: {"mean": round(one.total / one.count, 3), "peak": round(one.peak, 3)}
            for name, one in sorted(self._series.items())
        }
        return {"samples": dict(self.samples), "noisy": self.noisy, "quantities": quantities}
