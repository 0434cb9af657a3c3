"""What the executor in the guest prints (``deps/ops/main.c`` says its form), and its flight notes.

The guest is hostile: whatever it prints ends in results or in a ``GuestError``.
"""

import os
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from vexfs_provider.errors import GuestError
from vexfs_provider.ops.outcome import Outcome
from vexfs_provider.ops.program import Part
from vexfs_provider.ops.text import write_line

ERROR = re.compile(r"E[A-Z0-9]{1,30}|SIGBUS")
SIGNALS = frozenset(str(int(number)) for number in signal.Signals)
TOP = "."
SHOWN = 80
LIST_NOTE, OPERATION_NOTE, TREE_NOTE = "lot"


@dataclass
class PartResult:
    """How far a part came; ``absent`` is the error if the list's folder could not be entered."""

    results: list[Outcome] = field(default_factory=list)
    tree: dict[str, dict[str, str]] = field(default_factory=dict)
    entered: bool = False
    absent: str = ""
    left: bool = False


@dataclass(frozen=True)
class End:
    """The last line: ``done``, ``hang``, ``lost`` with the signal, ``full``, or ``bad``."""

    kind: str
    detail: str

    @property
    def signal(self) -> int:
        return int(self.detail)


@dataclass(frozen=True)
class Output:
    """The results of a program's parts, as far as it came, and how it ended."""

    parts: list[PartResult]
    end: End


@dataclass(frozen=True)
class Place:
    """What was under way: an operation of a part, by their numbers.

    -1 is the way into the list's folder; the number behind the last is the tree, or the way out.
    """

    part: int
    operation: int

    def line(self, parts: Sequence[Part]) -> str:
        """The line of the program."""
        part = parts[self.part]
        if self.operation < 0:
            return f"begin {part.list.name}"
        if self.operation < len(part.operations):
            return write_line(part.operations[self.operation])
        return "tree" if part.tree else "leave"


def parse_output(output: bytes, parts: Sequence[Part]) -> Output:
    """The results in the executor's whole output. Raises ``GuestError`` for what it cannot be."""
    try:
        lines = output.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _strange(output[error.start :], "ASCII") from None
    if lines.pop() != "" or not lines:
        raise _strange(output[-SHOWN:], "a whole last line")
    end = _parse_end(lines.pop())
    parser = _Parser(parts)
    for line in lines:
        parser.take(line)
    if end.kind == "done" and not all(result.left for result in parser.results):
        raise _strange("end done", "results of every operation")
    return Output(parser.results, end)


def _parse_end(line: str) -> End:
    word, kind, detail = [*line.split(" ", 2), "", ""][:3]
    known = {
        "done": not detail,
        "hang": not detail,
        "full": not detail,
        "lost": detail in SIGNALS,
        "bad": True,
    }
    if word != "end" or not known.get(kind, False):
        raise _strange(line, "a last line that says how it ended")
    return End(kind, detail)


class _Parser:
    """Takes one line after another; ``results`` has an entry for every part from the start."""

    def __init__(self, parts: Sequence[Part]):
        self.results = [PartResult() for _ in parts]
        self._parts = parts
        self._position = 0

    def take(self, line: str) -> None:
        kind, *words = line.split(" ")
        if self._position == len(self._parts):
            raise _strange(line, "the end")
        part, result = self._parts[self._position], self.results[self._position]
        if not result.entered:
            self._enter(part, result, line)
        elif kind in ("ok", "error") and not result.absent and not result.tree:
            self._add_outcome(part, result, line)
        elif kind == "entry" and part.tree and words and not result.absent:
            path, facts = _parse_entry(line, words)
            result.tree[path] = facts
        elif line == "leave":
            self._leave(part, result, line)
        else:
            raise _strange(line, "a result")

    def _enter(self, part: Part, result: PartResult, line: str) -> None:
        kind, name, *error = [*line.split(" "), ""][:3]
        if name != part.list.name or kind not in ("enter", "absent"):
            raise _strange(line, f"the begin of {part.list.name}")
        result.entered = True
        if kind == "absent":
            result.absent = _checked_error(error[0], line)

    def _add_outcome(self, part: Part, result: PartResult, line: str) -> None:
        kind, *words = line.split(" ")
        if len(result.results) == len(part.operations):
            raise _strange(line, "no further result")
        if kind == "ok":
            result.results.append(Outcome("", tuple(words)))
        else:
            result.results.append(Outcome(_checked_error(" ".join(words), line)))

    def _leave(self, part: Part, result: PartResult, line: str) -> None:
        if result.absent:
            result.results = [Outcome(result.absent)] * len(part.operations)
            result.tree = {TOP: {"error": result.absent}} if part.tree else {}
        elif len(result.results) != len(part.operations) or bool(result.tree) != part.tree:
            raise _strange(line, "all results of the list before it")
        result.left = True
        self._position += 1


def _checked_error(word: str, line: str) -> str:
    if not ERROR.fullmatch(word):
        raise _strange(line, "an error's name")
    return word


def _parse_entry(line: str, words: Sequence[str]) -> tuple[str, dict[str, str]]:
    path, *facts = words
    pairs = [fact.partition("=") for fact in facts]
    if not facts or not all(name and separator for name, separator, _ in pairs):
        raise _strange(line, "facts")
    return os.fsdecode(unquote_to_bytes(path)), {name: value for name, _, value in pairs}


def place_of_output(output: Output, parts: Sequence[Part]) -> Place:
    """What was under way when a program stopped that could still print its results."""
    for number, result in enumerate(output.parts):
        if not result.left:
            return Place(number, len(result.results) if result.entered else -1)
    return Place(len(parts) - 1, len(parts[-1].operations))


def place_of_flight(notes: bytes, parts: Sequence[Part]) -> Place | None:
    """What was under way by the notes of the flight recorder, see ``deps/ops/flight.c``.

    None if they tell nothing of these parts.
    """
    number, operation, in_tree = -1, -1, False
    for note in notes.decode("latin-1"):
        if note == LIST_NOTE:
            number, operation, in_tree = number + 1, -1, False
        elif note == OPERATION_NOTE:
            operation += 1
        elif note == TREE_NOTE:
            in_tree = True
    if not 0 <= number < len(parts):
        return None
    count = len(parts[number].operations)
    if operation >= count:
        return None
    return Place(number, count if in_tree else operation)


def _strange(what: object, expected: str) -> GuestError:
    text = ascii(what)[:SHOWN]
    return GuestError(f"the executor in the guest printed {text} in place of {expected}")
