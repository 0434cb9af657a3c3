"""Lists that are tried: where, what they gave, and the differences that they have shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from vexfs_provider.ops.divergence import PERSISTENCE, Divergence
from vexfs_provider.ops.facts import TIMES
from vexfs_provider.ops.outcome import ListOutcome, OpList

BEGINNING = "-to-"  # in the name of a list that is the beginning of another


@dataclass(frozen=True)
class Trial:
    """What a list gave on each reference, and on the filesystem under test."""

    references: tuple[ListOutcome, ...]
    actual: ListOutcome


@dataclass(frozen=True)
class Case:
    """A difference that a list has shown."""

    list: OpList
    divergence: Divergence

    @property
    def of_time(self) -> bool:
        """Whether it is a time that differs."""
        return self.divergence.attribute in TIMES

    @property
    def by_reference(self) -> bool:
        """Whether it is a difference from the references; else it is one from itself."""
        return self.divergence.kind != PERSISTENCE


class Key(NamedTuple):
    """The beginning of a list, which runs beside others or alone."""

    name: str
    length: int
    alone: bool


class Laboratory(Protocol):
    """Where lists can be run."""

    def run(self, lists: Sequence[OpList]) -> Sequence[Trial]:
        """Run lists beside others."""

    def run_alone(self, one: OpList) -> Trial:
        """Run a list on empty filesystems."""


def beginning(one: OpList, length: int) -> OpList:
    """The first ``length`` operations of a list, as a list of its own."""
    return OpList(f"{one.name}{BEGINNING}{length}", one.operations[:length])
