"""From the kernel's records to events of locks and objects, as ``detection.races`` wants them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vexfs_provider.detection.races_events import Access, Event, LockAction, LockEvent, Signal
from vexfs_provider.instrumentation.contexts import Contexts, number
from vexfs_provider.instrumentation.lock_classes import LockClasses
from vexfs_provider.instrumentation.lock_functions import Success
from vexfs_provider.instrumentation.module_object import CallSite, Way
from vexfs_provider.instrumentation.perf_records import Forked, Named, Record, Sample
from vexfs_provider.instrumentation.probes import INITIALISE, RELEASE, TAKE, TAKEN, LockSite

WAKING = "sched/sched_waking"
QUEUED, STARTED = "workqueue/workqueue_queue_work", "workqueue/workqueue_execute_start"
SIGNALS = (WAKING, QUEUED, STARTED)
WRITE, ACCESS = "write:", "access:"  # begin the names of breakpoints, the object's name follows


@dataclass(frozen=True)
class Names:
    """How numbers are called: tasks by thread, functions and variables by address.

    ``function`` and ``variable`` are None where the address is not in the module, ``outside`` has
    the kernel's functions. ``writes`` says of the address behind an instruction of the module
    whether that instruction writes memory, ``writes_next`` of the one behind a call.
    """

    tasks: Mapping[int, str]
    function: Callable[[int], str | None]
    variable: Callable[[int], str | None]
    outside: Mapping[int, str]
    writes: Callable[[int], bool]
    writes_next: Callable[[CallSite], bool]


@dataclass(frozen=True)
class _Wish:
    """A call to take a lock that has not returned yet."""

    sample: Sample
    site: LockSite
    lock: int


def task_names(known: Mapping[int, str], records: Iterable[Record]) -> dict[int, str]:
    """The last name of each thread; ``known`` has those from before the trace."""
    names = dict(known)
    for record in records:
        if isinstance(record, Named):
            names[record.thread] = record.name
        elif isinstance(record, Forked):
            names[record.child] = names.get(record.thread, "?")
    return names


class Translation:
    """One pass over sorted records; ``sites`` are numbered as the probes are."""

    def __init__(self, sites: Sequence[LockSite], names: Names):
        self._sites = sites
        self._names = names
        self._contexts = Contexts(names.tasks)
        self._wishes: dict[str, _Wish] = {}
        self._returned: dict[int, LockSite] = {}
        self._lives: dict[int, int] = {}
        self._classes = LockClasses()

    def events(self, records: Sequence[Record]) -> list[Event]:
        """All events; tasks that still wait for a lock come last."""
        writing = _writing_places(records)
        found: list[Event] = []
        for record in records:
            if isinstance(record, Forked):
                parent = self._contexts.task(record.thread, record.cpu)
                found += _order(record, parent, self._contexts.task(record.child, record.cpu))
            elif isinstance(record, Sample):
                found += self._event(record, writing)
        for context, wish in self._wishes.items():
            if wish.site.function.waits:
                found.append(self._lock_event(wish, wish.sample, context, LockAction.WAIT))
        return [self._with_class(event) for event in found]

    def _with_class(self, event: Event) -> Event:
        if not isinstance(event, LockEvent):
            return event
        return replace(event, lock_class=self._classes.of(event.lock))

    def _event(self, sample: Sample, writing: set[tuple[str, int]]) -> Iterator[Event]:
        if sample.event.startswith((WRITE, ACCESS)):
            return self._access(sample, writing)
        if sample.event in SIGNALS:
            return self._signal(sample)
        site = self._sites[number(sample, "site")]
        return self._taken(sample, site) if sample.event == TAKEN else self._called(sample, site)

    def _called(self, sample: Sample, site: LockSite) -> Iterator[Event]:
        context, lock = self._contexts.of_probe(sample), number(sample, "lock")
        # Whoever calls something else has got the lock that it called for.
        yield from self._grant(context)
        wish = _Wish(sample, site, lock)
        if sample.event == TAKE:
            self._wishes[context] = wish
            if site.call.way is Way.JUMP:
                yield from self._grant(context)
        elif sample.event == RELEASE:
            self._contexts.unmask(context, lock)
            yield self._lock_event(wish, sample, context, LockAction.RELEASE)
        elif sample.event == INITIALISE:
            self._lives[lock] = self._lives.get(lock, 0) + 1
            name = sample.fields.get("name") or "lock"
            self._classes.name(self._lock(lock), f"{name} of {site.call.function}")

    def _taken(self, sample: Sample, site: LockSite) -> Iterator[Event]:
        self._returned[sample.thread] = site
        context = self._contexts.of_probe(sample, masked=site.function.masks)
        wish = self._wishes.get(context)
        if wish is None or wish.site is not site:
            return
        del self._wishes[context]
        if site.function.success in (Success.ALWAYS, _success(number(sample, "result"))):
            yield self._took(wish, sample, context)

    def _grant(self, context: str) -> Iterator[Event]:
        wish = self._wishes.pop(context, None)
        if wish and wish.site.function.success is Success.ALWAYS:
            yield self._took(wish, wish.sample, context)

    def _took(self, wish: _Wish, sample: Sample, context: str) -> LockEvent:
        if wish.site.function.masks:
            self._contexts.mask(context, wish.lock)
        action = LockAction.ACQUIRE if wish.site.function.waits else LockAction.TRY
        return self._lock_event(wish, sample, context, action)

    def _lock_event(
        self, wish: _Wish, sample: Sample, context: str, action: LockAction
    ) -> LockEvent:
        lock, call = self._lock(wish.lock), wish.site.call
        variable = self._names.variable(wish.lock)
        if variable:
            self._classes.name(lock, variable)
        if action is not LockAction.RELEASE:
            self._classes.use(lock, number(wish.sample, "site"), call.function)
        return LockEvent(
            time_ns=sample.time_ns,
            task=context,
            cpu=sample.cpu,
            action=action,
            lock=lock,
            lock_class=lock,  # until all is known
            function=call.function,
            shared=wish.site.function.shared,
        )

    def _lock(self, address: int) -> str:
        """One that is initialised again is another lock."""
        lives = self._lives.get(address, 0)
        return f"{address:#x}#{lives}" if lives else f"{address:#x}"

    def _access(self, sample: Sample, writing: set[tuple[str, int]]) -> Iterator[Event]:
        kind, _, name = sample.event.partition(":")
        is_write = f"{kind}:" == WRITE
        if not is_write and (name, sample.instruction) in writing:
            return  # the second report of a write
        function, writes = self._instruction(sample)
        task = self._contexts.task(sample.thread, sample.cpu)
        yield Access(sample.time_ns, task, sample.cpu, name, is_write or writes, function)

    def _instruction(self, sample: Sample) -> tuple[str, bool]:
        """The function that an access was made in, and whether its instruction writes memory."""
        # The address is the one behind the instruction: maybe that of another function.
        function = self._names.function(sample.instruction - 1)
        if function is not None:
            return function, self._names.writes(sample.instruction)
        outside = self._names.outside.get(sample.instruction - 1, "?")
        site = self._returned.get(sample.thread)
        if outside.startswith("kprobe_") and site is not None:
            # A probe stands at the instruction itself, of which the kernel runs a copy elsewhere.
            return site.call.function, self._names.writes_next(site.call)
        return outside, False

    def _signal(self, sample: Sample) -> Iterator[Event]:
        context = self._contexts.of_tracepoint(sample)
        if sample.event != WAKING:
            channel = f"work {number(sample, 'work'):#x}"
            yield Signal(sample.time_ns, context, sample.cpu, channel, sample.event == QUEUED)
        elif context == self._contexts.task(sample.thread, sample.cpu):
            # An interrupt that wakes somebody is no work of the task that it interrupts.
            woken = self._contexts.task(number(sample, "pid"), number(sample, "target_cpu"))
            yield from _order(sample, context, woken)


def _order(record: Record, first: str, second: str) -> Iterator[Signal]:
    channel = f"the wake-up of {second}"
    yield Signal(record.time_ns, first, record.cpu, channel, True)
    yield Signal(record.time_ns, second, record.cpu, channel, False)


def _writing_places(records: Iterable[Record]) -> set[tuple[str, int]]:
    """Object and instruction of every hit of a breakpoint for writes.

    Real processors report a write to the breakpoint for any access as well.
    """
    samples = (record for record in records if isinstance(record, Sample))
    writes = (sample for sample in samples if sample.event.startswith(WRITE))
    return {(sample.event.removeprefix(WRITE), sample.instruction) for sample in writes}


def _success(result: int) -> Success | None:
    return {0: Success.ZERO, 1: Success.ONE}.get(result)
