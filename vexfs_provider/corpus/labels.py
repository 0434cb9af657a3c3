"""What the corpus says of each log: one JSON object a line in ``labels.jsonl``."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

LABELS = "labels.jsonl"
LOGS = "logs"
BENIGN = "benign"


@dataclass(frozen=True)
class Label:
    """A log's label.

    ``kind`` is the instrument's name of what was provoked, or ``BENIGN``; ``expected`` a regular
    expression for the normalised title of the first report, None where there is none or where
    kernels name it differently. ``machine`` is its text, ``form`` one of ``forms``. Logs that stem
    from the same recording, or from the same provocation on another kernel, share ``group``.
    ``note`` is empty, or says what a log without a crash nearly is: ``notice`` (a report of an I/O
    error and such), ``oom``, or of which sort of harmless log it is.
    """

    id: str
    file: str
    crash: bool
    kind: str
    expected: str | None
    kernel: str
    machine: str
    form: str
    group: str
    note: str = ""


def write_labels(folder: Path, labels: Iterable[Label]) -> None:
    text = "".join(json.dumps(asdict(label)) + "\n" for label in labels)
    (folder / LABELS).write_text(text)


def read_labels(folder: Path) -> list[Label]:
    """The labels of a corpus, as they were written."""
    lines = (folder / LABELS).read_text().splitlines()
    return [Label(**json.loads(line)) for line in lines]
