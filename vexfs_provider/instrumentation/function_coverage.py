"""Which functions of a module were called, in one guest after another.

Distributions build their kernels without ftrace's function profile (CONFIG_FUNCTION_PROFILER), so a
small module of ours, ``deps/modules/coverage``, is ftrace's client. It follows another module from
its load on, and code that is built into the kernel from when it is asked to. Its notes are read in
the guest's memory, so that a crash does not cost them.

What tracepoints are made of is not counted: the kernel's macros write it, only a trace calls it.

What it cannot see: functions that were inlined, or compiled not to be traced (``notrace``); of what
is built in, what ran before it was inserted, and functions that share their name with others.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vexfs_provider.errors import DeadlineExpired, GuestError, NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.memory import read_memory

NEEDS = ("CONFIG_FUNCTION_TRACER", "CONFIG_DYNAMIC_FTRACE", "CONFIG_MODULES")
SHOWN = 50  # names in a record; all are in the artefact

_OF_TRACEPOINTS = re.compile(
    "(__traceiter|trace_event_raw_event|trace_raw_output|perf_trace|__bpf_trace|__probestub)_"
)
_CODE = "function_coverage"
_OBJECT = "/run/vexfs/modules/vexfs_coverage.ko"
_DEVICE = "/dev/vexfs_coverage"
_TIMEOUT_S = 120.0  # without KVM a few seconds


@dataclass
class Functions:
    """Those of a module in one kernel: whether each was called, and what is not known."""

    called: dict[str, bool] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)

    @property
    def uncovered(self) -> list[str]:
        """Functions that nobody called, by name."""
        return sorted(name for name, called in self.called.items() if not called)

    def add(self, names: Iterable[str], notes: bytes) -> None:
        """Add what one guest has noted, a byte a function."""
        for name, note in zip(names, notes, strict=True):
            if not _OF_TRACEPOINTS.match(name):
                self.called[name] = bool(note) or self.called.get(name, False)

    def limit(self, text: str) -> None:
        """Note, once, what is not known."""
        if text not in self.limits:
            self.limits.append(text)


@dataclass(frozen=True)
class _Followed:
    """What is followed in the guest of the moment, and where its notes are."""

    names: tuple[str, ...]
    place: int
    functions: Functions


class FunctionCoverage:
    """The functions of ``module``; ``kernels`` has them by the kernel's release."""

    def __init__(self, module: str):
        self.module = module
        self.kernels: dict[str, Functions] = {}
        self._followed: _Followed | None = None

    def insert(self, guest: Guest, helper: bytes) -> None:
        """Insert ``helper`` into a guest that may have it already; the module's load is next.

        Raises ``NotApplicable`` if the kernel does not take it.
        """
        if guest.run(["test", "-e", _DEVICE], timeout_s=_TIMEOUT_S).ok:
            return
        guest.put(_OBJECT, helper)
        result = guest.run(["insmod", _OBJECT, f"watch={self.module}"], timeout_s=_TIMEOUT_S)
        if not result.ok:
            raise NotApplicable(
                f"kernel {guest.kernel_release} cannot tell which functions are called: "
                f"{result.text.strip()}"
            )

    def follow(self, guest: Guest) -> None:
        """After the load: learn what is followed. Raises ``NotApplicable`` if nothing can be."""
        guest.load_code(_CODE)
        told: Mapping[str, Any] = guest.call(_CODE, "follow", _TIMEOUT_S, name=self.module)
        if told["error"]:
            raise NotApplicable(
                f"kernel {guest.kernel_release} cannot tell which functions of {self.module} "
                f"are called: {told['error']}"
            )
        functions = self.kernels.setdefault(guest.kernel_release, Functions())
        if told["unsure"]:
            functions.limit(f"{told['unsure']} functions share their name with another: left out")
        names = numbered(told["names"])
        functions.add(names, bytes(len(names)))
        self._followed = _Followed(names, told["place"], functions)

    def collect(self, guest: Guest) -> None:
        """Add what the guest has noted; to be called before it ends, boots or goes back in time."""
        followed = self._followed
        if followed is None:
            return
        try:
            size = len(followed.names)
            notes = read_memory(guest.machine, followed.place, size, guest.folder)
            followed.functions.add(followed.names, notes)
        except (GuestError, DeadlineExpired, OSError, ValueError) as error:
            followed.functions.limit(f"a guest took with it what it had called last: {error}")

    def forget_guest(self) -> None:
        """The guest is gone, or boots: its memory is another's."""
        self._followed = None

    def summary(self) -> list[dict[str, Any]]:
        """JSON values for the record: counts, the first uncovered names, limits."""
        return [
            {**entry, "uncovered": entry["uncovered"][:SHOWN], "called": len(entry["called"])}
            for entry in self.to_list()
        ]

    def to_list(self) -> list[dict[str, Any]]:
        """JSON values for the artefact: all names, for each kernel that guests had."""
        return [
            {
                "module": self.module,
                "kernel_release": release,
                "functions": len(functions.called),
                "called": sorted(name for name, called in functions.called.items() if called),
                "uncovered": functions.uncovered,
                "limits": functions.limits,
            }
            for release, functions in self.kernels.items()
        ]


def numbered(names: Iterable[str]) -> tuple[str, ...]:
    """The names, in the order of their addresses; a second one of a name becomes ``name (2)``.

    Static functions of different files may have the same name.
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)
