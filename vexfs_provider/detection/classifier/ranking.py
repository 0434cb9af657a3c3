"""Logs without a crash, the most suspicious first, for people who look through many."""

from collections.abc import Iterator

from vexfs_provider.detection.classifier import Suspicion, suspicion
from vexfs_provider.detection.verdict import SURE

HEADER = "logs without a crash, the most suspicious first:"


class Ranking:
    """Collects how suspicious logs are; their bytes are not kept."""

    def __init__(self) -> None:
        self._logs: list[tuple[str, Suspicion]] = []

    def add(self, name: str, console: bytes) -> None:
        """A log by its name. Raises ``ModelError`` if the weights cannot be loaded."""
        self._logs.append((name, suspicion(console)))

    def lines(self) -> Iterator[str]:
        """A line a log, marked with ``!`` if it should be looked at, and what speaks for it."""
        yield HEADER if self._logs else "no log is without a crash"
        for name, (probability, reasons) in sorted(self._logs, key=lambda log: -log[1].probability):
            mark = "!" if probability >= SURE else " "
            yield f"{mark} {probability:.3f} {name}"
            yield from (f"        {reason}" for reason in reasons)
