"""The error of a step on a filesystem."""

import shlex
from collections.abc import Sequence
from typing import Literal

from vexfs_provider.errors import VexfsError
from vexfs_provider.guest.protocol import CommandResult

Step = Literal["load", "unload", "mkfs", "mount", "unmount", "grow"]


class FilesystemError(VexfsError):
    """A step on a filesystem failed; carries the command and what it said."""

    def __init__(
        self, filesystem: str, step: Step, command: Sequence[str], result: CommandResult
    ) -> None:
        self.filesystem = filesystem
        self.step = step
        self.command = tuple(command)
        self.result = result
        super().__init__(
            f"{filesystem}: {step} failed with status {result.status}: "
            f"{shlex.join(command)}\n{result.text}".rstrip()
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return (type(self), (self.filesystem, self.step, self.command, self.result))
