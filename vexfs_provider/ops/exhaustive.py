"""All lists of one and of two core operations over a small name space.

As the Automatic Crash Explorer does (Mohan et al., "Finding Crash-Consistency Bugs with Bounded
Black-Box Crash Testing", OSDI 2018): bugs show in short lists if the names in them collide. What
stands before and the core operations are data, ``deps/ops/setup.ops`` and ``core.ops``. A list ends
with what reads back what the tree of its folder does not say.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

from vexfs_provider.ops.dice import Dice
from vexfs_provider.ops.fields import Handle, Links
from vexfs_provider.ops.operations import (
    AllocateRange,
    Append,
    Clone,
    Close,
    CopyRange,
    Create,
    MakeFolder,
    MakeNode,
    MapLoad,
    MapStore,
    OpenFile,
    Operation,
    Read,
    RenamePath,
    StatExtended,
    Symlink,
    Truncate,
    Unlink,
    Write,
    WriteVector,
)
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.reach import Capabilities, able, handles_of, within
from vexfs_provider.ops.text import load
from vexfs_provider.paths import data_dir

PAGE = 4096
CHANGES_CONTENT = (Append, AllocateRange, Clone, CopyRange, Truncate, Write, WriteVector)
MAKES_NAME = (Create, MakeFolder, MakeNode, Symlink)
LAST_PAGES = (MapLoad("A/f", PAGE, PAGE), MapLoad("A/f", 2 * PAGE, PAGE), MapLoad("B/f", 0, PAGE))
"""Where files end, or did before: what lies behind the end must be zero."""


@cache
def _listed(name: str) -> tuple[Operation, ...]:
    return load(data_dir("deps") / "ops" / f"{name}.ops").operations


def _usable(operation: Operation, capabilities: Capabilities) -> bool:
    """Without ``unlinked_open`` no handle may be open when names go, so only ``open`` has one."""
    if any(handles_of(operation)) and not able(capabilities, "unlinked_open"):
        return isinstance(operation, OpenFile) and within(operation, capabilities)
    return within(operation, capabilities)


def _once(operation: Operation, capabilities: Capabilities) -> tuple[Operation, ...]:
    if isinstance(operation, OpenFile) and not able(capabilities, "unlinked_open"):
        return (operation, Close(operation.handle))
    return (operation,)


def setup(capabilities: Capabilities = None) -> tuple[Operation, ...]:
    """What every list begins with."""
    usable = [one for one in _listed("setup") if _usable(one, capabilities)]
    return tuple(step for one in usable for step in _once(one, capabilities))


def core_operations(capabilities: Capabilities = None) -> tuple[Operation, ...]:
    """The core operations that need no capability beyond those given."""
    return tuple(one for one in _listed("core") if _usable(one, capabilities))


def exhaustive(length: int, capabilities: Capabilities = None) -> Iterator[OpList]:
    """Every list of ``length`` (1 or 2) core operations, in the order of their names.

    A name tells the numbers of the core operations, which no lack of a capability changes.
    """
    start = setup(capabilities)
    for numbers in product(_numbers(capabilities), repeat=_checked(length)):
        yield _list(numbers, start, capabilities)


def exhaustive_count(length: int, capabilities: Capabilities = None) -> int:
    """How many lists ``exhaustive`` gives."""
    return len(_numbers(capabilities)) ** _checked(length)


def exhaustive_sample(
    length: int, capabilities: Capabilities, count: int, seed: int
) -> Iterator[OpList]:
    """``count`` different lists of those, or all if there are fewer, in an order of chance."""
    numbers, start = _numbers(capabilities), setup(capabilities)
    total = exhaustive_count(length, capabilities)
    for _, place in zip(range(count), Dice(seed).order(total), strict=False):
        digits = [place // len(numbers) ** power % len(numbers) for power in range(length)]
        yield _list([numbers[digit] for digit in digits], start, capabilities)


def _checked(length: int) -> int:
    if length not in (1, 2):
        raise ValueError(f"length = {length}; allowed: 1 or 2")
    return length


def _numbers(capabilities: Capabilities) -> list[int]:
    core = _listed("core")
    return [number for number, one in enumerate(core) if _usable(one, capabilities)]


def _list(
    numbers: Sequence[int], start: tuple[Operation, ...], capabilities: Capabilities
) -> OpList:
    core = [_listed("core")[number] for number in numbers]
    steps = [step for one in core for step in _once(one, capabilities)]
    name = "-".join([f"e{len(numbers)}", *(f"{number:04d}" for number in numbers)])
    back = [one for one in _read_back(core) if _usable(one, capabilities)]
    return OpList(name, (*start, *steps, *back))


def _read_back(core: Sequence[Operation]) -> Iterator[Operation]:
    """The end of a file's last page, the content behind a name that is gone, and times of birth."""
    if any(isinstance(one, Unlink | RenamePath) or any(handles_of(one)) for one in core):
        yield Read(Handle(0), 0, 4 * PAGE)
    changed = any(isinstance(one, CHANGES_CONTENT) for one in core)
    if changed and not any(isinstance(one, MapStore) for one in core):
        # What a mapping stored behind the end may stay there until the kernel writes the page.
        yield from LAST_PAGES
    for path in dict.fromkeys(one.path for one in core if isinstance(one, MAKES_NAME)):
        yield StatExtended(path, Links.NOFOLLOW)
