"""The executor of operations on the host, in a folder, as if that were a guest's filesystem."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.text import read_text


def list_of(name: str, *lines: str) -> OpList:
    """A list from its lines."""
    return OpList(name, read_text("\n".join(["vexfs-ops 1", *lines]), name).operations)


def run_program(program: Path, folder: Path, text: str, *settings: str) -> CommandResult:
    """Run the executor without the rights that it has in a guest."""
    command = [str(program), "--no-clock", *settings, str(folder)]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    return CommandResult(done.returncode, done.stdout, done.stderr, 0.0)


def never() -> None:
    """A remount for lists that have none."""
    raise AssertionError("nothing was to be remounted")


class HostGuest:
    """What ``Executor`` needs of a guest; ``runs`` counts the processes."""

    def __init__(self, program: Path):
        self._program = program
        self.runs = 0

    def run(self, argv: Sequence[str], *, timeout_s: float, input: bytes) -> CommandResult:
        assert timeout_s > 20
        assert argv[1::2][:2] == ["--timeout", "--flight"]
        self.runs += 1
        return run_program(self._program, Path(argv[-1]), input.decode())

    def clear_flight(self) -> None:
        pass

    def flight(self) -> bytes:
        return b""
