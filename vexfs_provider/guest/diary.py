"""What a guest was asked to do and how far its console was when, on the host's clock."""

import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.guest.console_times import Mark

KEPT_MARKS, KEPT_OPERATIONS = 8192, 1024  # the latest ones


@dataclass
class Operation:
    """Something the agent was asked to do, from when to when (seconds since the epoch).

    One without an end did not end, as far as anybody knows.
    """

    what: str
    start: float
    end: float | None = None

    def ended(self) -> None:
        self.end = time.time()


class Diary:
    """``marks`` of the console in a file, and ``operations``; threads may add to it."""

    def __init__(self, console: Path):
        self.marks: deque[Mark] = deque(maxlen=KEPT_MARKS)
        self.operations: deque[Operation] = deque(maxlen=KEPT_OPERATIONS)
        self._console = console

    def mark(self) -> None:
        """Note how long the console is now, by which its lines get their times."""
        self.marks.append(Mark(time.time(), self._console.stat().st_size))

    def begin(self, what: str, *, shown: bool = True) -> Operation:
        """An operation that begins now; kept if it is ``shown`` to people."""
        operation = Operation(what, time.time())
        self.mark()  # what the console says from here on comes behind the operation's begin
        if shown:
            self.operations.append(operation)
        return operation
