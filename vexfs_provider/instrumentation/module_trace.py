"""Trace the locks that a module takes in a guest, and accesses to its variables.

Locks are seen by kprobes at the module's own calls of lock functions, variables by hardware
breakpoints (debug registers), two objects at most. Both work on stock kernels and without KVM.

What it cannot see: locks that others take around the module's functions; semaphores, RCU, bit locks
and sequence counters; what the module did before the trace began, its start above all; variables
that are not static, and single fields of allocated objects. A module that is loaded again while it
is traced keeps its probes, but its locks lose their names and its objects are no longer watched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vexfs_provider.detection.races_events import (
    Access,
    Event,
    LockEvent,
    Signal,
    in_words,
)
from vexfs_provider.errors import BuildError, NotApplicable, UsageError
from vexfs_provider.instrumentation.instructions import WritingInstructions, writing
from vexfs_provider.instrumentation.module_object import ModuleObject
from vexfs_provider.instrumentation.perf_records import Lost, Record, Sample, read_records
from vexfs_provider.instrumentation.probes import lock_sites, probe_lines
from vexfs_provider.instrumentation.recorder import RECORDER, TracedGuest, fetch
from vexfs_provider.instrumentation.trace_events import (
    ACCESS,
    SIGNALS,
    WRITE,
    Names,
    Translation,
    task_names,
)

MOST_OBJECTS = 2  # x86 has four debug registers; reads and writes take one each
SAVED_LIMIT = 32 << 20  # bytes of records in the guest's memory, 300 000 to 500 000 of them
_CODE = "module_trace"
_RECORDING = "locks"
_START_TIMEOUT_S = 600.0  # without KVM, 0.06 s for each probe of a module as large as xfs
_STOP_TIMEOUT_S = 300.0
_TELL_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Trace:
    """What was seen, sorted by time, and in ``limits`` what could not be, in words."""

    events: tuple[Event, ...]
    limits: tuple[str, ...]

    def in_words(self) -> str:
        """A file for people: limits first, then a line for each lock and access."""
        shown = [in_words(event) for event in self.events if not isinstance(event, Signal)]
        return "\n".join([*(f"# {limit}" for limit in self.limits), *shown, ""])


class ModuleTrace:
    """One trace of a loaded module. ``data`` is the content of its file, ``name`` the file's name.

    ``objects`` are ``SYMBOL`` or ``SYMBOL+OFFSET``, of static variables of the module. Raises
    ``UsageError`` for one that is not there, and for a file that is no module.
    """

    def __init__(self, guest: TracedGuest, data: bytes, name: str, objects: Sequence[str] = ()):
        self._guest = guest
        self._data = data
        self._module = ModuleObject(data, name)
        if len(objects) > MOST_OBJECTS:
            raise UsageError(
                f"objects to trace: {' '.join(objects)}; allowed: at most {MOST_OBJECTS}"
            )
        self._objects = {text: self._module.find(text) for text in objects}
        self._sites, self._limits = lock_sites(self._module)
        self._bases: dict[str, int] = {}
        self._told: dict[str, Any] = {}

    def start(self) -> None:
        """Begin. Raises ``NotApplicable`` where the module is not loaded or the kernel cannot."""
        guest, name = self._guest, self._module.name
        guest.load_code(_CODE)
        self._bases = guest.call(_CODE, "section_bases", _TELL_TIMEOUT_S, loaded=name)
        if not self._bases:
            raise NotApplicable(f"module {name} is not loaded, so its locks cannot be traced")
        watched = [
            [text, self._bases[place.section] + place.offset, place.size]
            for text, place in self._objects.items()
        ]
        self._told = guest.call(
            _CODE,
            "start",
            _START_TIMEOUT_S,
            probes=probe_lines(name, self._sites),
            tracepoints=list(SIGNALS) if watched else [],
            breakpoints=watched,
            limit=SAVED_LIMIT,
        )
        if self._told["error"]:
            raise NotApplicable(
                f"kernel {guest.kernel_release} cannot trace locks: {self._told['error']}"
            )

    def stop(self) -> Trace:
        """End it, and what was seen; after records were lost nothing is believed any more."""
        summary = self._guest.call(_CODE, "stop", _STOP_TIMEOUT_S)
        data = fetch(self._guest, summary["path"], summary["size"])
        self._guest.call(RECORDER, "remove", _TELL_TIMEOUT_S, recording=_RECORDING)
        events = {int(number): name for number, name in summary["events"].items()}
        records, lost = _until_loss(read_records(data, events, self._told["formats"]))
        limits = [*self._limits, *self._refusals(), *lost]
        if summary["full"]:
            limits.append(f"the trace ends early: {SAVED_LIMIT >> 20} MiB were full")
        names = self._names(records, limits)
        found = Translation(self._sites, names).events(records)
        return Trace(tuple(found), (*limits, *_unseen(found, self._objects)))

    def _refusals(self) -> list[str]:
        probes = [f"not probed: {line}: {why}" for line, why in self._told["refused"]]
        return probes + [f"not watched: {name}: {w}" for name, w in self._told["unwatched"].items()]

    def _names(self, records: Sequence[Record], limits: list[str]) -> Names:
        tasks = {int(thread): name for thread, name in self._told["tasks"].items()}
        hits = {
            record.instruction
            for record in records
            if isinstance(record, Sample) and record.event.startswith((WRITE, ACCESS))
        }
        outside = sorted(hit - 1 for hit in hits if self._place(hit - 1) is None)
        told: dict[str, str] = {}
        if outside:
            arguments = {"addresses": outside}
            told = self._guest.call(RECORDER, "function_names", _TELL_TIMEOUT_S, **arguments)
        written = self._writing(limits) if hits else WritingInstructions()
        return Names(
            tasks=task_names(tasks, records),
            function=self._symbol,
            variable=self._symbol,
            outside={int(address): name for address, name in told.items()},
            writes=lambda address: self._place(address) in written.ends,
            writes_next=lambda call: call.end in written.starts,
        )

    def _writing(self, limits: list[str]) -> WritingInstructions:
        try:
            return writing(self._data)
        except BuildError as error:
            limits.append(f"updates of an object in place may be taken for reads: {error}")
            return WritingInstructions()

    def _symbol(self, address: int) -> str | None:
        place = self._place(address)
        return self._module.symbol_in(*place) if place else None

    def _place(self, address: int) -> tuple[str, int] | None:
        """Section and offset of an address in the module."""
        for section, size in self._sizes.items():
            base = self._bases.get(section)
            if base is not None and base <= address < base + size:
                return section, address - base
        return None

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        return self._module.sections()


def _until_loss(records: list[Record]) -> tuple[list[Record], list[str]]:
    """The records before the first loss: behind it nobody knows who holds what.

    The kernel tells of a loss in the next record of that processor: it began after the last one.
    """
    total, end = 0, len(records)
    behind: dict[int, int] = {}  # the last record of each processor
    for place, record in enumerate(records):
        if isinstance(record, Lost):
            total += record.count
            end = min(end, behind.get(record.cpu, 0))
        behind[record.cpu] = place + 1
    if end == len(records):
        return records, []
    what = f"{total} records were lost; {end} of {len(records)}, before the loss, are used"
    return records[:end], [what]


def _unseen(events: Sequence[Event], objects: Iterable[str]) -> list[str]:
    """What never happened while it was traced, so that nothing was checked."""
    accessed = {event.object for event in events if isinstance(event, Access)}
    unseen = [f"{name} was never accessed" for name in objects if name not in accessed]
    if not any(isinstance(event, LockEvent) for event in events):
        unseen.append("no lock was taken that is followed")
    return unseen
