"""The labelled corpus of console logs, where it is at hand, and how well the detector does on it.

It is no part of the project. ``VEXFS_CORPUS`` in the environment names another folder of its form.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.detection import Report, first_crash, normalise_title, reports
from vexfs_provider.detection.classifier.calibration import calibration_error
from vexfs_provider.detection.classifier.evaluate import crash_probability

FOLDER = Path(
    os.environ.get("VEXFS_CORPUS") or Path(__file__).resolve().parents[1] / "../shared/corpus"
)
ABSENT = f"no corpus of crash logs in {FOLDER}; set VEXFS_CORPUS"

Rewrite = Callable[[bytes], bytes]

_STAMP = re.compile(rb"(?:<\d+>)?\[ *\d+\.\d{6}\] ?")
REWRITES: dict[str, Rewrite] = {
    "as recorded": lambda log: log,
    "journal": lambda log: _STAMP.sub(b"Nov 22 10:00:01 host kernel: ", log),
    "dmesg -T": lambda log: _STAMP.sub(b"[Sun Nov 22 10:00:01 2026] ", log),
    "carriage returns": lambda log: log.replace(b"\n", b"\r\n"),
}
"""The forms in which the same log may come."""


@dataclass(frozen=True)
class Judged:
    """A label and what was found in its log."""

    label: dict[str, Any]
    found: Report | None

    @property
    def title(self) -> bool:
        names = [self.label["title"], *self.label["alt_titles"]]
        return self.found is not None and self.found.title in map(normalise_title, names)

    def same(self, field: str) -> bool:
        return self.found is not None and getattr(self.found, field) == self.label[field]


def labelled(folder: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The labels of a folder of the corpus, each with its log."""
    for line in (FOLDER / folder / "labels.jsonl").read_text().splitlines():
        label = json.loads(line)
        yield label, (FOLDER / folder / Path(label["file"]).name).read_bytes()


def judged(rewrite: Rewrite) -> list[Judged]:
    """All logs with a report of the kernel that is to be named."""
    return [
        Judged(label, first_crash(reports(rewrite(log))))
        for label, log in labelled("crashlogs")
        if label["crash"] and label["scope"] == "kernel" and not label["suppressed"]
    ]


def false_alarms(folder: str, rewrite: Rewrite) -> list[tuple[str, str]]:
    """Ids and titles of logs that nobody would call a crash, and the detector does."""
    return [
        (label["id"], crash.title)
        for label, log in labelled(folder)
        if not label["crash"] and not label["arguable"]
        if (crash := first_crash(reports(rewrite(log))))
    ]


def shares(crashes: Sequence[Judged]) -> dict[str, float]:
    """How many are found, and named as labelled; of 1."""
    return {
        "recall": _share([each.found is not None for each in crashes]),
        "title": _share([each.title for each in crashes]),
        "type": _share([each.same("type") for each in crashes]),
        "frame": _share([each.same("frame") for each in crashes]),
        "corrupted": _share([each.same("corrupted") for each in crashes]),
    }


def calibration(rewrite: Rewrite) -> float:
    """By how much the probabilities are off, over all logs that are not arguable.

    The expected calibration error: of each of ten bins of equal width, the difference between the
    mean probability and the share of logs labelled as a crash (of whatever scope), averaged by the
    number of logs. The probability is what ``vexfs-detect --json`` calls ``confidence``.
    """
    judged = [
        (crash_probability(rewrite(log)), label["crash"])
        for folder in ("crashlogs", "bootlogs")
        for label, log in labelled(folder)
        if not label["arguable"]
    ]
    return calibration_error([p for p, _ in judged], [crash for _, crash in judged])


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def table() -> str:
    """The shares for each form of the logs, the number of false alarms, the calibration error."""
    lines = []
    for name, rewrite in REWRITES.items():
        crashes = judged(rewrite)
        alarms = [*false_alarms("bootlogs", rewrite), *false_alarms("crashlogs", rewrite)]
        values = "".join(f"  {what} {value:6.1%}" for what, value in shares(crashes).items())
        lines.append(
            f"{name:18}{len(crashes):4} logs{values}  false alarms {len(alarms)}"
            f"  calibration error {calibration(rewrite):.4f}"
        )
    return "\n".join(lines)
