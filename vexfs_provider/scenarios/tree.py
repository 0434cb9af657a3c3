"""Descriptions of a tree of files, as the guest gives them, and what differs between two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

Description = Mapping[str, Mapping[str, Any]]
"""Path -> attribute -> value; ``kind`` says what a path is, ``error`` what could not be read."""


@dataclass(frozen=True)
class Difference:
    """One attribute of one path that is not what it was.

    ``kind`` is the path's, as ``file``; ``problem`` goes on after it, as ``is missing``.
    """

    path: str
    kind: str
    problem: str
    expected: Any
    actual: Any

    @property
    def part(self) -> str:
        """The part of the tree that the path is in: its topmost folder."""
        return PurePosixPath(self.path).parts[0]


def differences(before: Description, after: Description) -> Iterator[Difference]:
    """What differs, in the order of paths; not what is in a missing or a new folder."""
    for path in sorted(before.keys() | after.keys()):
        folder = str(PurePosixPath(path).parent)
        if path in before and path in after:
            yield from _changes(path, before[path], after[path])
        elif path in before and (folder in after or folder not in before):
            yield Difference(path, _kind(before[path]), "is missing", "it exists", "missing")
        elif path in after and (folder in before or folder not in after):
            yield Difference(path, _kind(after[path]), "has appeared", "missing", "it exists")


def _changes(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    if "error" in after and after["error"] != before.get("error"):
        error = f"an error: {after['error']}"
        yield Difference(path, _kind(before), "cannot be read", "it can be read", error)
    for name in before.keys() & after.keys() - {"error"}:
        if before[name] != after[name]:
            yield Difference(path, _kind(before), f"has another {name}", before[name], after[name])


def _kind(facts: Mapping[str, Any]) -> str:
    return facts.get("kind", "path")
