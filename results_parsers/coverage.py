"""Functions of a filesystem's module that no scenario of some jobs has called.

Each test that ran with ``coverage = functions`` left ``coverage.json`` in its log folder; what any
of them has called is called. Kernels are kept apart: each has functions of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from results_parsers.covered import Parts, read_noted
from results_parsers.job import BadResults

FILE = "coverage.json"


@dataclass
class Part:
    """What one scenario, one level or all of them together have called."""

    functions: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)

    def add(self, entry: dict[str, Any]) -> None:
        """Add an entry of a test's ``coverage.json``."""
        self.called |= set(entry["called"])
        self.functions |= self.called | set(entry["uncovered"])

    def counts(self) -> dict[str, int]:
        return {"functions": len(self.functions), "called": len(self.called)}

    def uncovered(self) -> list[str]:
        """The functions that nobody called."""
        return sorted(self.functions - self.called)


@dataclass
class ModuleCoverage:
    """A filesystem's module in one kernel, with ``levels`` by number and the scenarios in them."""

    filesystem: str
    module: str
    kernel_release: str
    parts: Parts[Part] = field(default_factory=lambda: Parts(Part))
    limits: set[str] = field(default_factory=set)

    @property
    def uncovered(self) -> list[str]:
        """The functions that no scenario has called."""
        return self.parts.whole.uncovered()

    def add(self, level: int, scenario: str, entry: dict[str, Any]) -> None:
        """Add what one test has called."""
        for part in self.parts.of(level, scenario):
            part.add(entry)
        self.limits |= set(entry["limits"])

    def to_dict(self) -> dict[str, Any]:
        """JSON values, with all uncovered functions: of each level, and of all together."""
        return {
            "filesystem": self.filesystem,
            "module": self.module,
            "kernel_release": self.kernel_release,
            **self.parts.whole.counts(),
            "uncovered": self.uncovered,
            "levels": [
                {
                    "level": level,
                    **part.counts(),
                    "uncovered": part.uncovered(),
                    "scenarios": self.parts.counts_of_scenarios(level),
                }
                for level, part in sorted(self.parts.levels.items())
            ],
            "limits": sorted(self.limits),
        }

    def in_words(self) -> str:
        """The counts, and the name of each function that no scenario has called."""
        counts = self.parts.whole.counts()
        lines = [
            f"{self.filesystem} (module {self.module}, kernel {self.kernel_release}): "
            f"{counts['called']} of {counts['functions']} functions called"
        ]
        for level in self.to_dict()["levels"]:
            lines.append(f"  level {level['level']}: {level['called']} of {level['functions']}")
            for name, scenario in level["scenarios"].items():
                lines.append(f"    {name}: {scenario['called']} of {scenario['functions']}")
        lines += [f"  limit: {limit}" for limit in sorted(self.limits)]
        if self.uncovered:
            lines += ["  called by no scenario:", *(f"    {name}" for name in self.uncovered)]
        return "\n".join(lines)


def merge_jobs(paths: Sequence[Path]) -> list[ModuleCoverage]:
    """The coverage by all tests of the jobs (folders, or their ``results.json``).

    Raises ``BadResults`` for what is no job, and for an artefact that cannot be read.
    """
    found: dict[tuple[str, str, str], ModuleCoverage] = {}
    for noted in read_noted(paths, "coverage", FILE, _read):
        key = (noted.filesystem, noted.entry["module"], noted.entry["kernel_release"])
        coverage = found.setdefault(key, ModuleCoverage(*key))
        coverage.add(noted.level, noted.scenario, noted.entry)
    return [found[key] for key in sorted(found)]


def _read(path: Path) -> list[dict[str, Any]]:
    wanted = {"module", "kernel_release", "called", "uncovered", "limits"}
    try:
        entries = json.loads(path.read_text())
        if not all(wanted <= entry.keys() for entry in entries):
            raise ValueError(f"an entry lacks one of {', '.join(sorted(wanted))}")
    except OSError as error:
        raise BadResults(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BadResults(f"{path}: not the coverage of a test: {error}") from error
    return entries
