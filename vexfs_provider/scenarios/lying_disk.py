"""A disk that begins to lie: it acknowledges all writes and flushes, and drops them."""

from vexfs_provider.errors import GuestError
from vexfs_provider.scenarios.bench import Bench

NAME = "lying"
FOR_EVER_S = 1 << 30
TIMEOUT_S = 30.0


class LyingDisk:
    """In front of the bench's device, whose place it takes; honest until told otherwise.

    It is the device mapper's flakey target with ``drop_writes`` (Linux:
    Documentation/admin-guide/device-mapper/dm-flakey.rst), in this guest only: the next one with
    the same disk sees what came to be written.
    """

    def __init__(self, bench: Bench):
        self._guest = bench.guest
        self._disk = bench.device
        sectors = self._run(["blockdev", "--getsz", self._disk]).strip()
        self._head = f"0 {sectors}"
        self._run(["dmsetup", "create", NAME, "--table", f"{self._head} linear {self._disk} 0"])
        bench.device = f"/dev/mapper/{NAME}"

    def begin_to_lie(self) -> None:
        """Whatever is written from now on is lost; what is under way still comes through."""
        lie = f"{self._head} flakey {self._disk} 0 0 {FOR_EVER_S} 1 drop_writes"
        self._run(["dmsetup", "load", NAME, "--table", lie])
        self._run(["dmsetup", "suspend", "--nolockfs", NAME])
        self._run(["dmsetup", "resume", NAME])

    def _run(self, command: list[str]) -> str:
        done = self._guest.run(command, timeout_s=TIMEOUT_S)
        if not done.ok:
            raise GuestError(f"{' '.join(command)} failed in the guest: {done.text.strip()}")
        return done.text
