"""Random lists: weighted by a mix, made from a seed alone, guided to collide and mostly to work."""

from collections.abc import Iterator, Mapping
from itertools import islice

from vexfs_provider.ops.choices import Choices
from vexfs_provider.ops.dice import Dice
from vexfs_provider.ops.effects_files import EFFECTS_ON_FILES
from vexfs_provider.ops.effects_names import EFFECTS_ON_NAMES
from vexfs_provider.ops.fields import FallocateMode, Handle, OpenFlags, Sync
from vexfs_provider.ops.makers import MAKERS
from vexfs_provider.ops.mix import DEFAULT_MIX
from vexfs_provider.ops.namespace import Namespace
from vexfs_provider.ops.operations import (
    AllocateRange,
    Append,
    Close,
    Create,
    MakeFolder,
    MapStore,
    OpenFile,
    OpenUnnamed,
    Operation,
    Remount,
    RemoveFolder,
    RenamePath,
    SwitchUser,
    Unlink,
    Write,
    WriteVector,
)
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.reach import Capabilities, able, within

START: tuple[Operation, ...] = (
    MakeFolder("A", 0o755),
    MakeFolder("B", 0o777),
    MakeFolder("A/C", 0o755),
    Create("A/f", 0o644),
    Create("B/f", 0o666),
)
ROOT_AGAIN_PERCENT = 25  # after each operation of another user
EFFECTS = {**EFFECTS_ON_FILES, **EFFECTS_ON_NAMES}
NEED_HANDLE = ("close", "linkfd", "lock")
TAKE_NAMES = (Unlink, RenamePath, RemoveFolder)
MOST_TRIES = 1000  # to find an operation that the filesystem can do


def random_list(
    seed: int,
    length: int,
    capabilities: Capabilities = None,
    *,
    name: str | None = None,
    mix: Mapping[str, int] = DEFAULT_MIX,
) -> OpList:
    """``length`` operations that need no capability beyond those given, the same for a seed.

    ``mix`` has the weights by keyword. Raises ``ValueError`` for a keyword that is unknown, for a
    mix of which the capabilities leave nothing, and for a seed below 0.
    """
    if unknown := mix.keys() - MAKERS.keys():
        raise ValueError(f"mix: {', '.join(sorted(unknown))}; allowed: {', '.join(sorted(MAKERS))}")
    operations = _Maker(Dice(seed), capabilities, mix).operations()
    return OpList(name or f"r{seed}-{length}", tuple(islice(operations, length)))


def _number(handle: Handle) -> int:
    return handle.number


class _Maker:
    def __init__(self, dice: Dice, capabilities: Capabilities, mix: Mapping[str, int]):
        self._dice = dice
        self._capabilities = capabilities
        self._mix = mix
        self._namespace = Namespace()
        self._choices = Choices(dice, self._namespace, capabilities)
        self._maybe_open: set[Handle] = set()
        self._waits = bool(mix.get("fsync"))

    def operations(self) -> Iterator[Operation]:
        """Without end."""
        for operation in START:
            yield self._apply(operation)
        while True:
            operation = self._next()
            for preparation in self._preparations(operation):
                yield self._apply(preparation)
            yield self._apply(operation)

    def _apply(self, operation: Operation) -> Operation:
        if isinstance(operation, OpenFile | OpenUnnamed):
            self._maybe_open.add(operation.handle)
        elif isinstance(operation, Close):
            self._maybe_open.discard(operation.handle)
        elif isinstance(operation, Remount):
            self._maybe_open.clear()
        if effect := EFFECTS.get(type(operation)):
            effect(operation, self._namespace)
        return operation

    def _next(self) -> Operation:
        if self._namespace.user and self._dice.chance(ROOT_AGAIN_PERCENT):
            return SwitchUser(0)
        for _ in range(MOST_TRIES):
            keyword = self._dice.weighted(self._mix)
            if keyword in NEED_HANDLE and not self._namespace.handles and self._choices.fits():
                continue
            operation = MAKERS[keyword](self._choices)
            if within(operation, self._capabilities) and not self._unwanted(operation):
                return operation
        raise ValueError("mix: nothing in it is within the capabilities")

    def _unwanted(self, operation: Operation) -> bool:
        """Whether it waits for the device, which the mix does not, or makes a file too long."""
        if isinstance(operation, MapStore) and operation.sync is Sync.SYNC:
            return not self._waits
        if isinstance(operation, OpenFile) and OpenFlags.SYNC in operation.flags:
            return not self._waits
        return self._too_long(operation)

    def _too_long(self, operation: Operation) -> bool:
        if isinstance(operation, AllocateRange):
            moves = operation.mode is FallocateMode.INSERT_RANGE
        elif isinstance(operation, Append | Write | WriteVector):
            moves = isinstance(operation, Append) or self._namespace.appends(operation.target)
        else:
            return False
        size = self._choices.size_of(operation.target)
        return moves and size + operation.length > self._choices.most_bytes

    def _preparations(self, operation: Operation) -> Iterator[Operation]:
        """What must come before, for reasons that no operation alone can know."""
        if isinstance(operation, OpenFile | OpenUnnamed) and operation.handle in self._maybe_open:
            yield Close(operation.handle)
        if isinstance(operation, TAKE_NAMES) and not able(self._capabilities, "unlinked_open"):
            yield from [Close(handle) for handle in sorted(self._maybe_open, key=_number)]
        if isinstance(operation, MapStore) and operation.offset >= 0 and operation.length:
            # What lies in the last page behind the end is undefined, should the file grow later.
            last = operation.offset + operation.length - 1
            yield Write(operation.target, last, 1, self._choices.seed())
