"""The test's own diary: ``events.jsonl``, one JSON object a line, on the host's wall clock."""

import json
import logging
import time
from pathlib import Path
from typing import Any

LOGGER = logging.getLogger("vexfs.events")
# Avocado's handlers take a hundredth of a second for a line, and the diary is a file of its own.
LOGGER.propagate = False
LOGGER.setLevel(logging.INFO)
LOGGER.addHandler(logging.NullHandler())


class EventLog:
    """Appends events to a file; each line is flushed, so a killed run keeps what happened.

    The same is logged (``LOGGER``) for those who listen.
    """

    def __init__(self, path: Path):
        self.path = path
        self._file = open(path, "a", buffering=1)  # noqa: SIM115 - closed by close()
        self._run = ""
        self._guest = 0
        self._steps: list[str] = []

    def add(self, event: str, /, **details: Any) -> None:
        """Write an event. ``details`` are JSON values; ``time`` is seconds since the epoch."""
        line = {"time": round(time.time(), 6), "event": event, **details}
        self._file.write(json.dumps(line) + "\n")
        if event == "step":
            self._steps.append(str(details["name"]))
        self._run = str(details.get("run", self._run))
        if event == "guest":
            self._guest = int(details["number"])
        LOGGER.info("%s", event, extra={"event": event, "details": details})
        if event == "step ended" and self._steps:
            self._steps.pop()

    def moment(self) -> dict[str, Any]:
        """The run, the guest's number and the innermost step, as far as they are known."""
        known = {"run": self._run, "guest": self._guest, "step": "".join(self._steps[-1:])}
        return {name: value for name, value in known.items() if value}

    def close(self) -> None:
        self._file.close()
