"""Functions of a filesystem's module that no scenario of some jobs has called.

Each test that ran with ``coverage = functions`` left ``coverage.json`` in its log folder; what any
of them has called is called. Kernels are kept apart: each has functions of its own.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from results_parsers.job import BadResults, JobResult
from results_parsers.reader import read_job

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


@dataclass
class ModuleCoverage:
    """A filesystem's module in one kernel, with ``levels`` by number and the scenarios in them."""

    filesystem: str
    module: str
    kernel_release: str
    whole: Part = field(default_factory=Part)
    levels: dict[int, Part] = field(default_factory=dict)
    scenarios: dict[tuple[int, str], Part] = field(default_factory=dict)
    limits: set[str] = field(default_factory=set)

    @property
    def uncovered(self) -> list[str]:
        """The functions that no scenario has called."""
        return sorted(self.whole.functions - self.whole.called)

    def add(self, level: int, scenario: str, entry: dict[str, Any]) -> None:
        """Add what one test has called."""
        parts = (
            self.whole,
            self.levels.setdefault(level, Part()),
            self.scenarios.setdefault((level, scenario), Part()),
        )
        for part in parts:
            part.add(entry)
        self.limits |= set(entry["limits"])

    def to_dict(self) -> dict[str, Any]:
        """JSON values, with all uncovered functions: of each level, and of all together."""
        return {
            "filesystem": self.filesystem,
            "module": self.module,
            "kernel_release": self.kernel_release,
            **self.whole.counts(),
            "uncovered": self.uncovered,
            "levels": [
                {
                    "level": level,
                    **part.counts(),
                    "uncovered": sorted(part.functions - part.called),
                    "scenarios": {
                        name: scenario.counts()
                        for (of_level, name), scenario in sorted(self.scenarios.items())
                        if of_level == level
                    },
                }
                for level, part in sorted(self.levels.items())
            ],
            "limits": sorted(self.limits),
        }

    def in_words(self) -> str:
        """The counts, and the name of each function that no scenario has called."""
        counts = self.whole.counts()
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
    for level, scenario, filesystem, entry in _entries(read_job(path) for path in paths):
        key = (filesystem, entry["module"], entry["kernel_release"])
        found.setdefault(key, ModuleCoverage(*key)).add(level, scenario, entry)
    return [found[key] for key in sorted(found)]


def _entries(jobs: Iterable[JobResult]) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    for job in jobs:
        for test in job.tests:
            record = test.record
            if record is None or "coverage" not in record:
                continue
            for entry in _read(job.log_folder(test) / FILE):
                yield record["level"], record["scenario"], record["filesystem"], entry


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
