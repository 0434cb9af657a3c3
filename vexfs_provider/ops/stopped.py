"""What is raised when a list could not be run to its end."""

from collections.abc import Mapping

from vexfs_provider.errors import VexfsError
from vexfs_provider.ops.outcome import ListOutcome


class ExecutorStopped(VexfsError):
    """The kernel crashed, a call hung, or the process that made it was killed.

    ``name`` is the list's and ``index`` the number of the operation in it that was under way, with
    its ``line``. -1 stands for the way into the list's folder, the number behind the last for what
    follows it (``tree``, ``leave``, ``remount``), and None says that nothing tells which it was.
    ``cause`` is the exception that says how it ended; the guest may be lost.
    ``outcomes`` are those of the lists that had come to their end, by name.
    """

    def __init__(
        self,
        name: str,
        index: int | None,
        line: str,
        cause: Exception,
        outcomes: Mapping[str, ListOutcome] | None = None,
    ):
        what = f"{line} (operation {index})" if index is not None else "an unknown operation"
        super().__init__(f"list {name}: {what} was under way: {cause}")
        self.name = name
        self.index = index
        self.line = line
        self.cause = cause
        self.outcomes = dict(outcomes or {})

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return (type(self), (self.name, self.index, self.line, self.cause, self.outcomes))
