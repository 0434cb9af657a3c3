"""What a profile says of a filesystem on its disk: its superblock, and what it can be made for.

    [superblock]
    offset = 1024           # bytes from the start of the device
    size = 1024             # bytes
    magics = [1080]         # where its magic number is; in its copies too, if a mount looks there
    magic_size = 2          # bytes
    reports = "^(EXT4-fs|JBD2)"     # titles of findings when it sees damage, a regular expression

    [made_for.few_inodes]   # what makes it so
    mkfs = ["-N", "512"]    # more words for the mkfs command, before the device
    mount = []              # more mount options

What it can be made for is one of ``PURPOSES``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

LABEL = "vexfs_test"
"""What ``{label}`` stands for."""

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "few_inodes": "some ten thousand inodes at most, so that they can be used up",
        "label": "the label {label}, to be mounted by",
        "quota": "limits of what a user may have",
    }
)

_SIZE_MAX = 1 << 20
_OFFSET_MAX = 1 << 40


@dataclass(frozen=True)
class Superblock:
    """Where it is, all numbers in bytes; ``reports`` matches what the kernel says of damage."""

    offset: int
    size: int
    magics: tuple[int, ...]
    magic_size: int
    reports: str


@dataclass(frozen=True)
class Purpose:
    """More words for mkfs and more mount options."""

    mkfs: tuple[str, ...] = ()
    mount: tuple[str, ...] = ()


def read_superblock(table: Any) -> Superblock:
    """The superblock in a table. Raises ``ValueError`` with what must be there."""
    keys = {"offset", "size", "magics", "magic_size", "reports"}
    if not isinstance(table, dict) or table.keys() != keys:
        raise ValueError(f"a table with the keys {', '.join(sorted(keys))}")
    magics = table["magics"]
    if not isinstance(magics, list) or not magics:
        raise ValueError("a table whose magics are a list of numbers, not empty")
    try:
        re.compile(table["reports"])
    except (TypeError, re.error) as error:
        raise ValueError("a table whose reports are a regular expression") from error
    return Superblock(
        _number("offset", table["offset"], 0, _OFFSET_MAX),
        _number("size", table["size"], 1, _SIZE_MAX),
        tuple(_number("magics", place, 0, _OFFSET_MAX) for place in magics),
        _number("magic_size", table["magic_size"], 1, 64),
        table["reports"],
    )


def read_purposes(table: Any) -> Mapping[str, Purpose]:
    """The table ``made_for``. Raises ``ValueError`` with what must be there."""
    if not isinstance(table, dict) or not table.keys() <= PURPOSES.keys():
        raise ValueError(f"a table with some of the keys {', '.join(PURPOSES)}")
    return {name: _purpose(name, value) for name, value in table.items()}


def _purpose(name: str, table: Any) -> Purpose:
    if not isinstance(table, dict) or not table or not table.keys() <= {"mkfs", "mount"}:
        raise ValueError(f"a table in which {name} has the keys mkfs and mount, or one of them")
    for words in table.values():
        if not isinstance(words, list) or not all(isinstance(one, str) and one for one in words):
            raise ValueError(f"a table in which {name} has lists of words")
    return Purpose(**{key: tuple(words) for key, words in table.items()})


def _number(key: str, value: Any, least: int, most: int) -> int:
    # TOML's true is a Python int
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"a table whose {key} has a whole number from {least} to {most}")
    return value
