"""Coverage put together: what tests of some jobs have noted, by scenario, by level and in all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from results_parsers.reader import read_job


class Counted(Protocol):
    """A part that can say how much of it is covered."""

    def counts(self) -> dict[str, int]:
        """How many there are, and how many of them are covered."""


PartT = TypeVar("PartT", bound=Counted)


@dataclass
class Parts(Generic[PartT]):
    """The whole, its ``levels`` by number, the scenarios in them; ``make`` makes an empty one."""

    make: Callable[[], PartT]
    whole: PartT = field(init=False)
    levels: dict[int, PartT] = field(default_factory=dict)
    scenarios: dict[tuple[int, str], PartT] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.whole = self.make()

    def of(self, level: int, scenario: str) -> tuple[PartT, PartT, PartT]:
        """The parts that a test of a scenario belongs to."""
        if level not in self.levels:
            self.levels[level] = self.make()
        if (level, scenario) not in self.scenarios:
            self.scenarios[level, scenario] = self.make()
        return self.whole, self.levels[level], self.scenarios[level, scenario]

    def counts_of_scenarios(self, level: int) -> dict[str, dict[str, int]]:
        """The counts of a level's scenarios, by name."""
        return {
            name: part.counts()
            for (of_level, name), part in sorted(self.scenarios.items())
            if of_level == level
        }


@dataclass(frozen=True)
class Noted:
    """What one test has noted in its artefact."""

    level: int
    scenario: str
    filesystem: str
    entry: dict[str, Any]


def read_noted(
    paths: Sequence[Path], key: str, file: str, read: Callable[[Path], list[dict[str, Any]]]
) -> Iterator[Noted]:
    """The entries of all tests of the jobs whose record has ``key``; ``read`` reads their ``file``.

    Raises ``BadResults`` for what is no job.
    """
    for job in map(read_job, paths):
        for test in job.tests:
            if test.record is None or key not in test.record:
                continue
            record = test.record
            for entry in read(job.log_folder(test) / file):
                yield Noted(record["level"], record["scenario"], record["filesystem"], entry)
