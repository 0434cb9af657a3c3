"""Which locks tasks have waited for, where and how long: tracepoints, and lock_stat where it is.

A lock that was free when it was asked for is not seen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.instrumentation.instrument import Artefact, Instrument, Subject, with_limits
from vexfs_provider.instrumentation.perf_records import Sample
from vexfs_provider.instrumentation.recorder import Event, Recorder, symbols, variables

FILE = "lock_contention.txt"
SHOWN = 60
CALLERS = 4
BEGIN, END = "lock/contention_begin", "lock/contention_end"  # since Linux 5.19
STATISTICS_LINES = 200  # those of the most contended classes
_CODE = "lock_stat"
_TIMEOUT_S = 60.0

# Flags of the tracepoint (include/trace/events/lock.h), named as perf-lock(1) does.
_SPIN, _READ, _WRITE, _RT, _PERCPU, _MUTEX = (1 << bit for bit in range(6))
_KINDS = {
    0: "semaphore",
    _SPIN: "spinlock",
    _SPIN | _READ: "rwlock:R",
    _SPIN | _WRITE: "rwlock:W",
    _READ: "rwsem:R",
    _WRITE: "rwsem:W",
    _RT: "rt-mutex",
    _PERCPU | _READ: "pcpu-sem:R",
    _PERCPU | _WRITE: "pcpu-sem:W",
    _MUTEX: "mutex",
    _MUTEX | _SPIN: "mutex",
}
# Functions of locks themselves; who calls them is what is of interest.
_LOCKS = ("mutex", "rwsem", "down", "raw_", "native_queued", "queued", "pv_queued", "percpu_down")


@dataclass
class Waits:
    """Those for one lock at one place, in nanoseconds."""

    times_ns: list[int] = field(default_factory=list)

    def in_words(self) -> str:
        spent, most = sum(self.times_ns) / 1000, max(self.times_ns) / 1000
        return f"{spent:>12.0f} us {len(self.times_ns):>6} times, at most {most:>10.0f} us"


@dataclass(frozen=True)
class Place:
    """A lock, its kind and who has asked for it, the innermost first."""

    lock: str
    kind: str
    callers: tuple[str, ...]


class LockContention(Instrument):
    """Waits for locks, those of the longest time first."""

    def __init__(self, subject: Subject):
        super().__init__(subject)
        # The ends first: a wait whose beginning alone is recorded would seem to last for ever.
        events = (Event(END, tracepoint=END), Event(BEGIN, tracepoint=BEGIN, chain=True))
        self._recorder = Recorder("lock_contention", events)
        self._refusal = ""
        self._statistics = False

    def start(self, guest: Guest) -> None:
        guest.load_code(_CODE)
        self._statistics = guest.call(_CODE, "start", _TIMEOUT_S)
        try:
            self._recorder.start(guest)
        except NotApplicable as reason:
            if not self._statistics:
                raise NotApplicable(f"{reason}, and no lock_stat (CONFIG_LOCK_STAT)") from reason
            self._refusal = str(reason)

    def stop(self, guest: Guest) -> Artefact:
        limits = [f"waits are not timed one by one: {self._refusal}"] if self._refusal else []
        text = ""
        if not self._refusal:
            recording = self._recorder.stop(guest)
            limits += recording.limits
            found = list(waits(recording.samples))
            locks = variables(guest, {int(sample.fields["lock_addr"]) for sample, _ in found})
            functions = symbols(guest, [sample for sample, _ in found])
            text = table(found, locks, functions)
        if self._statistics:
            limits.append("waits of some microseconds may be none: lockdep has no fast path")
            lines = guest.call(_CODE, "stop", _TIMEOUT_S).splitlines()
            text += "\n".join(["", "lock_stat:", *lines[:STATISTICS_LINES], ""])
        return Artefact({FILE: with_limits(tuple(limits), text)}, tuple(limits))


def waits(samples: Iterable[Sample]) -> Iterator[tuple[Sample, int]]:
    """The beginning of each wait, and its nanoseconds.

    A mutex tells of a beginning twice, where it first spins and then sleeps; behind any other
    beginning an end is missing.
    """
    begun: dict[tuple[int, object], Sample] = {}
    for sample in samples:
        key = sample.thread, sample.fields["lock_addr"]
        if sample.event == BEGIN:
            first = begun.get(key)
            if first is None or not _goes_to_sleep(first, sample):
                begun[key] = sample
        elif key in begun:
            first = begun.pop(key)
            yield first, sample.time_ns - first.time_ns


def _goes_to_sleep(first: Sample, second: Sample) -> bool:
    return int(first.fields["flags"]) == _MUTEX | _SPIN and int(second.fields["flags"]) == _MUTEX


def table(
    found: Sequence[tuple[Sample, int]], locks: Mapping[int, str], functions: Mapping[int, str]
) -> str:
    """A line for each lock and place, the longest waits first."""
    places: dict[Place, Waits] = {}
    for sample, spent_ns in found:
        address = int(sample.fields["lock_addr"])
        kind = _KINDS.get(int(sample.fields["flags"]), "lock")
        names = [functions.get(one, f"{one:#x}") for one in sample.chain]
        place = Place(locks.get(address, f"{address:#x}"), kind, callers(names))
        places.setdefault(place, Waits()).times_ns.append(spent_ns)
    rows = sorted(places.items(), key=lambda item: -sum(item[1].times_ns))
    lines = [
        f"{waits.in_words()}  {place.kind} {place.lock}: {' <- '.join(place.callers)}"
        for place, waits in rows[:SHOWN]
    ]
    head = f"Waits for locks: {len(found)} at {len(rows)} places; the {SHOWN} longest in sum."
    return "\n".join([head, *lines, ""])


def callers(names: Sequence[str]) -> tuple[str, ...]:
    """Who asks for the lock, without the functions of locks themselves."""
    place = 0
    while place < len(names) - 1 and names[place].lstrip("_").startswith(_LOCKS):
        place += 1
    return tuple(names[place : place + CALLERS])
