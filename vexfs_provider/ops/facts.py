"""Facts of a file as the executor tells them: ``NAME=VALUE``, in a tree and in a stat's result."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vexfs_provider.ops.divergence import ABSENT

Facts = Mapping[str, str]

TIMES = ("mtime", "ctime", "btime")
KIND, SIZE, CONTENT, HOLES = "kind", "size", "hash", "holes"
LIE = "lie"  # what is told of holes that hide data; their places are nobody else's business
WHITEOUT, WHITEOUT_DEVICE = "whiteout", "0:0"
KINDS = ("file", "folder", "symlink", "char", "block", "fifo", "socket", WHITEOUT)
WEIGHTS = ("kind", "error", "size", "hash", "target", "nlink", "same", "mode", "user", "group")
"""The facts that say most of what is wrong, in this order; then all others, then times."""

BEFORE_FIRST = -1  # the number that stands for a time before the first operation


@dataclass(frozen=True)
class Difference:
    """A fact that differs; ``kind`` is what is expected there. A fact may be ``ABSENT``."""

    kind: str
    fact: str
    expected: str
    actual: str

    @property
    def is_time(self) -> bool:
        return self.fact in TIMES

    @property
    def weight(self) -> tuple[int, str]:
        """Sorts the weightiest first."""
        if self.is_time:
            return (len(WEIGHTS) + 1, self.fact)
        known = self.fact in WEIGHTS
        return (WEIGHTS.index(self.fact) if known else len(WEIGHTS), self.fact)

    @property
    def last_setter(self) -> int | None:
        """Of a time: the later one of the operations that set it; None where none of them did."""
        setters = (setter_of(self.expected), setter_of(self.actual))
        numbers = [number for number in setters if number is not None and number != BEFORE_FIRST]
        return max(numbers, default=None)


def facts_of(values: Sequence[str]) -> dict[str, str]:
    """The facts among the words of a stat's result."""
    pairs = (value.partition("=") for value in values)
    return {name: value for name, equals, value in pairs if equals}


def setter_of(time: str) -> int | None:
    """The number of the operation that set a time, as in ``op7``; None for a plain time."""
    if time == "start":
        return BEFORE_FIRST
    found = re.fullmatch(r"op(\d+)", time)
    return int(found[1]) if found else None


def sort_of(facts: Facts) -> str:
    """The kind of a file; a whiteout, which is a device that does not exist, by its own name."""
    is_whiteout = facts.get(KIND) == "char" and facts.get("device") == WHITEOUT_DEVICE
    return WHITEOUT if is_whiteout else facts.get(KIND, ABSENT)


def differences(
    expected: Sequence[Facts], actual: Facts, left_out: Mapping[str, frozenset[str]]
) -> Iterator[Difference]:
    """The facts on which all of ``expected`` agree and ``actual`` does not.

    Files of different kinds differ in nothing else, nor those of different sizes in their content.
    ``left_out`` has the facts that are not compared, by what ``sort_of`` says of the actual file.
    """
    kinds = {facts.get(KIND, ABSENT) for facts in expected}
    if len(kinds) != 1:
        return
    [kind] = kinds
    if actual.get(KIND, ABSENT) != kind:
        yield Difference(kind, KIND, kind, actual.get(KIND, ABSENT))
        return
    names = {name for facts in (*expected, actual) for name in facts}
    for name in sorted(names - left_out.get(sort_of(actual), frozenset())):
        first, seen = expected[0].get(name, ABSENT), actual.get(name, ABSENT)
        agreed = all(facts.get(name, ABSENT) == first for facts in expected)
        comparable = name != CONTENT or actual.get(SIZE) == expected[0].get(SIZE)
        if agreed and comparable and seen != first and (name != HOLES or seen == LIE):
            yield Difference(kind, name, first, seen)
