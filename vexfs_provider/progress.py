"""Progress for people on a terminal, plain lines otherwise."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO


class Progress:
    """Reports named tasks on a stream (standard error by default)."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False):
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()

    def say(self, text: str) -> None:
        """One plain line."""
        if not self._quiet:
            print(f"\r\033[K{text}" if self._live else text, file=self._stream, flush=True)

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
            self.say(f"{name}: {outcome} ({time.monotonic() - started:.1f} s)")

    def _tick(self, name: str, started: float, done: threading.Event) -> None:
        while not done.wait(0.5):
            seconds = time.monotonic() - started
            print(f"\r\033[K{name} ... {seconds:.0f} s", end="", file=self._stream, flush=True)


SILENT = Progress(quiet=True)
