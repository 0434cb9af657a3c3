"""The log of a test for programs: ``log.jsonl``, one JSON object a line (``schemas/log.json``).

In it is everything that is logged in the test's process, Avocado's and the libraries' lines too,
and the events of ``events.jsonl``; each line knows the run, the guest and the step it belongs to.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from vexfs_provider import tracing
from vexfs_provider.events import LOGGER, EventLog

LOG = "log.jsonl"


@contextlib.contextmanager
def json_log(path: Path, events: EventLog, test: str) -> Iterator[None]:
    """Write what is logged within the block; each line is flushed, so a killed run keeps it."""
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_Lines(events, test))
    sources = (logging.getLogger(), LOGGER)
    level = sources[0].level
    for source in sources:
        source.addHandler(handler)
    try:
        # Avocado has set the level of the root; nobody has where it does not run.
        sources[0].setLevel(min(level, logging.INFO) if level else logging.INFO)
        yield
    finally:
        sources[0].setLevel(level)
        for source in sources:
            source.removeHandler(handler)
        handler.close()


class _Lines(JsonFormatter):
    """Names the fields, and adds what the events tell of the moment."""

    def __init__(self, events: EventLog, test: str):
        super().__init__("%(message)s", json_default=str)
        self._events = events
        self._test = test

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Time, level, logger and message first, for those who read it raw."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(
            timespec="microseconds"
        )
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        super().add_fields(log_data, record, message_dict)
        context: Mapping[str, Any] = {
            "test": self._test,
            **self._events.moment(),
            **tracing.current_ids(),
        }
        for name, value in context.items():
            log_data.setdefault(name, value)
