"""A disk that goes wrong in one way when it is told to: the device mapper's flakey target."""

from vexfs_provider.errors import GuestError, NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.protocol import CommandResult

NAME = "faulty"
FOR_EVER_S = 1 << 30
TIMEOUT_S = 30.0


class FlakyDisk:
    """``device`` is in front of another one, in this guest only; sound until a fault is injected.

    ``feature`` is what goes wrong then: ``error_writes``, or ``drop_writes``, which acknowledges
    writes and flushes all the same (Linux: Documentation/admin-guide/device-mapper/dm-flakey.rst).
    Raises ``NotApplicable`` where the guest cannot make it, later ``GuestError``.
    """

    def __init__(self, guest: Guest, device: str, feature: str):
        self._guest = guest
        self._disk = device
        self._feature = feature
        self._sectors = self._run("blockdev", "--getsz", device).text.strip()
        made = self._try("dmsetup", "create", NAME, "--table", self._table("linear"))
        if not made.ok:
            raise NotApplicable(f"the guest cannot make a mapped device: {made.text.strip()}")
        self.device = f"/dev/mapper/{NAME}"

    def inject(self) -> None:
        """Every write goes wrong from now on; what is under way still comes through."""
        self._change(self._table("flakey", f" 0 {FOR_EVER_S} 1 {self._feature}"))

    def remove(self) -> None:
        """Every write succeeds from now on."""
        self._change(self._table("linear"))

    def close(self) -> None:
        """Remove the device; it must not be in use."""
        self._run("dmsetup", "remove", "--retry", NAME)

    def _table(self, target: str, features: str = "") -> str:
        return f"0 {self._sectors} {target} {self._disk} 0{features}"

    def _change(self, table: str) -> None:
        self._run("dmsetup", "load", NAME, "--table", table)
        # A filesystem that must freeze first would wait for writes that fail.
        self._run("dmsetup", "suspend", "--nolockfs", NAME)
        self._run("dmsetup", "resume", NAME)

    def _run(self, *command: str) -> CommandResult:
        done = self._try(*command)
        if not done.ok:
            raise GuestError(f"{' '.join(command)} failed in the guest: {done.text.strip()}")
        return done

    def _try(self, *command: str) -> CommandResult:
        return self._guest.run(list(command), timeout_s=TIMEOUT_S)
