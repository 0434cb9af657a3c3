"""The daemon of a FUSE filesystem, run in the foreground so that its start and end are seen."""

import time
from collections.abc import Mapping, Sequence

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.guest.protocol import CommandResult, GuestCommands

_POLL_S = 0.02
_COMMAND_TIMEOUT_S = 30
# "$0" is the log, "$@" the daemon; setsid keeps it alive when the shell's process group is ended.
_BACKGROUND = 'mkdir -p "${0%/*}"; setsid "$@" >"$0" 2>&1 </dev/null & echo $!'


class FuseDaemon:
    """One daemon that serves one mount point; its command must stay in the foreground."""

    def __init__(
        self,
        name: str,
        guest: GuestCommands,
        command: Sequence[str],
        mountpoint: str,
        environment: Mapping[str, str],
    ):
        self._name = name
        self._guest = guest
        self._command = list(command)
        self._mountpoint = mountpoint
        self._environment = environment
        self._log = f"/run/vexfs/log/{name}.log"
        self._pid = 0

    def start(self, timeout_s: float) -> None:
        """Start the daemon and wait until its file system is mounted.

        Raises ``FilesystemError`` with the daemon's log if it ends before, ``NotApplicable`` if
        the guest does not have it and ``DeadlineExpired``.
        """
        deadline = Deadline(timeout_s, f"{self._name}: mount at {self._mountpoint}")
        if self._run(["sh", "-c", 'command -v "$0"', self._command[0]]).status != 0:
            raise NotApplicable(
                f"{self._name} needs the daemon {self._command[0]}, which the guest lacks; "
                "add it to the guest image's recipe or to the tools of its module"
            )
        started = self._run(["sh", "-c", _BACKGROUND, self._log, *self._command])
        self._pid = int(started.stdout)
        while not self._is_mounted():
            if not self._is_alive():
                raise FilesystemError(self._name, "mount", self._command, self._last_words())
            deadline.check()
            time.sleep(_POLL_S)

    def wait_for_end(self, timeout_s: float) -> None:
        """Wait until the daemon has ended after its unmount. Raises ``DeadlineExpired``."""
        deadline = Deadline(timeout_s, f"{self._name}: end of {self._command[0]} after its unmount")
        while self._is_alive():
            deadline.check()
            time.sleep(_POLL_S)

    def _is_mounted(self) -> bool:
        mounts = self._run(["cat", "/proc/self/mounts"]).stdout.decode(errors="replace")
        return any(line.split()[1:2] == [self._mountpoint] for line in mounts.splitlines())

    def _is_alive(self) -> bool:
        """Whether it runs; a zombie, whose parent has not yet seen its end, does not."""
        stat = self._run(["cat", f"/proc/{self._pid}/stat"])
        return stat.ok and stat.stdout.rpartition(b")")[2].split()[:1] not in ([b"Z"], [b"X"])

    def _last_words(self) -> CommandResult:
        log = self._run(["cat", self._log])
        return CommandResult(status=1, stdout=log.stdout, stderr=log.stderr, seconds=log.seconds)

    def _run(self, argv: Sequence[str]) -> CommandResult:
        return self._guest.run(argv, timeout_s=_COMMAND_TIMEOUT_S, env=self._environment)
