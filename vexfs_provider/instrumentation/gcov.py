"""gcov of the host: from the compiler's notes and the guest's counts to lines and functions.

Source: gcov(1), "JSON intermediate format".
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import run_tool


@dataclass
class FileCounts:
    """How often the lines (by number) and functions (by name) of a source file were run."""

    lines: Counter[int] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    places: dict[str, int] = field(default_factory=dict)

    def add(self, document: Mapping[str, Any]) -> None:
        """Add an entry of ``files`` of gcov's document."""
        for line in document["lines"]:
            self.lines[line["line_number"]] += line["count"]
        for function in document["functions"]:
            self.functions[function["name"]] += function["execution_count"]
            self.places[function["name"]] = function["start_line"]


SourceCounts = dict[str, FileCounts]
"""By the path of the source file in the module's folder."""


def count_lines(notes: Path, work: str, counts: Mapping[str, bytes]) -> SourceCounts:
    """What ``counts`` say, by the path of their object file as the kernel has it; without any,
    all lines, none of which was run.

    ``notes`` is a module's folder as it was built in ``work``. Files of the module only: what its
    lines include of the kernel is not its own. Raises ``BuildError`` where gcov is missing, or is
    not that of the compiler.
    """
    found: SourceCounts = {}
    with tempfile.TemporaryDirectory(prefix="vexfs-gcov-") as name:
        for note in sorted(notes.rglob("*.gcno")):
            own = note.relative_to(notes)
            place = Path(name) / own
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(note, place)
            data = counts.get(str((Path(work) / own).with_suffix(".gcda")))
            if data is not None:
                place.with_suffix(".gcda").write_bytes(data)
            _add(found, _run_gcov(place, has_counts=data is not None), work)
    return found


def _run_gcov(note: Path, *, has_counts: bool) -> Mapping[str, Any]:
    file = note.with_suffix(".gcda") if has_counts else note
    text = run_tool(["gcov", "--json-format", "--stdout", file.name], cwd=note.parent)
    try:
        document: Mapping[str, Any] = json.loads(text)
        if not document["files"]:
            raise ValueError("no file: gcov is not of the compiler that built it")
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError(
            f"gcov says nothing about {note.name}: {error!r}; {text[:200]!r}"
        ) from error
    return document


def _add(found: SourceCounts, document: Mapping[str, Any], work: str) -> None:
    base = Path(document["current_working_directory"])
    for entry in document["files"]:
        path = Path(os.path.normpath(base / entry["file"]))
        if path.is_relative_to(work):
            found.setdefault(str(path.relative_to(work)), FileCounts()).add(entry)
