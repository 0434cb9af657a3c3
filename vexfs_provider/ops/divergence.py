"""Where the outcome of a list is not that of the references, and the words for it.

Titles are the same for the same defect, whatever the list, its names and its seed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.outcome import Outcome

RESULT, TREE, PERSISTENCE = "result", "tree", "persistence"
ABSENT = "absent"  # the value of a fact that is not there, and the kind of a file that is not
ERROR = "error"  # the attribute of results that differ in their error
SUCCESS = "success"

FACT_WORDS = {
    "user": "owner",
    "nlink": "link count",
    "hash": "content",
    "holes": "report of holes",
    "xattrs": "set of extended attributes",
    "same": "set of names",
    "type": "type in readdir",
    "listed": "number of entries in readdir",
    "length": "length of its target",
    "error": "error when read",
    "btime": "time of birth",
}
KIND_WORDS = {"char": "character device", "block": "block device", "fifo": "FIFO"}

VALUE_NAMES: Mapping[str, tuple[str, ...]] = {
    "append": ("length",),
    "copy_range": ("length",),
    "getxattr": ("length", "content"),
    "listxattr": ("number of names", "list of names"),
    "mmap_load": ("content",),
    "read": ("length", "content"),
    "readdir": ("number of names", "list of names"),
    "readlink": ("target",),
    "seek": ("place",),
    "utimens": ("atime",),
    "write": ("length",),
    "writev": ("length",),
}
"""What the values of a success are, by the operation's keyword, in their order."""


@dataclass(frozen=True)
class Divergence:
    """One difference between what was expected and what was seen.

    ``kind`` says of what: the ``result`` of operation ``index``, the ``tree`` after the last one,
    or, in ``persistence``, the tree after a remount, which is compared with the one before.
    ``attribute`` is the fact of ``path`` that differs, ``error``, or the name of a value;
    ``expected`` and ``actual`` are the whole result of an operation, in words as ``result_words``
    gives them, or the fact's values.

    ``culprit`` is the operation that made the difference, where that is known. ``doubtful`` means
    that a sound filesystem may do so if the culprit had nothing to change.
    """

    kind: str
    index: int | None
    path: str
    attribute: str
    expected: str
    actual: str
    title: str
    culprit: int | None = None
    problem: str = ""
    doubtful: bool = False

    def blaming(
        self, operation: Operation, culprit: int, *, doubtful: bool = False
    ) -> "Divergence":
        """The same, made by ``operation``, which its title names; ``culprit`` is its number."""
        title = title_of(self.problem, operation.keyword)
        return replace(self, culprit=culprit, title=title, doubtful=doubtful)


def title_of(problem: str, keyword: str = "") -> str:
    """What a finding is called; ``keyword`` is that of the operation which made the difference."""
    return f"differential: {keyword}: {problem}" if keyword else f"differential: {problem}"


def result_words(outcome: Outcome) -> str:
    """An operation's outcome: its error, its values, or ``success`` where it has none."""
    return outcome.error or " ".join(outcome.value) or SUCCESS


def problem_of_errors(expected: Outcome, actual: Outcome) -> str:
    """How two results differ of which at least one is an error."""
    return f"{actual.error or SUCCESS} instead of {expected.error or SUCCESS}"


def problem_of_fact(name: str, kind: str) -> str:
    """How two files of the same kind differ."""
    return f"a {kind_words(kind)} has another {FACT_WORDS.get(name, name)}"


def problem_of_kinds(expected: str, actual: str) -> str:
    """How the kinds of what a path leads to differ."""
    if actual == ABSENT:
        return f"a {kind_words(expected)} is missing"
    if expected == ABSENT:
        return f"a {kind_words(actual)} is there that should not be"
    return f"a {kind_words(actual)} instead of a {kind_words(expected)}"


def kind_words(kind: str) -> str:
    return KIND_WORDS.get(kind, kind)


def value_name(keyword: str, place: int) -> str:
    """What a value of an operation's success is called."""
    names = VALUE_NAMES.get(keyword, ())
    return names[place] if place < len(names) else "result"
