"""The written form of a list: a line with the version, then one operation a line.

    vexfs-ops 1
    mkdir A 0755        # up to the end of the line
    write A/f 0 4096 7

Words are separated by spaces; what follows ``#`` at a word's start is a comment. Lines that begin
with ``#:`` directly below the first are facts about the list, ``#: name = value``.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vexfs_provider.errors import UsageError
from vexfs_provider.ops.operations import OPERATIONS, Operation, arguments_of

MAGIC = "vexfs-ops"
VERSION = 1
MOST_OPERATIONS = 1_000_000
FACT = "#:"


@dataclass(frozen=True)
class OpsFile:
    """A list and the facts that its file names, as ``filesystem`` or ``seed``."""

    operations: tuple[Operation, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


def write_line(operation: Operation) -> str:
    """One operation as its line, without the line's end."""
    words = [operation.keyword]
    for name, kind in arguments_of(type(operation)).items():
        words.append(kind.format(getattr(operation, name)))
    return " ".join(words)


def read_line(line: str) -> Operation | None:
    """The operation on a line; None if the line has none. Raises ``ValueError`` with the reason."""
    words = []
    for word in line.split():
        if word.startswith("#"):
            break
        words.append(word)
    if not words:
        return None
    operation = OPERATIONS.get(words[0])
    if operation is None:
        raise ValueError(f"operation {words[0]!r}; allowed: {', '.join(sorted(OPERATIONS))}")
    kinds = arguments_of(operation)
    if len(words) - 1 != len(kinds):
        form = " ".join([words[0], *(name.upper() for name in kinds)])
        raise ValueError(f"{words[0]} has {len(words) - 1} arguments; its form: {form}")
    values = {}
    for (name, kind), word in zip(kinds.items(), words[1:], strict=True):
        try:
            values[name] = kind.parse(word)
        except ValueError:
            message = f"{words[0]}: {name.upper()} = {word!r}; allowed: {kind.allowed}"
            raise ValueError(message) from None
    return operation(**values)


def write_text(operations: Iterable[Operation], facts: Mapping[str, str] | None = None) -> str:
    """The whole file."""
    lines = [f"{MAGIC} {VERSION}"]
    lines += [f"{FACT} {name} = {' '.join(value.split())}" for name, value in (facts or {}).items()]
    lines += [write_line(operation) for operation in operations]
    return "\n".join(lines) + "\n"


def read_text(text: str, source: str) -> OpsFile:
    """The list in a file's text. Raises ``UsageError`` with the line and the reason."""
    lines = text.split("\n")
    _verify_version(lines[0], source)
    operations: list[Operation] = []
    facts: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith(FACT) and not operations:
            name, _, value = line.removeprefix(FACT).partition("=")
            facts[name.strip()] = value.strip()
            continue
        try:
            operation = read_line(line)
        except ValueError as error:
            raise UsageError(f"{source}, line {number}: {error}") from None
        if operation is not None:
            operations.append(operation)
    if len(operations) > MOST_OPERATIONS:
        allowed = f"at most {MOST_OPERATIONS}"
        raise UsageError(f"{source}: {len(operations)} operations; allowed: {allowed}")
    return OpsFile(tuple(operations), facts)


def _verify_version(line: str, source: str) -> None:
    words = line.split()
    if not words or words[0] != MAGIC:
        start = line[:40]
        raise UsageError(f"{source}, line 1: {start!r}; a list begins with: {MAGIC} {VERSION}")
    if words[1:] != [str(VERSION)]:
        version = " ".join(words[1:])
        raise UsageError(f"{source}, line 1: version {version!r}; this program reads {VERSION}")


def load(path: Path) -> OpsFile:
    """Read a file. Raises ``UsageError`` if it cannot be read or is no list."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"list of operations {path}: {error.strerror}") from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: not UTF-8") from None
    return read_text(text, str(path))


def save(path: Path, operations: Sequence[Operation], facts: Mapping[str, str]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, suffix=".new") as file:
        file.write(write_text(operations, facts))
    os.replace(file.name, path)
