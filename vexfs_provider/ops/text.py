"""The written form of a list: a line with the version, then one operation a line.

    vexfs-ops 1
    mkdir A 0755        # up to the end of the line
    write A/f 0 4096 7

Words are separated by spaces; what follows ``#`` at a word's start is a comment. Lines above the
first operation that begin with ``#:`` are facts about the list, ``#: name = value``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vexfs_provider.errors import UsageError
from vexfs_provider.ops.operations import OPERATIONS, Operation, arguments_of
from vexfs_provider.store import write_atomically

MAGIC = "vexfs-ops"
VERSION = 1
MOST_OPERATIONS = 1_000_000
FACT = "#:"
FACT_NAME = re.compile("[A-Za-z0-9_-]+")
LONGEST_QUOTE = 60  # characters of a bad word that an error repeats


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
        raise ValueError(f"operation {_quote(words[0])}; allowed: {', '.join(sorted(OPERATIONS))}")
    kinds = arguments_of(operation)
    if len(words) - 1 != len(kinds):
        form = " ".join([words[0], *(name.upper() for name in kinds)])
        raise ValueError(f"{words[0]} has {len(words) - 1} arguments; its form: {form}")
    values = {}
    for (name, kind), word in zip(kinds.items(), words[1:], strict=True):
        try:
            values[name] = kind.parse(word)
        except ValueError:
            message = f"{words[0]}: {name.upper()} = {_quote(word)}; allowed: {kind.allowed}"
            raise ValueError(message) from None
    return operation(**values)


def _quote(word: str) -> str:
    return repr(word if len(word) <= LONGEST_QUOTE else f"{word[:LONGEST_QUOTE]}…")


def write_text(operations: Iterable[Operation], facts: Mapping[str, str] | None = None) -> str:
    """The whole file; a fact's value becomes one line. Raises ``ValueError`` for a fact's name."""
    lines = [f"{MAGIC} {VERSION}"]
    for name, value in (facts or {}).items():
        if not FACT_NAME.fullmatch(name):
            raise ValueError(f"a fact's name {name!r}; allowed: {FACT_NAME.pattern}")
        lines.append(f"{FACT} {name} = {' '.join(value.split())}")
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
            name, value = _read_fact(line, source, number)
            facts[name] = value
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


def _read_fact(line: str, source: str, number: int) -> tuple[str, str]:
    name, equals, value = line.removeprefix(FACT).partition("=")
    if not equals or not FACT_NAME.fullmatch(name.strip()):
        form = f"{FACT} NAME = VALUE, a comment begins with # and no colon"
        raise UsageError(f"{source}, line {number}: fact {_quote(line)}; its form: {form}")
    return name.strip(), value.strip()


def _verify_version(line: str, source: str) -> None:
    words = line.split()
    if not words or words[0] != MAGIC:
        start = line[:40]
        raise UsageError(f"{source}, line 1: {start!r}; a list begins with: {MAGIC} {VERSION}")
    if words[1:] != [str(VERSION)]:
        version = _quote(" ".join(words[1:]))
        raise UsageError(f"{source}, line 1: version {version}; this program reads {VERSION}")


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
    write_atomically(path, write_text(operations, facts).encode(errors="backslashreplace"))
