"""Progress for people on a terminal, plain lines otherwise."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

NOTE_EVERY_S = 60.0


class Progress:
    """Reports named tasks on a stream (standard error by default)."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False):
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()
        self._note = ""
        self._next_note = 0.0

    def say(self, text: str) -> None:
        """One plain line."""
        if not self._quiet:
            print(f"\r\033[K{text}" if self._live else text, file=self._stream, flush=True)

    def note(self, text: str) -> None:
        """How far the running task is: shown beside its seconds, or as a line a minute."""
        self._note = text
        if not self._live and time.monotonic() >= self._next_note:
            self._next_note = time.monotonic() + NOTE_EVERY_S
            self.say(f"  {text}")

    @contextlib.contextmanager
    def task(self, name: str) -> Iterator[None]:
        """Say when ``name`` starts and ends; on a terminal show the seconds in between."""
        started = time.monotonic()
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(name, started, done), daemon=True)
        if self._live:
            ticker.start()
        else:
            self.say(f"{name} ...")
        outcome = "failed"
        try:
            yield
            outcome = "done"
        finally:
            done.set()
            if self._live:
                ticker.join()
            self._note = ""
            self.say(f"{name}: {outcome} ({time.monotonic() - started:.1f} s)")

    def _tick(self, name: str, started: float, done: threading.Event) -> None:
        while not done.wait(0.5):
            line = f"{name} ... {time.monotonic() - started:.0f} s"
            line = f"{line}, {self._note}" if self._note else line
            print(f"\r\033[K{line}", end="", file=self._stream, flush=True)


SILENT = Progress(quiet=True)
