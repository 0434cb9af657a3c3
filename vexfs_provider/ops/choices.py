"""Arguments of random operations: names and ranges that collide, and most of which work."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from vexfs_provider.ops.dice import Dice
from vexfs_provider.ops.fields import Handle, OpenFlags
from vexfs_provider.ops.namespace import Inode, Namespace, Type
from vexfs_provider.ops.reach import DIRECT_BYTES, Capabilities, able

Target = str | Handle
Condition = Callable[[Inode], bool]
FITTING_PERCENT = 86  # of the arguments; with several in an operation, less of the operations
HANDLE_PERCENT = 30  # of the targets, if a file is open
ODD_PERCENT = 3  # of the names
MOST_OPEN = 4
REMEMBERED = 4

FOLDERS = ("A", "B", "A/C", "")
NAMES = ("f", "g", "h", "C", "D", "s")
ODD_NAMES = (" é", "n" * 255, "m" * 256)
TEXTS = ("f", "g", "C", "C/f", "../A/f", "absent", "t" * 100)

MOST_BYTES = 1 << 24
BLOCK = 4096
STEPS_FROM_END = (-8192, -4096, -100, -1, 0, 0, 0, 1, 100, 4096)
NEAR_OFFSETS = (0, 0, 0, 1, 100, 511, 4000, 4095, 4096, 4097, 8191, 8192, 12288, 20000, 32768)
OFFSETS: Mapping[Sequence[int], int] = {
    NEAR_OFFSETS: 880,
    (40960, 65535, 65536, 65537, 100_000, 131_072): 90,
    (262_143, 524_288, 1_000_000): 24,
    ((1 << 22) - 1, (1 << 24) - 4096): 3,
    (-1,): 3,
}
LENGTHS: Mapping[Sequence[int], int] = {
    (1, 10, 100, 200): 45,
    (511, 1000, 4095, 4096, 4097, 5000): 41,
    (8192, 10_000, 12_288, 16_384): 10,
    (65_536, 100_000): 2,
    (0,): 2,
}
"""Borders of blocks, pages, extents and the direct pointers of an inode, by their weights."""


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


class Choices:
    """``attributes`` are the paths and names of those that were set last."""

    def __init__(self, dice: Dice, namespace: Namespace, capabilities: Capabilities):
        self.dice = dice
        self.namespace = namespace
        self.capabilities = capabilities
        self.most_bytes = MOST_BYTES if able(capabilities, "indirect_blocks") else DIRECT_BYTES
        self.attributes: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self._seed = 0

    def seed(self) -> int:
        """Another for each, so that content tells which operation it is from."""
        self._seed += 1
        return self._seed

    def fits(self) -> bool:
        return self.dice.chance(FITTING_PERCENT)

    def any_path(self) -> str:
        """Whether it is there or not."""
        return _join(self.dice.pick(FOLDERS), self.dice.pick(self._names()))

    def _names(self) -> tuple[str, ...]:
        return ODD_NAMES if self.dice.chance(ODD_PERCENT) else NAMES

    def existing(self, *types: Type, where: Condition = lambda _: True) -> str:
        """A path of these types, or of any, to something for which the condition holds."""
        entries = self.namespace.entries(*(types or tuple(Type)))
        found = [path for path, inode in entries if where(inode)]
        return self.dice.pick(found) if found and self.fits() else self.any_path()

    def folder(self) -> str:
        """A folder; one may be the list's own."""
        return self.dice.pick(self.namespace.folders()) or "." if self.fits() else self.any_path()

    def absent(self) -> str:
        """A name that is not there, in a folder that is."""
        folder = self.dice.pick(self.namespace.folders())
        paths = [_join(folder, name) for name in self._names()]
        free = [path for path in paths if self.namespace.find(path, follow=False) is None]
        return self.dice.pick(free) if free and self.fits() else self.any_path()

    def handle(self) -> Handle:
        """An open one."""
        numbers = list(self.namespace.handles)
        fitting = numbers and self.fits()
        return Handle(self.dice.pick(numbers) if fitting else self.dice.below(MOST_OPEN))

    def new_handle(self) -> Handle:
        """One that is not open, while there is any."""
        free = [number for number in range(MOST_OPEN) if number not in self.namespace.handles]
        return Handle(self.dice.pick(free or range(MOST_OPEN)))

    def target(self, *, plain: bool = False, write: bool = False, filled: bool = False) -> Target:
        """A file's path or handle; a ``plain`` one neither appends nor is opened for O_DIRECT.

        Most can be written to, or have content, if asked.
        """
        filled, write = filled and self.fits(), write and self.fits()
        numbers = [
            number
            for number, opened in self.namespace.handles.items()
            if opened.inode.type is Type.FILE
            and not (plain and opened.flags & (OpenFlags.DIRECT | OpenFlags.APPEND))
            and (opened.writable if write else opened.readable or not filled)
            and (opened.inode.size or not filled)
        ]
        if numbers and self.dice.chance(HANDLE_PERCENT):
            return Handle(self.dice.pick(numbers))
        types = (Type.FILE, Type.SYMLINK) if self.dice.chance(10) else (Type.FILE,)
        return self.existing(*types, where=lambda inode: bool(inode.size) or not filled)

    def size_of(self, target: Target) -> int:
        """Of the file that the target leads to, in bytes; 0 if to none."""
        inode = self.namespace.file(target, 0)
        return inode.size if inode is not None else 0

    def offset(self, target: Target) -> int:
        """Around the file's end, or at a border."""
        if self.dice.chance(40):
            wanted = max(self.size_of(target) + self.dice.pick(STEPS_FROM_END), 0)
        else:
            wanted = self.dice.pick(self.dice.weighted(OFFSETS))
        return min(wanted, self.most_bytes)

    def length(self) -> int:
        return min(self.dice.pick(self.dice.weighted(LENGTHS)), self.most_bytes)

    def range(self, target: Target) -> tuple[int, int]:
        """An offset and a length; of whole blocks where O_DIRECT asks for them."""
        length = self.length()
        offset = min(self.offset(target), self.most_bytes - length)
        return self._fitted(target, offset, length)

    def _fitted(self, target: Target, offset: int, length: int) -> tuple[int, int]:
        opened = self.namespace.handles.get(target.number) if isinstance(target, Handle) else None
        if opened is not None and OpenFlags.DIRECT in opened.flags:
            return self.blocks(offset, length)
        return offset, length

    def blocks(self, offset: int, length: int) -> tuple[int, int]:
        """About the same range, in whole blocks of 4 KiB, one at least."""
        count = max(length // BLOCK, 1)
        return min(max(offset, 0), self.most_bytes - count * BLOCK) // BLOCK * BLOCK, count * BLOCK

    def area(self, *, plain: bool = False) -> tuple[Target, int, int]:
        """A target to write to and a range of it."""
        target = self.target(plain=plain, write=True)
        return (target, *self.range(target))

    def content(self, *, plain: bool = False) -> tuple[Target, int, int]:
        """A target to read from and a range of it, most of them of what it has."""
        target = self.target(plain=plain, filled=True)
        offset, length = self.range(target)
        size = self.size_of(target)
        if size and self.fits():
            offset = self.dice.below(size) if offset >= size else offset
            length = min(length, size - offset) if self.dice.chance(50) else length
        return (target, *self._fitted(target, offset, length))
