"""What an Avocado job has left: its tests, and the records of ours among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadResults(Exception):
    """A results file cannot be read; the message names the file and why."""


@dataclass(frozen=True)
class TestResult:
    """One test of a job; ``started`` is in seconds since 1970, None where nothing tells.

    ``record`` is None where the whiteboard holds none of ours; ``whiteboard`` has what tests of
    others left there, if that was a mapping.
    """

    __test__ = False  # not a test class, whatever pytest makes of its name

    name: str
    status: str
    reason: str
    seconds: float
    logdir: str
    record: Mapping[str, Any] | None = None
    started: float | None = None
    whiteboard: Mapping[str, Any] = field(default_factory=dict)

    @property
    def short_name(self) -> str:
        """The name without what Avocado-VT puts before it."""
        return self.name.split("type_specific.")[-1]


@dataclass(frozen=True)
class JobResult:
    """A job; ``folder`` is where it was read from, ``started`` in seconds since 1970.

    Of a job that is not ``complete`` there may be more: it was cut off, or only its JUnit file or
    the folders of its tests were left. ``problems`` says what was wrong with what was read;
    ``digest`` differs where the files read differ.
    """

    folder: Path
    job_id: str
    tests: tuple[TestResult, ...]
    started: float | None = None
    complete: bool = True
    problems: tuple[str, ...] = ()
    digest: str = ""

    def log_folder(self, test: TestResult) -> Path:
        """The folder of a test in the job's, which may have been moved; else as it was noted."""
        beside = self.folder / "test-results" / Path(test.logdir).name
        return beside if test.logdir and beside.is_dir() else Path(test.logdir)
