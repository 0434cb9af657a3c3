"""What a console, or a scenario, gives as evidence that something is wrong: the ``Finding``."""

import enum
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vexfs_provider.errors import UsageError

EVIDENCE_LIMIT = 8192  # characters of one excerpt: a whole oops, and the result record stays small


TITLE_LIMIT = 120  # characters; a line that two writers share can be very long


class Severity(enum.IntEnum):
    """How bad a finding is; written as its lower-case name."""

    INFO = 10
    WARNING = 20
    ERROR = 30
    CRITICAL = 40

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def from_label(cls, label: object) -> "Severity":
        for severity in cls:
            if severity.label == label:
                return severity
        allowed = ", ".join(severity.label for severity in cls)
        raise UsageError(f"finding: severity is {label!r}; allowed: {allowed}")


@dataclass(frozen=True)
class Evidence:
    """An excerpt that a finding stands on.

    ``source`` is a file of the test's log folder such as ``console.log``, or ``scenario``;
    ``offset`` is the excerpt's first byte in that file and ``line`` the number of its first line,
    from 1; None where there is no file. A longer ``text`` is cut to ``EVIDENCE_LIMIT`` characters.
    """

    source: str
    text: str
    offset: int | None = None
    line: int | None = None

    def __post_init__(self) -> None:
        if len(self.text) > EVIDENCE_LIMIT:
            object.__setattr__(self, "text", self.text[:EVIDENCE_LIMIT])


@dataclass(frozen=True)
class Finding:
    """One thing that went wrong, under a title that is the same for the same bug tomorrow.

    ``kind`` is the class of the bug (``null-deref``, ``hung-task``, ``ext4-error`` ...), ``frame``
    the kernel function held responsible, ``confidence`` a probability: of what a rule found that of
    the classifier, at least ``verdict.SURE``.
    ``expected``: the scenario provoked it; ``known``: the list of known failures has it.
    ``count`` is how often it was seen, ``evidence`` shows the first time; ``cause`` is a hint at
    what led to it, or empty. ``type`` is the class of the crash as syzkaller names it,
    ``alt_titles`` are other names of the same bug; ``corrupted``: the report is truncated or mixed
    with another, so title and frame may be wrong.
    """

    title: str
    kind: str
    frame: str | None
    severity: Severity
    confidence: float = 1.0
    expected: bool = False
    known: bool = False
    count: int = 1
    evidence: tuple[Evidence, ...] = ()
    recommendation: str = ""
    cause: str = ""
    type: str | None = None
    alt_titles: tuple[str, ...] = ()
    corrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; ``from_dict`` reads them back."""
        evidence = [asdict(piece) for piece in self.evidence]
        return {
            **asdict(self),
            "severity": self.severity.label,
            "evidence": evidence,
            "alt_titles": list(self.alt_titles),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Finding":
        """The finding that ``to_dict`` wrote.

        Raises ``UsageError`` naming the field that is missing, unknown or of the wrong type.
        """
        fields = _checked(data, _FINDING_TYPES, "finding", required=_FINDING_REQUIRED)
        fields["severity"] = Severity.from_label(fields["severity"])
        if not 0 <= fields.get("confidence", 1.0) <= 1:
            raise UsageError(f"finding: confidence is {fields['confidence']!r}; allowed: 0 to 1")
        fields["evidence"] = tuple(
            Evidence(**_checked(piece, _EVIDENCE_TYPES, "evidence", required=_EVIDENCE_REQUIRED))
            for piece in fields.get("evidence", ())
        )
        fields["alt_titles"] = tuple(fields.get("alt_titles", ()))
        if not all(isinstance(title, str) for title in fields["alt_titles"]):
            raise UsageError(f"finding: alt_titles is {fields['alt_titles']!r}; allowed: strings")
        return cls(**fields)


_Types = Mapping[str, tuple[type, ...]]

_FINDING_TYPES: _Types = {
    "title": (str,),
    "kind": (str,),
    "frame": (str, type(None)),
    "severity": (str,),
    "confidence": (float, int),
    "expected": (bool,),
    "known": (bool,),
    "count": (int,),
    "evidence": (list, tuple),
    "recommendation": (str,),
    "cause": (str,),
    "type": (str, type(None)),
    "alt_titles": (list, tuple),
    "corrupted": (bool,),
}
_FINDING_REQUIRED = ("title", "kind", "frame", "severity")
_EVIDENCE_TYPES: _Types = {
    "source": (str,),
    "text": (str,),
    "offset": (int, type(None)),
    "line": (int, type(None)),
}
_EVIDENCE_REQUIRED = ("source", "text")


def _checked(
    data: object, types: _Types, what: str, *, required: tuple[str, ...]
) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise UsageError(f"{what}: {data!r} is no object; allowed: one with {', '.join(types)}")
    for name in required:
        if name not in data:
            raise UsageError(f"{what}: field {name!r} is missing")
    for name, value in data.items():
        if name not in types:
            raise UsageError(f"{what}: unknown field {name!r}; allowed: {', '.join(types)}")
        # bool is an int to Python, but not where a count or an offset is wanted
        if not isinstance(value, types[name]) or (
            isinstance(value, bool) and bool not in types[name]
        ):
            allowed = " or ".join(kind.__name__ for kind in types[name])
            raise UsageError(f"{what}: {name} is {value!r}; allowed: {allowed}")
    return dict(data)


_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\+0x[0-9a-f]+(?:/0x[0-9a-f]+)?"), ""),
    (re.compile(r"\.(?:isra|part|cold|constprop|llvm)(?:\.\d+)?\b"), ""),
    (re.compile(r"(\.[chS])(?::\d+)+\b"), r"\1:LINE"),
    (re.compile(r"\bCPU#\d+"), "CPU"),
    (re.compile(r"\b0x[0-9a-f]+\b"), "ADDR"),
    (re.compile(r"\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,}\b"), "ADDR"),
    (re.compile(r"/dev/mapper/[\w+-]+(?:\.[\w+-]+)*"), "/dev/DEV"),
    # disks and partitions; the journal of one is called "vdb-8"
    (
        re.compile(r"\b(?:(?:sd|vd|hd|xvd)[a-z]{1,3}\d*|nvme\d+(?:n\d+)?(?:p\d+)?)(?:-\d+)?\b"),
        "DEV",
    ),
    (re.compile(r"\b(?:(?:loop|nbd|ram|md|zram|mmcblk)\d+(?:p\d+)?|dm-\d+)(?:-\d+)?\b"), "DEV"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "IP"),
    (re.compile(r"\b\d+\b"), "NUM"),
    (re.compile(r"\s+"), " "),
)


_CUTS = 8


def normalise_title(title: str) -> str:
    """The title without what varies from run to run, so that the same bug has the same title.

    Offsets in functions and compiler suffixes go; addresses become ADDR, numbers (pids, sectors,
    inodes) NUM, block devices DEV, identifiers of filesystems UUID. Numbers inside a name stay
    (``ip6_fragment``). It has ``TITLE_LIMIT`` characters at most. Applying it twice changes nothing
    more.
    """
    for _ in range(_CUTS):
        plain = _without_varying(title)[:TITLE_LIMIT].rstrip()
        if plain == title:
            break
        title = plain  # the cut may have left a number of what was a name
    return title


def _without_varying(title: str) -> str:
    for pattern, replacement in _VARYING:
        title = pattern.sub(replacement, title)
    return title.strip()
