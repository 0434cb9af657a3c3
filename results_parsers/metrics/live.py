"""The metrics of a job that is running, told anew after each of its tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from results_parsers.errors import ResultsError
from results_parsers.job import TestResult
from results_parsers.metrics.families import Families
from results_parsers.metrics.publish import push, write_textfile

PUSH_TIMEOUT_S = 3.0  # the job waits so long


@dataclass(frozen=True)
class Targets:
    """Where the metrics go; None and empty: not there."""

    textfile: Path | None = None
    gateway: str = ""


class LiveMetrics:
    """Tells of ``planned`` tests of a job that has started (seconds since 1970).

    A target that fails is warned of once and left alone until the job ends, when it gets one more
    try. Raises ``ResultsError`` without prometheus-client.
    """

    def __init__(
        self, targets: Targets, *, started: float, planned: int, warn: Callable[[str], None]
    ):
        self._families = Families()
        self._families.last_job.set(started)
        self._targets = targets
        self._planned = planned
        self._warn = warn
        self._failed: set[str] = set()

    def add(self, test: TestResult) -> None:
        """A test has ended."""
        self._families.add_test(test)
        self._families.add_rates(self._planned)
        self._publish()

    def end(self) -> None:
        """The job has ended: its rates are those of what ran."""
        self._families.add_rates()
        self._failed.clear()
        self._publish()

    def _publish(self) -> None:
        registry, targets = self._families.registry, self._targets
        if targets.textfile:
            path = targets.textfile
            self._try(str(path), lambda: write_textfile(registry, path))
        if targets.gateway:
            url = targets.gateway
            # What the history says of findings is pushed by others, and stays.
            self._try(url, lambda: push(registry, url, timeout_s=PUSH_TIMEOUT_S, replace=False))

    def _try(self, target: str, publish: Callable[[], None]) -> None:
        if target in self._failed:
            return
        try:
            publish()
        except (ResultsError, OSError) as error:
            self._failed.add(target)
            self._warn(f"no metrics for {target}: {error}")
