"""Record perf events in a guest: tracepoints and a sampling clock, with call chains."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vexfs_provider.errors import NotApplicable
from vexfs_provider.instrumentation.perf_records import Lost, Record, Sample, read_records
from vexfs_provider.instrumentation.trace_events import task_names

RECORDER = "perf_recorder"
SAVED_LIMIT = 24 << 20  # bytes of records in the guest's memory
_PIECE = 8 << 20
_KERNEL_IMAGE = 0xFFFFFFFF80000000  # and its modules (Documentation/x86/x86_64/mm.rst)
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 120.0


class TracedGuest(Protocol):
    """What a guest must be able to; see ``guest.Guest``."""

    kernel_release: str

    def load_code(self, name: str) -> None: ...

    def call(self, module: str, function: str, timeout_s: float, **arguments: Any) -> Any: ...

    def get(self, path: str, *, offset: int = 0, size: int = 16 << 20) -> bytes: ...


@dataclass(frozen=True)
class Event:
    """What to record under a name: a tracepoint (``sched/sched_switch``), or a clock's ticks.

    ``chain`` asks for the kernel's call chain, ``condition`` is about the tracepoint's fields.
    """

    name: str
    tracepoint: str = ""
    period_ns: int = 0
    chain: bool = False
    condition: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As the guest's side wants it."""
        what: dict[str, Any] = {"name": self.name, "chain": self.chain}
        if self.period_ns:
            return what | {"period_ns": self.period_ns}
        condition = {"filter": self.condition} if self.condition else {}
        return what | condition | {"tracepoint": self.tracepoint}


@dataclass(frozen=True)
class Recording:
    """The samples by time, the names of threads, and in words what was not recorded."""

    samples: Sequence[Sample]
    tasks: Mapping[int, str]
    limits: tuple[str, ...]


class Recorder:
    """One recording, under a name of its own in the guest."""

    def __init__(self, name: str, events: Sequence[Event]):
        self._name = name
        self._events = events
        self._told: dict[str, Any] = {}

    def start(self, guest: TracedGuest) -> None:
        """Begin. Raises ``NotApplicable`` where the kernel cannot."""
        guest.load_code(RECORDER)
        events = [event.to_dict() for event in self._events]
        arguments = {"recording": self._name, "events": events, "limit": SAVED_LIMIT}
        self._told = guest.call(RECORDER, "start", _START_TIMEOUT_S, **arguments)
        if self._told["error"]:
            raise NotApplicable(f"kernel {guest.kernel_release}: {self._told['error']}")

    def stop(self, guest: TracedGuest) -> Recording:
        """End it, and what was recorded."""
        summary = guest.call(RECORDER, "stop", _STOP_TIMEOUT_S, recording=self._name)
        data = fetch(guest, summary["path"], summary["size"])
        guest.call(RECORDER, "remove", _STOP_TIMEOUT_S, recording=self._name)
        names = {int(number): name for number, name in summary["events"].items()}
        layouts = self._told["formats"]
        formats = {e.name: layouts[e.tracepoint] for e in self._events if e.tracepoint}
        chained = {event.name for event in self._events if event.chain}
        records = read_records(data, names, formats, chained)
        tasks = {int(thread): name for thread, name in self._told["tasks"].items()}
        return Recording(
            [record for record in records if isinstance(record, Sample)],
            task_names(tasks, records),
            tuple(_limits(records, full=summary["full"])),
        )


def _limits(records: Sequence[Record], *, full: bool) -> list[str]:
    found = []
    lost = sum(record.count for record in records if isinstance(record, Lost))
    if lost:
        found.append(f"{lost} records were lost: more came than could be saved")
    if full and records:
        seconds = (records[-1].time_ns - records[0].time_ns) / 1e9
        found.append(f"it ends after {seconds:.0f} s: {SAVED_LIMIT >> 20} MiB were full")
    return found


def fetch(guest: TracedGuest, path: str, size: int) -> bytes:
    """A file of the guest of any size."""
    pieces = range(0, size, _PIECE)
    return b"".join(guest.get(path, offset=offset, size=_PIECE) for offset in pieces)


def symbols(guest: TracedGuest, samples: Iterable[Sample]) -> dict[int, str]:
    """The function of the kernel of each address in the samples' call chains."""
    # Behind the first one are addresses that calls return to: maybe those of the next function.
    wanted: dict[int, int] = {}
    for sample in samples:
        wanted |= {address: max(address - 1, 0) for address in sample.chain[1:]}
        wanted |= {address: address for address in sample.chain[:1]}
    if not wanted:
        return {}
    arguments = {"addresses": sorted(set(wanted.values()))}
    told = guest.call(RECORDER, "function_names", _STOP_TIMEOUT_S, **arguments)
    return {a: told[str(asked)] for a, asked in wanted.items() if str(asked) in told}


def variables(guest: TracedGuest, addresses: Iterable[int]) -> dict[int, str]:
    """The kernel's variable of each address, of those that lie in one."""
    static = sorted(address for address in addresses if address >= _KERNEL_IMAGE)
    if not static:
        return {}
    arguments = {"addresses": static, "kinds": "dDbBrR"}
    told = guest.call(RECORDER, "function_names", _STOP_TIMEOUT_S, **arguments)
    return {int(address): name for address, name in told.items()}
