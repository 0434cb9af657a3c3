"""The instruments that a test asks for, in the guest that it is at."""

from collections.abc import Sequence
from pathlib import Path

from vexfs_provider.errors import (
    AgentLost,
    DeadlineExpired,
    GuestDied,
    NotApplicable,
    VexfsError,
)
from vexfs_provider.filesystems.profile import Profile
from vexfs_provider.instrumentation.instrument import Instrument, Subject
from vexfs_provider.instrumentation.registry import INSTRUMENTS
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.store import write_atomically


class Instruments:
    """Starts those of ``names`` in each guest, and keeps what comes of them.

    Artefacts lie beside the guest's console. One that cannot be started in the first guest cancels
    the test; later, and when a guest is lost with what it saved, the record says so.
    """

    def __init__(self, names: Sequence[str], bench: Bench):
        self._names = names
        self._bench = bench
        self._running: dict[str, Instrument] = {}
        self._used = False
        bench.unmounted = self.unmounted

    def loaded(self) -> None:
        """The filesystem's code is in the guest: start them, or tell those that are running."""
        if self._running:
            for instrument in self._running.values():
                instrument.reloaded(self._bench.guest)
            return
        subject = subject_of(self._bench.profile)
        for name in self._names:
            instrument = INSTRUMENTS[name](subject)
            try:
                with self._bench.step(f"start {name}"):
                    instrument.start(self._bench.guest)
            except NotApplicable as reason:
                if not self._used:
                    raise NotApplicable(f"parameter instrument = {name!r}: {reason}") from reason
                self._bench.unsupported(f"{name}: {reason}")
            else:
                self._running[name] = instrument
        self._used = True

    def unmounted(self) -> None:
        """The filesystem under test has been unmounted."""
        for instrument in self._running.values():
            instrument.unmounted(self._bench.guest)

    def finish(self, folder: Path, error: Exception | None = None) -> None:
        """End them and keep their artefacts in ``folder``; the guest must still be there.

        ``error`` is what has ended the test's use of it: none is asked of a guest that is dead.
        """
        running, self._running = self._running, {}
        silent: Exception | None = None
        if isinstance(error, GuestDied | AgentLost):
            silent = error
        for name, instrument in running.items():
            if silent is not None:
                self._bench.unsupported(f"{name}: lost with the guest: {silent}")
                continue
            try:
                self._keep(name, instrument, folder)
            except (VexfsError, OSError) as reason:
                # One that did not answer in time is not asked again: each costs a minute or two.
                if isinstance(reason, GuestDied | AgentLost | DeadlineExpired):
                    silent = reason
                self._bench.unsupported(f"{name}: what it saved could not be had: {reason}")

    def lost(self, why: str) -> None:
        """The guest's kernel is another one from now on."""
        for name in self._running:
            self._bench.unsupported(f"{name}: what it saw is lost: {why}")
        self._running = {}

    def _keep(self, name: str, instrument: Instrument, folder: Path) -> None:
        bench = self._bench
        with bench.step(f"stop {name}"):
            artefact = instrument.stop(bench.guest)
        for file, content in artefact.files.items():
            write_atomically(folder / file, content)
        for limit in artefact.limits:
            bench.unsupported(f"{name}: {limit}")
        bench.record.findings += artefact.findings


def subject_of(profile: Profile) -> Subject:
    """What instruments are told of a filesystem: the kernel's modules bear its type's name."""
    module = profile.module.kernel_name if profile.module else ""
    return Subject(profile.name, module or profile.type.partition(".")[0])
