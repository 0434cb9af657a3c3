"""The result record: one JSON document a test, small, versioned, checked against its schema.

It is the test's whiteboard; series and logs are files beside it in the test's log folder. The
schema is ``shared/schemas/record.json``.
"""

import functools
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vexfs_provider.detection import Finding
from vexfs_provider.errors import UsageError
from vexfs_provider.paths import data_dir

SCHEMA_VERSION = 1
BETTER = ("lower", "higher")
LEAST_FOR_SPREAD = 3


@dataclass(frozen=True)
class Reference:
    """What another filesystem gave in the same guest; each sample was taken beside one of ours."""

    filesystem: str
    samples: tuple[float, ...]

    def ratios(self, samples: Sequence[float]) -> list[float]:
        """Ours by theirs, in pairs: what slowed the host for a while has slowed both."""
        pairs = zip(samples, self.samples, strict=True)
        return [ours / theirs for ours, theirs in pairs if theirs]

    def to_dict(self, samples: Sequence[float]) -> dict[str, Any]:
        """JSON values, compared with our ``samples``."""
        ratios = self.ratios(samples)
        return {
            "filesystem": self.filesystem,
            "value": round(statistics.median(self.samples), 6),
            "samples": [round(sample, 6) for sample in self.samples],
            "ratio": round(statistics.median(ratios), 4) if ratios else None,
            "ratio_spread_percent": spread_percent(ratios),
        }


@dataclass(frozen=True)
class Metric:
    """A measured quantity; ``value`` is the median of ``samples``, ``better`` one of ``BETTER``.

    ``noise`` says by the number of a sample (from 0 on) what else the host did while it was taken.
    """

    unit: str
    better: str
    samples: tuple[float, ...]
    reference: Reference | None = None
    noise: Mapping[int, str] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return statistics.median(self.samples)

    def to_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "value": round(self.value, 6),
            "unit": self.unit,
            "better": self.better,
            "samples": [round(sample, 6) for sample in self.samples],
        }
        spread = spread_percent(self.samples)
        if spread is not None:
            document["spread_percent"] = spread
        if self.reference is not None:
            document["reference"] = self.reference.to_dict(self.samples)
        if self.noise:
            document["noise"] = {str(number): words for number, words in self.noise.items()}
        return document


def spread_percent(samples: Sequence[float]) -> float | None:
    """The distance of the quartiles, in percent of the median; None where that tells nothing."""
    if len(samples) < LEAST_FOR_SPREAD or not statistics.median(samples):
        return None
    low, middle, high = statistics.quantiles(samples, method="inclusive")
    return round(100 * (high - low) / abs(middle), 2)


@dataclass
class Record:
    """What a test did and found. Filled while it runs; ``to_dict`` at its end.

    ``configuration`` says what was tested on what, ``monitoring`` sums up the samples of each
    guest, ``coverage`` which functions of the filesystem's module were called, by kernel, and
    ``line_coverage`` which of its lines were run (None if nobody asked), ``timelines`` what
    happened around the findings, ``artefacts`` names files of the log folder, ``reproduce`` is the
    command that runs the same test again.
    """

    level: int
    scenario: str
    filesystem: str
    status: str = "ERROR"
    reason: str = ""
    duration_s: float = 0.0
    configuration: dict[str, Any] = field(default_factory=dict)
    guests: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Metric] = field(default_factory=dict)
    monitoring: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] | None = None
    line_coverage: dict[str, Any] | None = None
    timelines: list[dict[str, Any]] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    artefacts: list[str] = field(default_factory=list)
    reproduce: str = ""

    def add_metric(
        self,
        name: str,
        unit: str,
        better: str,
        samples: Sequence[float],
        *,
        reference: Reference | None = None,
        noise: Mapping[int, str] | None = None,
    ) -> None:
        """Store a metric. Raises ``ValueError`` without samples or for an unknown direction."""
        if not samples:
            raise ValueError(f"metric {name!r} has no samples")
        if better not in BETTER:
            raise ValueError(f"metric {name!r}: better is {better!r}; allowed: {', '.join(BETTER)}")
        self.metrics[name] = Metric(unit, better, tuple(samples), reference, noise or {})

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, as the schema describes them."""
        optional: dict[str, Any] = {} if self.coverage is None else {"coverage": self.coverage}
        if self.line_coverage is not None:
            optional["line_coverage"] = self.line_coverage
        if self.timelines:
            optional["timelines"] = self.timelines
        return {
            **optional,
            "schema": SCHEMA_VERSION,
            "level": self.level,
            "scenario": self.scenario,
            "filesystem": self.filesystem,
            "status": self.status,
            "reason": self.reason,
            "duration_s": round(self.duration_s, 3),
            "configuration": self.configuration,
            "guests": self.guests,
            "metrics": {name: metric.to_dict() for name, metric in self.metrics.items()},
            "monitoring": self.monitoring,
            "unsupported": self.unsupported,
            "findings": [finding.to_dict() for finding in self.findings],
            "artefacts": self.artefacts,
            "reproduce": self.reproduce,
        }

    def to_json(self) -> str:
        """The record as text. Raises ``UsageError`` if it breaks its own schema."""
        document = self.to_dict()
        check_record(document)
        return json.dumps(document)


@functools.cache
def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    return json.loads((data_dir("shared") / "schemas" / "record.json").read_text())


def check_record(document: object) -> None:
    """Raise ``UsageError`` naming the place, its value and what the schema says about it."""
    import jsonschema  # 0.1 s to import; only whoever reads or writes records pays for it

    error = jsonschema.Draft202012Validator(record_schema()).iter_errors(document)
    for first in error:
        place = "/".join(str(step) for step in first.absolute_path) or "the document"
        raise UsageError(f"record: {place}: {first.message}")
