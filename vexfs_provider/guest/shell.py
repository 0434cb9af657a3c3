"""The guest's shell console: driven by aexpect for programs, relayed to a terminal for people."""

import contextlib
import os
import select
import shlex
import socket
import sys
import termios
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aexpect

from vexfs_provider.errors import DeadlineExpired, GuestDied
from vexfs_provider.guest.protocol import CommandResult

PROMPT = r"\[vexfs-guest\]# $"
ESCAPE = b"\x1d"  # Ctrl-], as telnet and virsh console have it
END_OF_INPUT = b"\x04"  # Ctrl-D
ENDED = b"vexfs-shell: ended"


class ShellConsole:
    """A shell in the guest, reached through its console and not through the agent."""

    def __init__(self, path: Path, timeout_s: float = 20.0):
        """Raises ``DeadlineExpired`` if no prompt comes within ``timeout_s``."""
        command = f"nc -U {shlex.quote(str(path))}"
        self._session = aexpect.ShellSession(command, auto_close=True, prompt=PROMPT)
        try:
            # The prompt of the snapshot's shell was printed before anybody was connected.
            self._session.cmd_output("stty -echo", timeout=timeout_s)
        except aexpect.ShellError as error:
            self._session.close()
            raise _translated(error, "the first prompt", timeout_s) from error

    def __enter__(self) -> "ShellConsole":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, command: str, timeout_s: float) -> CommandResult:
        """Run a shell command line; standard error comes with standard output, as on a terminal.

        Raises ``DeadlineExpired`` past ``timeout_s`` seconds and ``GuestDied`` if QEMU ended;
        both carry what the console had said.
        """
        try:
            status, output = self._session.cmd_status_output(command, timeout=timeout_s)
        except aexpect.ShellError as error:
            raise _translated(error, command, timeout_s) from error
        return CommandResult(status, output.encode(), b"", 0.0)

    def close(self) -> None:
        self._session.close()


def _translated(error: aexpect.ShellError, what: str, timeout_s: float) -> Exception:
    said = getattr(error, "output", "")
    if isinstance(error, aexpect.ShellTimeoutError):
        return DeadlineExpired(f"{what} did not end within {timeout_s:g} s; the console: {said!r}")
    return GuestDied(f"the shell console ended during {what}; it had said: {said!r}")


def relay_terminal(path: Path) -> None:
    """Connect our terminal to the guest's shell until it ends or Ctrl-] is typed.

    At the end of a standard input that is no terminal the shell is told so, and its last output
    is still shown.
    """
    with socket.socket(socket.AF_UNIX) as console, _raw_terminal():
        console.connect(str(path))
        console.sendall(b"\n")
        sources: list[Any] = [console, sys.stdin]
        seen = b""
        while ENDED not in seen:
            ready, _, _ = select.select(sources, [], [])
            if console in ready:
                data = console.recv(4096)
                if not data:
                    return
                os.write(sys.stdout.fileno(), data)
                seen = (seen + data)[-2 * len(ENDED) :]
            if sys.stdin in ready:
                keys = os.read(sys.stdin.fileno(), 1024)
                if ESCAPE in keys:
                    return
                if not keys:
                    sources.remove(sys.stdin)
                console.sendall(keys or END_OF_INPUT)


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    """Pass every key on; a standard input that is no terminal is left as it is."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
