"""Run a tool of the host while something is built; its failure is a ``BuildError``."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from vexfs_provider.errors import BuildError

_PACKAGES = {
    "apt-cache": "apt",
    "apt-config": "apt",
    "apt-get": "apt",
    "cc": "gcc",
    "depmod": "kmod",
    "dpkg-deb": "dpkg",
    "make": "make",
    "mke2fs": "e2fsprogs",
    "patch": "patch",
    "strip": "binutils",
}
_TAIL_LINES = 30
_STOP_TIMEOUT_S = 30.0


def tool_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment in the C locale, with the folders where Debian keeps depmod and mke2fs.

    An unprivileged user's PATH lacks those folders, though the tools need no privilege.
    """
    path = os.environ.get("PATH", os.defpath)
    return {**os.environ, "PATH": f"{path}:/usr/sbin:/sbin", "LC_ALL": "C", **(extra or {})}


def run_tool(
    argv: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """The standard output of a tool that must succeed.

    Raises ``BuildError`` with the end of the tool's output, or with the Debian package that holds
    the tool when the host lacks it.
    """
    command = [str(word) for word in argv]
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=tool_environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise
        raise missing_tool(command[0]) from error
    if done.returncode != 0:
        end = tail(done.stderr or done.stdout)
        raise BuildError(f"{' '.join(command)} failed with status {done.returncode}:\n{end}")
    return done.stdout


def stop_tool(process: subprocess.Popen[str]) -> None:
    """End a tool that was started in a session of its own, and all its children.

    They are asked first, so that each can remove what it has made half.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.communicate(timeout=_STOP_TIMEOUT_S)  # what it still says must not block it
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait()
        return


def missing_tool(name: str) -> BuildError:
    """The error for a tool that the host lacks."""
    package = _PACKAGES.get(name, name)
    return BuildError(f"the host has no {name!r}; install it: apt-get install {package}")


def tail(text: str, lines: int = _TAIL_LINES) -> str:
    """The last ``lines`` lines of a tool's output."""
    return "\n".join(text.strip().splitlines()[-lines:])
