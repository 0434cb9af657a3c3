"""The test's own diary: ``events.jsonl``, one JSON object a line, on the host's wall clock."""

import json
import time
from pathlib import Path
from typing import Any


class EventLog:
    """Appends events to a file; each line is flushed, so a killed run keeps what happened."""

    def __init__(self, path: Path):
        self.path = path
        self._file = open(path, "a", buffering=1)  # noqa: SIM115 - closed by close()

    def add(self, event: str, /, **details: Any) -> None:
        """Write an event. ``details`` are JSON values; ``time`` is seconds since the epoch."""
        line = {"time": round(time.time(), 6), "event": event, **details}
        self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        self._file.close()
