"""A program run for the time it takes."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """How long a program ran, and what it wrote to standard output and error, as it came."""

    seconds: float
    output: str


def run_timed(command: Sequence[str], timeout_s: int) -> Timed:
    """Run a command without input to its end, whatever its exit status.

    After ``timeout_s`` seconds it is ended with all that it has started, guests included.
    """
    started = time.monotonic()
    done = subprocess.run(
        ["timeout", "--kill-after=5", str(timeout_s), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Timed(time.monotonic() - started, done.stdout)
