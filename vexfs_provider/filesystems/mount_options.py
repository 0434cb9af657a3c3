"""The mount options that a filesystem documents: the table ``[documented_options]`` of a profile.

    source = "Linux 6.1: Documentation/admin-guide/xfs.rst"
    choices = [                     # each a list of values of which a mount has one at most
        ["discard", "nodiscard"],
        ["logbufs=2", "logbufs=8"],
        ["norecovery"],
    ]
    conflicts = [["noquota", "uquota"]]     # pairs that the documentation rules out

    [documented_options.needs]              # what a value is only valid with
    norecovery = ["ro"]

    [documented_options.needs_kernel]       # the kernel's option that a value needs
    uquota = "CONFIG_XFS_QUOTA"

    [documented_options.untested]           # what is left out, and why
    logdev = "needs a second device"

A value is one word as after ``mount -o``. ``needs`` and ``conflicts`` may also name the options
that all filesystems share (``COMMON_CHOICES``).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COMMON_CHOICES = (
    ("rw", "ro"),
    ("nosuid",),
    ("nodev",),
    ("noexec",),
    ("noatime", "relatime", "strictatime"),
    ("nodiratime",),
    ("sync",),
    ("dirsync",),
    ("lazytime",),
)
"""What mount(8) lists as filesystem-independent and mount(2) has flags for."""

Choices = tuple[tuple[str, ...], ...]

_OPTION = re.compile(r"[A-Za-z][\w-]*(=[\w.:/%+-]+)?")
_CONFIG = re.compile(r"CONFIG_\w+")
_KEYS = ("source", "choices", "conflicts", "needs", "needs_kernel", "untested")


@dataclass(frozen=True)
class MountOptions:
    """See the module; ``conflicts`` are sets of two values."""

    source: str
    choices: Choices
    conflicts: frozenset[frozenset[str]] = frozenset()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs_kernel: Mapping[str, str] = field(default_factory=dict)
    untested: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_choices(self) -> Choices:
        """Those that all filesystems share, then its own."""
        return (*COMMON_CHOICES, *self.choices)

    def with_needs(self, values: Iterable[str]) -> tuple[str, ...]:
        """The values with what they need, each once and in the order of ``all_choices``."""
        wanted = set(values)
        while missing := {need for one in wanted for need in self.needs.get(one, ())} - wanted:
            wanted |= missing
        return tuple(one for choice in self.all_choices for one in choice if one in wanted)

    def valid(self, values: Iterable[str]) -> bool:
        """Whether a mount may have all of these, with what they need."""
        chosen = set(self.with_needs(values))
        one_each = all(len(chosen & set(choice)) <= 1 for choice in self.all_choices)
        return one_each and not any(pair <= chosen for pair in self.conflicts)


def read_mount_options(table: Any) -> MountOptions:
    """The options in a table of a profile. Raises ``ValueError`` with what must be there."""
    if not isinstance(table, dict) or not table.keys() <= set(_KEYS):
        raise ValueError(f"a table with some of the keys {', '.join(_KEYS)}")
    source = table.get("source")
    if not isinstance(source, str) or not source:
        raise ValueError("a table whose key source names where the options are documented")
    choices = tuple(_words("choices", choice) for choice in table.get("choices", ()))
    common = [value for choice in COMMON_CHOICES for value in choice]
    known = common + [value for choice in choices for value in choice]
    for value in known:
        if known.count(value) > 1:
            raise ValueError(f"a table whose choices name each value once, not {value!r} again")
    conflicts = [_words("conflicts", pair, known) for pair in table.get("conflicts", ())]
    if any(len(set(pair)) != 2 for pair in conflicts):
        raise ValueError("a table whose conflicts are pairs of different values")
    needs = table.get("needs", {})
    options = MountOptions(
        source,
        choices,
        frozenset(map(frozenset, conflicts)),
        {_known("needs", one, known): _words("needs", needs[one], known) for one in needs},
        _texts("needs_kernel", table.get("needs_kernel", {}), known, _CONFIG),
        _texts("untested", table.get("untested", {}), None, re.compile(r"(?s).+")),
    )
    for value in known:
        if not options.valid([value]):
            raise ValueError(f"a table that rules out no value by its own needs, as {value!r}")
    return options


def _words(key: str, words: Any, known: Sequence[str] | None = None) -> tuple[str, ...]:
    if not isinstance(words, list) or not words:
        raise ValueError(f"a table whose {key} are lists of options, not empty")
    return tuple(_known(key, word, known) for word in words)


def _known(key: str, word: Any, known: Sequence[str] | None) -> str:
    if not isinstance(word, str) or not _OPTION.fullmatch(word):
        raise ValueError(f"a table whose {key} name options as after mount -o, not {word!r}")
    if known is not None and word not in known:
        raise ValueError(f"a table whose {key} name values of its choices, not {word!r}")
    return word


def _texts(
    key: str, table: Any, known: Sequence[str] | None, allowed: re.Pattern[str]
) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ValueError(f"a table whose {key} is a table")
    for name, text in table.items():
        _known(key, name, known)
        if not isinstance(text, str) or not allowed.fullmatch(text):
            raise ValueError(f"a table whose {key} say for {name} what is needed, or why, as text")
    return dict(table)
