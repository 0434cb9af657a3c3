"""A timeline for each finding of a test, in the record and as a file of the log folder."""

from collections.abc import Sequence
from pathlib import Path

from vexfs_provider.detection import Finding
from vexfs_provider.guest.console_times import Line, timed_lines
from vexfs_provider.guest.guest import Guest
from vexfs_provider.record import Record
from vexfs_provider.runner.timeline import Entry, make_timeline
from vexfs_provider.runner.timeline_sources import (
    console_entries,
    event_entries,
    operation_entries,
    sample_entries,
    trace_entries,
)
from vexfs_provider.store import write_atomically

MOST = 20  # timelines of a test: what comes behind so many findings follows from the first
FOUND = "finding"  # the event of a finding that a scenario has made


class Timelines:
    """Makes the timelines when a guest of the test has ended; ``folder`` is the test's.

    ``events`` and ``samples`` are its files with the events and the monitor's samples.
    """

    def __init__(self, folder: Path, record: Record, *, events: Path, samples: Path):
        self._folder = folder
        self._record = record
        self._events = events
        self._samples = samples
        self._done: set[str] = set()

    def add(self, guest: Guest, ended_s: float) -> None:
        """Add those of findings that have none; the guest, or its use, ended at ``ended_s``."""
        fresh = [found for found in self._record.findings if found.title not in self._done]
        fresh = fresh[: MOST - len(self._record.timelines)]
        if not fresh:
            return
        console = guest.console_log.read_bytes()
        lines = timed_lines(console, guest.console_start, guest.diary.marks)
        said = list(console_entries(lines))
        events = list(event_entries(self._events))
        entries = [
            *said,
            *events,
            *operation_entries(guest.diary.operations),
            *sample_entries(self._samples),
            *trace_entries(guest.folder, lines),
        ]
        source = str(guest.console_log.relative_to(self._folder))
        for finding in fresh:
            line = _line_of(finding, source, lines, said)
            told = line or _event_of(finding, events)
            timeline = make_timeline(finding.title, told.time if told else ended_s, entries, line)
            file = f"timeline-{len(self._record.timelines) + 1}.txt"
            write_atomically(self._folder / file, timeline.in_words())
            self._record.timelines.append(timeline.to_dict(file))
            self._done.add(finding.title)


def _line_of(
    finding: Finding, source: str, lines: Sequence[Line], said: Sequence[Entry]
) -> Entry | None:
    """The line of the console at which a report begins; of a hang the console only shows stacks."""
    offsets = [
        piece.offset
        for piece in finding.evidence
        if piece.source == source and piece.offset is not None
    ]
    if finding.kind == "hang" or not offsets:
        return None
    found = [entry for line, entry in zip(lines, said, strict=True) if line.offset <= offsets[0]]
    return found[-1] if found else None


def _event_of(finding: Finding, events: Sequence[Entry]) -> Entry | None:
    """When the scenario told of it."""
    told = f"{FOUND}: title {finding.title}"
    return next((event for event in reversed(events) if event.text == told), None)
