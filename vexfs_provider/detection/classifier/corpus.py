"""A folder that ``avocado vexfs corpus build`` wrote: labels, each with its log."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.errors import UsageError

LABELS = "labels.jsonl"
ENOUGH = {"crash": 20, "benign": 20, "kinds": 5}
"""Logs with and without a crash, and kinds of crashes, below which figures say nothing."""


@dataclass(frozen=True)
class Sample:
    """A label: whether the log tells of a crash, of what ``kind``; a ``group`` has one origin."""

    id: str
    path: Path
    crash: bool
    kind: str
    group: str

    def log(self) -> bytes:
        """The log's bytes. Raises ``UsageError`` if it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise UsageError(f"corpus: cannot read {str(self.path)!r}: {error.strerror}") from error


def samples(folder: Path) -> list[Sample]:
    """The labels of a folder, sorted by their id.

    Raises ``UsageError`` for a folder that is no corpus, naming the line that is wrong.
    """
    try:
        lines = (folder / LABELS).read_text().splitlines()
    except OSError as error:
        raise UsageError(
            f"no corpus in {str(folder)!r}: {LABELS}: {error.strerror}; "
            "make one: avocado vexfs corpus build"
        ) from error
    return sorted(_samples(folder, lines), key=lambda sample: sample.id)


def _samples(folder: Path, lines: list[str]) -> Iterator[Sample]:
    for number, line in enumerate(lines, 1):
        try:
            label = json.loads(line)
            yield Sample(
                id=str(label["id"]),
                path=_file(folder, label["file"]),
                crash=bool(label["crash"]),
                kind=str(label.get("kind")),
                group=str(label.get("group") or label["id"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"corpus: line {number} of {LABELS} is no label: {error!r}") from error


def _file(folder: Path, name: str) -> Path:
    """Below the folder, or below the one around it as in the corpus of syzkaller's logs."""
    inside = folder / name
    return inside if inside.exists() else folder.parent / name


def check_size(known: list[Sample]) -> None:
    """Raises ``UsageError`` naming all that a corpus has too little of."""
    crashes = [sample for sample in known if sample.crash]
    there = {
        "crash": len({sample.group for sample in crashes}),
        "benign": len({sample.group for sample in known if not sample.crash}),
        "kinds": len({sample.kind for sample in crashes}),
    }
    names = {
        "crash": "groups of logs with a crash",
        "benign": "groups of logs without one",
        "kinds": "kinds of crashes",
    }
    missing = [
        f"{there[what]} {names[what]}, at least {needed} are needed"
        for what, needed in ENOUGH.items()
        if there[what] < needed
    ]
    if missing:
        raise UsageError(
            f"corpus is too small: {'; '.join(missing)}; make more: avocado vexfs corpus build"
        )


def key_of(known: list[Sample]) -> str:
    """A name of the content: the same labels and logs, the same key."""
    digest = hashlib.sha256()
    for sample in known:
        digest.update(f"{sample.id} {sample.crash} {sample.kind} {sample.group}\n".encode())
        digest.update(hashlib.sha256(sample.log()).digest())
    return digest.hexdigest()[:12]
