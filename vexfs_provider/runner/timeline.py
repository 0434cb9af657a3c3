"""What happened around a finding, of all sources on one clock, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

BEFORE, BEHIND = 20, 5  # entries in the record
CONSOLE_BEFORE = 10  # of them, lest one report leaves no room for what led to it
FILE_BEFORE, FILE_BEHIND = 1000, 100  # in the file
WIDTH, FILE_WIDTH = 160, 1000  # characters of an entry, in the record and in the file


@dataclass(frozen=True)
class Entry:
    """One thing that happened; ``time`` in seconds since the epoch, on the host's clock.

    ``source``: console, event, operation, sample, trace or finding.
    """

    time: float
    source: str
    text: str


@dataclass(frozen=True)
class Timeline:
    """The entries ``before`` the finding ``title`` and ``behind`` it, in their order."""

    title: str
    time: float
    before: tuple[Entry, ...]
    behind: tuple[Entry, ...]

    @property
    def own(self) -> Entry:
        """The finding's own entry."""
        return Entry(self.time, "finding", self.title)

    def to_dict(self, file: str) -> dict[str, Any]:
        """JSON values for the record, of the nearest entries; ``file`` has more of them."""
        nearest = [*_last(self.before), self.own, *self.behind[:BEHIND]]
        return {
            "finding": self.title,
            "file": file,
            "time": round(self.time, 3),
            "entries": [
                {
                    "seconds": round(entry.time - self.time, 3),
                    "source": entry.source,
                    "text": entry.text[:WIDTH],
                }
                for entry in nearest
            ],
        }

    def in_words(self) -> str:
        """A file for people."""
        moment = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        lines = [f"# {self.title}", f"# seconds before (-) and behind (+) it; 0 is {moment}"]
        for entry in (*self.before, self.own, *self.behind):
            text = " ".join(entry.text.splitlines())[:FILE_WIDTH]
            lines.append(f"{entry.time - self.time:+10.3f}  {entry.source:<9}  {text}")
        return "\n".join([*lines, ""])


def make_timeline(
    title: str, time: float, entries: Iterable[Entry], line: Entry | None = None
) -> Timeline:
    """The timeline of a finding that was made at ``time``, or by a ``line`` of the console.

    A kernel's report has one time for all of its lines; what follows on ``line`` is behind it.
    """
    ordered = sorted(entries, key=lambda entry: entry.time)
    if line is not None:
        place = next(number for number, entry in enumerate(ordered) if entry is line) + 1
    else:
        place = sum(entry.time <= time for entry in ordered)
    before = ordered[max(0, place - FILE_BEFORE) : place]
    return Timeline(title, time, tuple(before), tuple(ordered[place : place + FILE_BEHIND]))


def _last(entries: Sequence[Entry]) -> list[Entry]:
    """The last ones, of the console not too many."""
    found: list[Entry] = []
    console = 0
    for entry in reversed(entries):
        console += entry.source == "console"
        if entry.source != "console" or console <= CONSOLE_BEFORE:
            found.append(entry)
        if len(found) == BEFORE:
            break
    return found[::-1]
