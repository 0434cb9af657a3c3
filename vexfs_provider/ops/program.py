"""Programs for the executor in the guest (``deps/ops/main.c`` says their form).

A list that remounts is cut there: the host remounts between its parts. Parts of many lists make
one program, so that short lists do not each pay for a process.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.text import write_line

MOST_PARTS = 400
MOST_OPERATIONS = 5000


@dataclass(frozen=True)
class Part:
    """Operations of ``list`` that run without a remount between them, from number ``start`` on.

    ``user`` is who runs the first; ``fresh`` says that the list's folder is to be made, ``tree``
    that its tree is wanted after the last.
    """

    list: OpList
    start: int
    operations: tuple[Operation, ...]
    tree: bool
    fresh: bool = True
    user: int = 0

    @property
    def end(self) -> int:
        """The number of the operation behind the last."""
        return self.start + len(self.operations)


def cut(one: OpList, *, tree: bool) -> list[Part]:
    """The parts of a list; the operations between them are the host's to run.

    The first makes the folder, and the last has the tree if it is wanted.
    """
    ends = [number for number, one in enumerate(one.operations) if one.host_runs]
    starts = [0, *(end + 1 for end in ends)]
    pairs = zip(starts, [*ends, len(one.operations)], strict=True)
    parts = [Part(one, start, one.operations[start:end], tree=False) for start, end in pairs]
    last = parts.pop()
    return [*parts, Part(one, last.start, last.operations, tree=tree)]


def program(parts: Sequence[Part]) -> str:
    """The text that the executor reads."""
    return "".join(f"{line}\n" for part in parts for line in _lines(part))


def _lines(part: Part) -> Iterator[str]:
    if part.fresh:
        yield f"begin {part.list.name}"
    else:
        yield f"resume {part.list.name} {part.start} {part.user}"
    yield from map(write_line, part.operations)
    if part.tree:
        yield "tree"
    yield "leave"


def batches(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """The parts in groups that one process runs, in their order."""
    group: list[Part] = []
    operations = 0
    for part in parts:
        size = len(part.operations)
        if group and (len(group) == MOST_PARTS or operations + size > MOST_OPERATIONS):
            yield group
            group, operations = [], 0
        group.append(part)
        operations += size
    if group:
        yield group
