"""How a program in C looks for a finding once it has made the calls: what it expects of what."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from vexfs_provider.ops.c_calls import literal, written
from vexfs_provider.ops.divergence import ABSENT, PERSISTENCE, RESULT, Divergence
from vexfs_provider.ops.facts import TIMES, facts_of
from vexfs_provider.ops.operations import Operation, Stat, StatExtended
from vexfs_provider.ops.text import write_line


@dataclass(frozen=True)
class Look:
    """A line that compares; ``index`` is the operation whose outcome it needs, if any.

    ``clock`` says that the clock must show the operations' numbers, ``remount`` that the filesystem
    is mounted again before.
    """

    line: str
    index: int | None = None
    clock: bool = False
    remount: bool = False


def look_for(operations: Sequence[Operation], check: Divergence | None) -> Look | None:
    """How to see what a comparison has found."""
    if check is None:
        return None
    if check.kind == RESULT:
        assert check.index is not None
        return _look_at_result(operations[check.index], check.index, check)
    return _look_at_tree(check)


def _look_at_result(operation: Operation, index: int, check: Divergence) -> Look:
    what, name = f"{index} {write_line(operation)}", check.attribute
    expected, actual = facts_of(check.expected.split()), facts_of(check.actual.split())
    if isinstance(operation, Stat | StatExtended) and name in expected | actual:
        value, clock = expected.get(name, ABSENT), name in TIMES
        return Look(_expect(f"{what}: {name}", value, f'fact_in(watched, "{name}")'), index, clock)
    return Look(_expect(what, check.expected, "watched"), index)


def _look_at_tree(check: Divergence) -> Look:
    name, expected = check.attribute, check.expected
    path = literal(check.path)
    if name == "xattrs":
        name, expected = _differing_attribute(check)
        fact = f"attribute_of({path}, {literal(name)})"
    elif name == "same":
        expected = _unescaped(expected)
        other = _unescaped(check.actual) if expected == ABSENT else expected
        fact = f"same_as({path}, {literal(other)})"
    else:
        fact = _fact_of_entry(check)
    line = _expect(f"{name} of {written(check.path)}", expected, fact)
    return Look(line, clock=name in TIMES, remount=check.kind == PERSISTENCE)


def _fact_of_entry(check: Divergence) -> str:
    """The call that tells a fact as the executor's tree has it."""
    name, path = check.attribute, literal(check.path)
    folder, _, last = check.path.rpartition("/")
    entry = f"{literal(folder or '.')}, {literal(last)}"
    if name == "kind" and ABSENT in (check.expected, check.actual) and last != ".":
        return f"kind_of_listed({entry}, {path})"
    if name == "type":
        return f"type_of({entry}, {path})"
    if name == "listed":
        return f"listed_of({entry})"
    return f"{name}_of({path})"


def _differing_attribute(check: Divergence) -> tuple[str, str]:
    """The name of the first extended attribute that is not as expected, and what is expected."""
    expected, actual = _attributes(check.expected), _attributes(check.actual)
    names = sorted(expected | actual)
    name = next(name for name in names if expected.get(name) != actual.get(name))
    return f"user.{name}", expected.get(name, ABSENT)


def _attributes(fact: str) -> dict[str, str]:
    """The extended attributes in the fact NAME:LENGTH:HASH,..."""
    parts = (part.partition(":") for part in fact.split(","))
    return {_unescaped(name): value for name, colon, value in parts if colon}


def _unescaped(word: str) -> str:
    return os.fsdecode(unquote_to_bytes(word))


def _expect(what: str, expected: str, expression: str) -> str:
    return f"expect({literal(what)}, {literal(expected)}, {expression});"
