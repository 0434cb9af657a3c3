"""Where tasks wait: the time that each is off the processors, by the stack that it left them in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from vexfs_provider.guest.guest import Guest
from vexfs_provider.instrumentation.instrument import Artefact, Instrument, Subject
from vexfs_provider.instrumentation.perf_records import Sample
from vexfs_provider.instrumentation.recorder import Event, Recorder, symbols
from vexfs_provider.instrumentation.stacks import artefact, frames

_POINT = "sched/sched_switch"
LEAVES, IDLE_ENDS = "leaves", "idle ends"
# As in the kernel's prev_state (include/trace/events/sched.h): TASK_INTERRUPTIBLE, …
_STATES = {0: "[preempted]", 1: "[interruptible]", 2: "[uninterruptible]"}
_IDLE = 0x80  # a task of the kernel's that has nothing to do
_STATE_BITS = 0xFF


class OffCpu(Instrument):
    """Waits from the moment a task leaves its processor until it is back on one.

    Tasks that were off when it began, and those still off at its end, are left out; so are the
    kernel's own that have nothing to do.
    """

    def __init__(self, subject: Subject):
        super().__init__(subject)
        # The idle task has no stack worth keeping, but who comes after it ends a wait.
        events = (
            Event(LEAVES, tracepoint=_POINT, chain=True, condition="prev_pid != 0"),
            Event(IDLE_ENDS, tracepoint=_POINT, condition="prev_pid == 0"),
        )
        self._recorder = Recorder("off_cpu", events)

    def start(self, guest: Guest) -> None:
        self._recorder.start(guest)

    def stop(self, guest: Guest) -> Artefact:
        recording = self._recorder.stop(guest)
        names = symbols(guest, recording.samples)
        nanoseconds: Counter[tuple[str, ...]] = Counter()
        for sample, wait_ns in waits(recording.samples):
            state = state_of(sample.fields)
            if state:
                nanoseconds[frames(sample, recording.tasks, names, state)] += wait_ns
        stacks = {stack: round(spent / 1000) for stack, spent in nanoseconds.items()}
        title = "Off the processors, by what was waited in"
        return artefact("off_cpu", title, "us", stacks, recording.limits)


def waits(samples: Iterable[Sample]) -> Iterator[tuple[Sample, int]]:
    """Each time that a task left a processor, and the nanoseconds until it was back."""
    left: dict[int, Sample] = {}
    for sample in samples:
        back = left.pop(int(sample.fields["next_pid"]), None)
        if back is not None:
            yield back, sample.time_ns - back.time_ns
        if sample.event == LEAVES:
            left[int(sample.fields["prev_pid"])] = sample


def state_of(fields: Mapping[str, int | str]) -> str:
    """How the task waits, in a word; empty if it has nothing to do."""
    state = int(fields["prev_state"]) & _STATE_BITS
    return "" if state == _IDLE else _STATES.get(state, "[other]")
