"""The kinds of arguments that operations have: what each may be, and how it is written."""

import enum
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

MAX_OFFSET = (1 << 63) - 1
MAX_LENGTH = 1 << 26  # bytes that one operation may write, read or map
MAX_HANDLES = 10
LONGEST_PATH = 4096

_SAFE = "/._-+,:=~"  # besides letters and digits; whatever else a name holds is written as %XX


@dataclass(frozen=True)
class Handle:
    """An open file, written ``@3``: from the ``open`` that names it to the ``close``."""

    number: int


class OpenFlags(enum.Flag):
    """Flags of open(2); exactly one of the first three."""

    RDONLY = enum.auto()
    WRONLY = enum.auto()
    RDWR = enum.auto()
    CREAT = enum.auto()
    EXCL = enum.auto()
    TRUNC = enum.auto()
    APPEND = enum.auto()
    DIRECTORY = enum.auto()
    NOFOLLOW = enum.auto()
    DIRECT = enum.auto()
    SYNC = enum.auto()


class RenameFlags(enum.Flag):
    """Flags of renameat2(2); ``PLAIN`` is rename(2)."""

    PLAIN = 0
    NOREPLACE = enum.auto()
    EXCHANGE = enum.auto()
    WHITEOUT = enum.auto()


class FallocateMode(enum.Flag):
    """The mode of fallocate(2); ``ALLOCATE`` is mode 0."""

    ALLOCATE = 0
    KEEP_SIZE = enum.auto()
    PUNCH_HOLE = enum.auto()
    ZERO_RANGE = enum.auto()
    COLLAPSE_RANGE = enum.auto()
    INSERT_RANGE = enum.auto()


class Sync(enum.Enum):
    """What msync(2) is called with after a store to a mapping."""

    NONE = enum.auto()
    ASYNC = enum.auto()
    SYNC = enum.auto()


class Whence(enum.Enum):
    """What lseek(2) looks for."""

    DATA = enum.auto()
    HOLE = enum.auto()


class Node(enum.Enum):
    """What mknod(2) makes; devices have the number 1:3."""

    FIFO = enum.auto()
    SOCKET = enum.auto()
    CHAR = enum.auto()
    BLOCK = enum.auto()


class Links(enum.Enum):
    """Whether stat(2) follows a symbolic link at the path's end."""

    FOLLOW = enum.auto()
    NOFOLLOW = enum.auto()


class XattrFlags(enum.Enum):
    """Flags of setxattr(2); ``ANY`` is none."""

    ANY = enum.auto()
    CREATE = enum.auto()
    REPLACE = enum.auto()


class Lock(enum.Enum):
    """What flock(2) is asked for, never waiting."""

    SHARED = enum.auto()
    EXCLUSIVE = enum.auto()
    UNLOCK = enum.auto()


@dataclass(frozen=True)
class Kind:
    """How a value of one kind is read from a word, and written as one.

    ``parse`` raises ``ValueError`` for a word that is not ``allowed``; ``valid`` says whether a
    value is written as a word that is read as the same value.
    """

    allowed: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str]

    def valid(self, value: object) -> bool:
        try:
            read = self.parse(self.format(value))
        except (ValueError, TypeError, AttributeError):
            return False
        return type(read) is type(value) and bool(read == value)


def _parse_name(word: str) -> str:
    """Any bytes but NUL, those that could be mistaken as ``%XX``."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", word) or not word.isascii() or not word.isprintable():
        raise ValueError(word)
    data = unquote_to_bytes(word)
    if not data or b"\0" in data or len(data) > LONGEST_PATH:
        raise ValueError(word)
    return os.fsdecode(data)


def _parse_path(word: str) -> str:
    path = _parse_name(word)
    if word.startswith("@") or path.startswith("/") or ".." in path.split("/"):
        raise ValueError(word)
    return path


def _format_name(value: str) -> str:
    return quote_from_bytes(os.fsencode(value), _SAFE)


def _parse_handle(word: str) -> Handle:
    if not re.fullmatch(r"@[0-9]", word):
        raise ValueError(word)
    return Handle(int(word[1:]))


def _parse_target(word: str) -> str | Handle:
    return _parse_handle(word) if word.startswith("@") else _parse_path(word)


def _format_target(value: str | Handle) -> str:
    return f"@{value.number}" if isinstance(value, Handle) else _format_name(value)


def _integer(low: int, high: int) -> Kind:
    def parse(word: str) -> int:
        if not re.fullmatch(r"-?(0|[1-9][0-9]{0,19})", word) or not low <= int(word) <= high:
            raise ValueError(word)
        return int(word)

    return Kind(f"a whole number from {low} to {high}", parse, str)


def _parse_mode(word: str) -> int:
    if not re.fullmatch(r"[0-7]{4}", word):
        raise ValueError(word)
    return int(word, 8)


def _choice(values: type[enum.Enum]) -> Kind:
    def parse(word: str) -> enum.Enum:
        if word not in values.__members__:
            raise ValueError(word)
        return values[word]

    return Kind(" or ".join(values.__members__), parse, lambda value: value.name)


def _flags(values: type[enum.Flag]) -> Kind:
    def parse(word: str) -> enum.Flag:
        names = word.split("|")
        if len(set(names)) < len(names) or any(name not in values.__members__ for name in names):
            raise ValueError(word)
        found = values[names[0]]
        for name in names[1:]:
            found |= values[name]
        if len(names) > 1 and not all(values[name].value for name in names):
            raise ValueError(word)
        if values is OpenFlags and len({"RDONLY", "WRONLY", "RDWR"} & set(names)) != 1:
            raise ValueError(word)
        return found

    def form(value: enum.Flag) -> str:
        names = [one.name for one in value]
        return "|".join(str(name) for name in names) or str(values(0).name)

    return Kind(f"some of {', '.join(values.__members__)}, joined by |", parse, form)


Path = Annotated[
    str, Kind("a path below the list's folder, odd bytes as %XX", _parse_path, _format_name)
]
Name = Annotated[str, Kind("a name, odd bytes as %XX", _parse_name, _format_name)]
HandleName = Annotated[Handle, Kind("a handle, @0 to @9", _parse_handle, _format_target)]
Target = Annotated[
    str | Handle, Kind("a path or a handle, @0 to @9", _parse_target, _format_target)
]
Offset = Annotated[int, _integer(-1, MAX_OFFSET)]
Length = Annotated[int, _integer(0, MAX_LENGTH)]
Seed = Annotated[int, _integer(0, (1 << 32) - 1)]
Count = Annotated[int, _integer(1, 64)]
Id = Annotated[int, _integer(0, (1 << 32) - 2)]
Seconds = Annotated[int, _integer(0, (1 << 31) - 1)]
Mode = Annotated[int, Kind("four octal digits", _parse_mode, lambda value: f"{value:04o}")]
Open = Annotated[OpenFlags, _flags(OpenFlags)]
Rename = Annotated[RenameFlags, _flags(RenameFlags)]
Fallocate = Annotated[FallocateMode, _flags(FallocateMode)]
SyncKind = Annotated[Sync, _choice(Sync)]
WhenceKind = Annotated[Whence, _choice(Whence)]
NodeKind = Annotated[Node, _choice(Node)]
LinksKind = Annotated[Links, _choice(Links)]
XattrKind = Annotated[XattrFlags, _choice(XattrFlags)]
LockKind = Annotated[Lock, _choice(Lock)]
