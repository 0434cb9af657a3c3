"""How a filesystem stores and searches vectors by ioctls: the table ``[vector]`` of a profile.

    magic = "V"                     # the letter of all its ioctls, see asm-generic/ioctl.h
    add = 1                         # the number of each; "add" and "search" are used by name
    add_direction = "write"         # none, write (_IOW), read (_IOR) or read_write (_IOWR)
    add_fields = "id:I dimension:I data:P"
    search = 2
    search_direction = "read_write"
    search_fields = "dimension:I data:P k:I metric:I"
    result_fields = "id:I distance:I"
    max_dimension = 4096
    metric_euclidean = 1            # the number of each distance that it knows

Vectors belong to the file whose descriptor is used. Fields are those of the C structure in its
order, each with its type as in Python's module ``struct``, laid out as the guest's C compiler does.
``data`` is the address of the components, 32-bit floats. A field called ``label`` is text that a
result gives back; other names are sent as zeros. ``k`` results at most, the nearest first, are
written behind the request, and their number is what the ioctl returns. An ioctl without fields is
only asked whether it is there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

DIRECTIONS = {"none": 0, "write": 1, "read": 2, "read_write": 3}
METRICS = ("euclidean", "manhattan", "cosine", "dot_product")
NEEDED_FIELDS = {
    "add": ("id", "dimension", "data"),
    "search": ("dimension", "data", "k", "metric"),
    "result": ("id", "distance"),
}

_NUMBER_MAX = 255  # the width of the number in an ioctl's code, see asm-generic/ioctl.h
_DIMENSION_MAX = 1 << 20
_FIELD = re.compile(r"[a-z]\w*:([bBhHiIqQfdP]|[1-9]\d{0,3}s)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class VectorIoctl:
    """One ioctl; ``direction`` is a value of ``DIRECTIONS``, ``fields`` empty if not described."""

    number: int
    direction: int
    fields: str


@dataclass(frozen=True)
class VectorInterface:
    """All of the table; ``ioctls`` and ``metrics`` by name, ``result`` the fields of a result."""

    magic: str
    ioctls: Mapping[str, VectorIoctl]
    result: str
    metrics: Mapping[str, int]
    max_dimension: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for the guest."""
        return asdict(self)


def read_vector_interface(table: Mapping[str, Any]) -> VectorInterface:
    """The interface in a table of a profile. Raises ``ValueError`` with what must be there."""
    rest = dict(table)
    magic = rest.pop("magic", None)
    if not isinstance(magic, str) or len(magic) != 1 or not magic.isascii():
        raise ValueError("a table with magic, one ASCII letter, and the number of each ioctl")
    max_dimension = _number("max_dimension", rest.pop("max_dimension", _DIMENSION_MAX), 1 << 20, 1)
    result = _fields("result", rest.pop("result_fields", ""))
    metrics = {
        name: _number(f"metric_{name}", rest.pop(f"metric_{name}"), (1 << 32) - 1)
        for name in METRICS
        if f"metric_{name}" in rest
    }
    directions = _take(rest, "_direction", _direction)
    fields = _take(rest, "_fields", _fields)
    numbers = {name: _number(name, value, _NUMBER_MAX) for name, value in rest.items()}
    for name in (*directions, *fields):
        if name not in numbers:
            raise ValueError(f"a table where {name}, which has a direction or fields, has a number")
    for name in NEEDED_FIELDS:
        if name != "result" and not fields.get(name):
            raise ValueError(f"a table with {name}, {name}_direction and {name}_fields")
    if not result or not metrics:
        known = ", ".join(f"metric_{name}" for name in METRICS)
        raise ValueError(f"a table with result_fields and one at least of {known}")
    ioctls = {
        name: VectorIoctl(number, directions.get(name, 0), fields.get(name, ""))
        for name, number in numbers.items()
    }
    return VectorInterface(magic, ioctls, result, metrics, max_dimension)


def _take(table: dict[str, Any], ending: str, read: Callable[[str, Any], Any]) -> dict[str, Any]:
    keys = [key for key in table if key.endswith(ending)]
    return {
        key.removesuffix(ending): read(key.removesuffix(ending), table.pop(key)) for key in keys
    }


def _number(name: str, value: Any, most: int, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"a table where {name} is a whole number from {least} to {most}")
    if not _NAME.fullmatch(name):
        raise ValueError(f"a table whose ioctls are named as in NAME = NUMBER, not {name!r}")
    return value


def _direction(name: str, value: Any) -> int:
    if not isinstance(value, str) or value not in DIRECTIONS:
        raise ValueError(f"a table where {name}_direction is one of {', '.join(DIRECTIONS)}")
    return DIRECTIONS[value]


def _fields(name: str, value: Any) -> str:
    words = value.split() if isinstance(value, str) else [""]
    names = [word.partition(":")[0] for word in words]
    needed = NEEDED_FIELDS.get(name, ()) if words else ()
    if (
        not all(_FIELD.fullmatch(word) for word in words)
        or len(set(names)) < len(names)
        or not set(needed) <= set(names)
    ):
        raise ValueError(
            f"a table where {name}_fields is a text as 'id:I data:P label:16s' of different names"
            + (f", {', '.join(needed)} among them" if needed else "")
        )
    return " ".join(words)
