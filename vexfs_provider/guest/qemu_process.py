"""A process of QEMU: its run knows it from its start to its end."""

import os
import subprocess
from pathlib import Path

from vexfs_provider.isolation.runs import Run
from vexfs_provider.isolation.sandbox import die_with_parent


class QemuProcess:
    """QEMU with ``descriptors`` to inherit; what it says is added to ``error_log``.

    ``pidfd`` becomes readable when it ends.
    """

    def __init__(
        self, argv: list[str], descriptors: tuple[int, ...], error_log: Path, run: Run, name: str
    ):
        self._error_log = error_log
        self._run = run
        with open(error_log, "ab") as errors:
            self._process = subprocess.Popen(
                die_with_parent(argv),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=descriptors,
                start_new_session=True,  # Ctrl-C goes to us; we stop the guest in order
            )
        self.pid = self._process.pid
        self.pidfd = os.pidfd_open(self.pid)
        try:
            run.adopt(self.pid, name)
        except BaseException:
            self.end()
            raise

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def last_words(self) -> str:
        """The end of what QEMU said."""
        return self._error_log.read_text(errors="replace").strip()[-2000:]

    def end(self) -> None:
        """Kill it and wait for its end."""
        self._process.kill()
        self._process.wait()
        self._run.release(self.pid)
        os.close(self.pidfd)
