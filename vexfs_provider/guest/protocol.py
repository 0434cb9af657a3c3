"""What code outside of ``guest`` may ask of a running guest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

COMMAND_NOT_FOUND = 127
"""The status of a command that is not there, as a POSIX shell reports it."""


@dataclass(frozen=True)
class CommandResult:
    """How a command in the guest ended; ``seconds`` is measured inside the guest.

    ``status`` is the exit status, ``COMMAND_NOT_FOUND`` when there is no such command.
    """

    status: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        return self.status == 0

    @property
    def text(self) -> str:
        """Standard output then standard error, for people."""
        return (self.stdout + self.stderr).decode(errors="replace").strip()


class GuestCommands(Protocol):
    """Run commands in a guest and put files into it."""

    kernel_release: str

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,
    ) -> CommandResult:
        """Run a command without a shell and wait for its end.

        ``env`` is added to the guest's environment, ``input`` becomes standard input.
        Raises ``DeadlineExpired`` after ``timeout_s`` seconds and ``GuestDied`` if the guest
        panicked or went away.
        """
        ...

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file, its folders made if missing."""
        ...
