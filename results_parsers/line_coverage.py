"""Lines of a filesystem's module that no scenario of some jobs has run.

Each test that ran with ``coverage = lines`` left ``coverage-lines.json`` in its log folder; what
any of them has run is run. Kernels are kept apart.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from results_parsers.covered import Parts, read_noted
from results_parsers.job import BadResults

FILE = "coverage-lines.json"


@dataclass
class Lines:
    """Those of some files, as ``(file, number)``, and the functions in them by their name."""

    all: set[tuple[str, int]] = field(default_factory=set)
    covered: set[tuple[str, int]] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)

    def add(self, files: dict[str, Any]) -> None:
        """Add the ``files`` of a test's artefact."""
        for path, found in files.items():
            counts = {(path, int(line)): count for line, count in found["lines"].items()}
            self.all |= counts.keys()
            self.covered |= {line for line, count in counts.items() if count}
            self.functions |= found["functions"].keys()
            self.called |= {name for name, count in found["functions"].items() if count}

    def counts(self) -> dict[str, int]:
        return {"lines": len(self.all), "covered": len(self.covered)}

    def uncovered(self) -> list[str]:
        """The functions that nobody called."""
        return sorted(self.functions - self.called)

    def files(self) -> dict[str, dict[str, Any]]:
        """By file: how many lines, how many of them covered, and which were not."""
        found: dict[str, dict[str, Any]] = {}
        for path, lines in groupby(sorted(self.all), key=lambda line: line[0]):
            numbers = [number for _, number in lines]
            missed = [number for number in numbers if (path, number) not in self.covered]
            found[path] = {
                "lines": len(numbers),
                "covered": len(numbers) - len(missed),
                "uncovered": ranges(missed, numbers),
            }
        return found


@dataclass
class LinesOfModule:
    """A filesystem's module in one kernel, with ``levels`` by number and the scenarios in them."""

    filesystem: str
    module: str
    kernel_release: str
    parts: Parts[Lines] = field(default_factory=lambda: Parts(Lines))
    limits: set[str] = field(default_factory=set)

    def add(self, level: int, scenario: str, entry: dict[str, Any]) -> None:
        """Add what one test has run."""
        for part in self.parts.of(level, scenario):
            part.add(entry["files"])
        self.limits |= set(entry["limits"])

    def to_dict(self) -> dict[str, Any]:
        """JSON values: counts of all, of each level and scenario, and what was not covered."""
        return {
            "filesystem": self.filesystem,
            "module": self.module,
            "kernel_release": self.kernel_release,
            **self.parts.whole.counts(),
            "files": self.parts.whole.files(),
            "uncovered": self.parts.whole.uncovered(),
            "levels": [
                {
                    "level": level,
                    **part.counts(),
                    "scenarios": self.parts.counts_of_scenarios(level),
                }
                for level, part in sorted(self.parts.levels.items())
            ],
            "limits": sorted(self.limits),
        }

    def in_words(self) -> str:
        """The counts, the lines of each file that no scenario has run, and such functions."""
        document = self.to_dict()
        lines = [
            f"{self.filesystem} (module {self.module}, kernel {self.kernel_release}): "
            f"{document['covered']} of {document['lines']} lines run"
        ]
        for level in document["levels"]:
            lines.append(f"  level {level['level']}: {level['covered']} of {level['lines']}")
            for name, scenario in level["scenarios"].items():
                lines.append(f"    {name}: {scenario['covered']} of {scenario['lines']}")
        lines += [f"  limit: {limit}" for limit in document["limits"]]
        for path, found in document["files"].items():
            missed = ", ".join(found["uncovered"]) or "none"
            lines.append(f"  {path}: {found['covered']} of {found['lines']}; not run: {missed}")
        if document["uncovered"]:
            lines += ["  called by no scenario:", *(f"    {n}" for n in document["uncovered"])]
        return "\n".join(lines)


def ranges(missed: Sequence[int], numbers: Sequence[int]) -> list[str]:
    """Lines that were missed, as ``7`` or ``7-12``: lines without code between them count as well.

    ``numbers`` has all lines with code, both in their order.
    """
    place = {number: index for index, number in enumerate(numbers)}
    found: list[list[int]] = []
    for number in missed:
        if found and place[number] == place[found[-1][1]] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


def merge_lines(paths: Sequence[Path]) -> list[LinesOfModule]:
    """The lines run by all tests of the jobs (folders, or their ``results.json``).

    Raises ``BadResults`` for what is no job, and for an artefact that cannot be read.
    """
    found: dict[tuple[str, str, str], LinesOfModule] = {}
    for noted in read_noted(paths, "line_coverage", FILE, _read):
        key = (noted.filesystem, noted.entry["module"], noted.entry["kernel_release"])
        found.setdefault(key, LinesOfModule(*key)).add(noted.level, noted.scenario, noted.entry)
    return [found[key] for key in sorted(found)]


def _read(path: Path) -> list[dict[str, Any]]:
    wanted = {"module", "kernel_release", "files", "limits"}
    try:
        entry: dict[str, Any] = json.loads(path.read_text())
        if not wanted <= entry.keys():
            raise ValueError(f"it lacks one of {', '.join(sorted(wanted))}")
        Lines().add(entry["files"])
    except OSError as error:
        raise BadResults(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise BadResults(f"{path}: not the lines of a test: {error!r}") from error
    return [entry]
