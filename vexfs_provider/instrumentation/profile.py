"""Where the guest's processors spend their time: samples of a clock, as a flame graph."""

from collections import Counter

from vexfs_provider.guest.guest import Guest
from vexfs_provider.instrumentation.instrument import Artefact, Instrument, Subject
from vexfs_provider.instrumentation.recorder import Event, Recorder, symbols
from vexfs_provider.instrumentation.stacks import artefact, frames, tops

PERIOD_NS = 10_101_010  # 99 a second: not in step with what happens every 10 ms
SHOWN = 3
_CLOCK = "cpu-clock"


class Profile(Instrument):
    """Samples of busy processors, with the kernel's call chain.

    The clock is the kernel's timer, which needs no counters of the processor. What runs with
    interrupts off is seen where they are switched on again.
    """

    def __init__(self, subject: Subject):
        super().__init__(subject)
        self._recorder = Recorder("profile", [Event(_CLOCK, period_ns=PERIOD_NS, chain=True)])

    def start(self, guest: Guest) -> None:
        self._recorder.start(guest)

    def stop(self, guest: Guest) -> Artefact:
        recording = self._recorder.stop(guest)
        names = symbols(guest, recording.samples)
        stacks: Counter[tuple[str, ...]] = Counter()
        for sample in recording.samples:
            stacks[frames(sample, recording.tasks, names)] += 1
        total = sum(stacks.values())
        title = f"Processors, {total} samples of {PERIOD_NS / 1e6:.1f} ms: " + ", ".join(
            tops(stacks, SHOWN)
        )
        return artefact("profile", title, "samples", stacks, recording.limits)
