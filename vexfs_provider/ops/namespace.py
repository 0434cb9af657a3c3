"""A light model of a list's folder: what is probably there, to choose the next operation by.

It is no oracle. Where it errs, an operation fails that should have succeeded, or the reverse.
"""

import enum
from dataclasses import dataclass, field

from vexfs_provider.ops.fields import Handle, OpenFlags

MOST_LINKS_FOLLOWED = 8
MOST_FOLDERS = 5  # that new names are made in, so that names keep colliding


class Type(enum.Enum):
    """What a name stands for, as far as it matters here."""

    FOLDER = enum.auto()
    FILE = enum.auto()
    SYMLINK = enum.auto()
    SPECIAL = enum.auto()


@dataclass(eq=False)
class Inode:
    """``size`` in bytes; ``text`` of a symlink; ``unnamed`` is O_TMPFILE's until it is linked."""

    type: Type
    mode: int
    owner: int = 0
    size: int = 0
    links: int = 1
    text: str = ""
    unnamed: bool = False
    children: dict[str, "Inode"] = field(default_factory=dict)

    def holds(self, other: "Inode") -> bool:
        """Whether ``other`` is this one or below it."""
        return self is other or any(child.holds(other) for child in self.children.values())


@dataclass(frozen=True)
class Place:
    """Where a name is or could be."""

    folder: Inode
    name: str

    @property
    def inode(self) -> Inode | None:
        return self.folder.children.get(self.name)

    def put(self, inode: Inode) -> None:
        self.folder.children[self.name] = inode

    def clear(self) -> None:
        del self.folder.children[self.name]


@dataclass(frozen=True)
class Opened:
    """An open file."""

    inode: Inode
    flags: OpenFlags

    @property
    def writable(self) -> bool:
        return OpenFlags.RDONLY not in self.flags

    @property
    def readable(self) -> bool:
        return OpenFlags.WRONLY not in self.flags


class Namespace:
    """The tree, the open files and who acts, from an empty folder on."""

    def __init__(self) -> None:
        self.root = Inode(Type.FOLDER, 0o755)
        self.handles: dict[int, Opened] = {}
        self.user = 0

    def place(self, path: str) -> Place | None:
        """The folder and the name of a path that lies in an existing folder."""
        parent, _, name = path.rpartition("/")
        folder = self.find(parent)
        if folder is None or folder.type is not Type.FOLDER or name in ("", "."):
            return None
        return Place(folder, name)

    def find(self, path: str, *, follow: bool = True) -> Inode | None:
        """What a path leads to; None if nowhere."""
        trail, names, followed = [self.root], path.split("/"), 0
        while names:
            name = names.pop(0)
            if trail[-1].type is not Type.FOLDER or not self.may(trail[-1], 1):
                return None
            if name == "..":
                trail = trail[:-1]
            elif name not in ("", "."):
                found = trail[-1].children.get(name)
                if found is None:
                    return None
                if found.type is Type.SYMLINK and (follow or names):
                    followed += 1
                    names = [*found.text.split("/"), *names]
                else:
                    trail.append(found)
            if not trail or followed > MOST_LINKS_FOLLOWED:
                return None
        return trail[-1]

    def may(self, inode: Inode, bits: int) -> bool:
        """Whether the user may read (4), write (2) or enter (1)."""
        mode = inode.mode >> 6 if inode.owner == self.user else inode.mode
        return self.user == 0 or mode & bits == bits

    def owns(self, inode: Inode) -> bool:
        return self.user in (0, inode.owner)

    def file(self, target: str | Handle, bits: int) -> Inode | None:
        """The regular file that a target gives access to; ``bits`` as for ``may``."""
        if isinstance(target, Handle):
            opened = self.handles.get(target.number)
            if opened is None or (bits & 2 and not opened.writable):
                return None
            inode: Inode | None = opened.inode if opened.readable or not bits & 4 else None
        else:
            inode = self.find(target)
            if inode is not None and not self.may(inode, bits):
                return None
        return inode if inode is not None and inode.type is Type.FILE else None

    def appends(self, target: str | Handle) -> bool:
        """Whether a write to the target goes to the end of its file whatever the offset is."""
        opened = self.handles.get(target.number) if isinstance(target, Handle) else None
        return opened is not None and OpenFlags.APPEND in opened.flags

    def entries(self, *types: Type) -> list[tuple[str, Inode]]:
        """The paths of all names of these types and what they stand for."""
        found: list[tuple[str, Inode]] = []
        _collect(self.root, "", found)
        return [entry for entry in found if entry[1].type in types]

    def folders(self) -> list[str]:
        """The folders that new names are made in, among them the list's own, ``""``."""
        return ["", *(path for path, _ in self.entries(Type.FOLDER))][:MOST_FOLDERS]


def _collect(folder: Inode, prefix: str, found: list[tuple[str, Inode]]) -> None:
    for name, inode in folder.children.items():
        found.append((prefix + name, inode))
        if inode.children:
            _collect(inode, f"{prefix}{name}/", found)
