"""A bench whose guests are only pretended, for tests of scenarios without a guest."""

from pathlib import Path
from typing import Any

from vexfs_provider.errors import GuestDied
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.record import Record
from vexfs_provider.scenarios.bench import Bench

PASSED: dict[str, Any] = {"failures": [], "metrics": {}}
DEAD = GuestDied("the guest is gone: panicked", "panicked")


class FakeGuest:
    """Answers calls from a table of answers, or of functions of the call's arguments."""

    console_start = 0

    def __init__(self, bench: "FakeBench", log: Path):
        self.console_log = log
        self._bench = bench
        self.loaded: list[str] = []

    def load_code(self, name: str) -> None:
        self.loaded.append(name)

    def call(self, module: str, function: str, timeout_s: float, **arguments: Any) -> Any:
        self._bench.calls.append(function)
        answer = self._bench.answers.get(function, PASSED)
        if callable(answer):
            answer = answer(**arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get(self, path: str) -> bytes:
        return f"/dev/x {self._bench.mountpoint} any rw 0 0\n".encode()


class FakeFilesystem:
    def make(self, device: str, purpose: str = "") -> None:
        pass

    def mount(self, device: str, mountpoint: str, options: object) -> float:
        return 0.1


class FakeBench(Bench):
    """A bench whose guests are fakes; ``lost`` are the errors that have cost one."""

    def __init__(self, folder: Path, events: EventLog, *claims: str):
        profile = Profile("any", "any", Kind.KERNEL, "any", capabilities=frozenset(claims))
        super().__init__(profile, Record(1, "any", "any"), events)
        self.calls: list[str] = []
        self.answers: dict[str, Any] = {}
        self.lost: list[Exception | None] = []
        self.console = folder / "console.log"
        self.console.write_bytes(b"")
        self.recover = self.replace
        self._arrive()

    def replace(self, error: Exception | None) -> None:
        self.lost.append(error)
        self.record.guests.append({})
        self._arrive()
        self.reset()

    def _arrive(self) -> None:
        self.console.write_bytes(b"")
        self.device = "/dev/x"
        self.guest = FakeGuest(self, self.console)  # type: ignore[assignment]
        self.filesystem = FakeFilesystem()  # type: ignore[assignment]

    def probes_as(self, present: set[str], deadly: str = "") -> None:
        """Have the probes of ``present`` succeed; ``deadly`` kills the guest."""

        def answer(folder: str, names: list[str]) -> Any:
            if deadly in names:
                return DEAD
            why = "EPERM (Operation not permitted)"
            return {
                name: {"present": name in present, "detail": "" if name in present else why}
                for name in names
            }

        self.answers["probe"] = answer
