"""A filesystem in a few lines, with bugs to switch on: for what compares outcomes of lists.

It knows files and folders, content and times; paths are taken as names, folders are not looked at.
"""

from collections.abc import Callable, Sequence

from vexfs_provider.ops.operations import (
    Append,
    ChangeMode,
    Create,
    MakeFolder,
    Operation,
    Read,
    RenamePath,
    Stat,
    Truncate,
    Unlink,
)
from vexfs_provider.ops.outcome import ListOutcome, OpList, Outcome
from vexfs_provider.ops.trial import Trial

Facts = dict[str, str]
Bug = Callable[[Operation, dict[str, Facts], str], str | None]
"""Is called behind each operation with what there is and the operation's time; it may change what
there is, and return an error in place of the result."""


def _new(kind: str, mode: int, now: str, **facts: str) -> Facts:
    return {"kind": kind, "mode": f"{mode:04o}", "nlink": "1", "mtime": now, "ctime": now, **facts}


class Toy:
    """Runs lists; ``remount_changes`` is called with what there is when it is mounted again."""

    def __init__(
        self,
        bug: Bug | None = None,
        remount_changes: Callable[[dict[str, Facts]], None] | None = None,
    ):
        self._bug = bug
        self._remount_changes = remount_changes
        self.runs: list[OpList] = []

    def run(self, one: OpList) -> ListOutcome:
        self.runs.append(one)
        there = {".": _new("folder", 0o755, "start")}
        results = []
        for number, operation in enumerate(one.operations):
            outcome = self._result(operation, there, f"op{number}")
            error = self._bug(operation, there, f"op{number}") if self._bug else None
            results.append(Outcome(error) if error else outcome)
        tree = {path: dict(facts) for path, facts in there.items()}
        if self._remount_changes:
            self._remount_changes(there)
        return ListOutcome(tuple(results), tree, there)

    def _result(self, operation: Operation, there: dict[str, Facts], now: str) -> Outcome:
        if isinstance(operation, MakeFolder | Create):
            if operation.path in there:
                return Outcome("EEXIST")
            folder = isinstance(operation, MakeFolder)
            facts = {} if folder else {"size": "0", "hash": "0"}
            kind = "folder" if folder else "file"
            there[operation.path] = _new(kind, operation.mode, now, **facts)
            there["."] |= {"mtime": now, "ctime": now}
            return Outcome("")
        path = operation.old if isinstance(operation, RenamePath) else _path(operation)
        if path not in there:
            return Outcome("ENOENT")
        return self._of_file(operation, there, path, now)

    def _of_file(
        self, operation: Operation, there: dict[str, Facts], path: str, now: str
    ) -> Outcome:
        facts = there[path]
        if isinstance(operation, Stat):
            return Outcome("", tuple(f"{name}={value}" for name, value in facts.items()))
        if isinstance(operation, Read):
            return Outcome("", (facts["size"], facts["hash"]))
        if isinstance(operation, Append):
            size = int(facts["size"]) + operation.length
            facts |= {"size": str(size), "hash": f"{size}.{operation.seed}", "mtime": now}
        elif isinstance(operation, Truncate):
            facts |= {"size": str(operation.size), "hash": str(operation.size), "mtime": now}
        elif isinstance(operation, ChangeMode):
            facts["mode"] = f"{operation.mode:04o}"
        elif isinstance(operation, RenamePath):
            there[operation.new] = there.pop(path)
            there["."] |= {"mtime": now, "ctime": now}
        elif isinstance(operation, Unlink):
            del there[path]
            there["."] |= {"mtime": now, "ctime": now}
            return Outcome("")
        facts["ctime"] = now
        return Outcome("")


def _path(operation: Operation) -> str:
    return str(getattr(operation, "path", None) or getattr(operation, "target", ""))


class ToyLaboratory:
    """A toy with a bug beside ones without; ``runs`` and ``alone`` tell what was asked for."""

    def __init__(self, bug: Bug | None = None, references: int = 1):
        self._actual = Toy(bug)
        self._references = [Toy() for _ in range(references)]
        self.alone: list[OpList] = []
        self.calls = 0

    def trial(self, one: OpList) -> Trial:
        return Trial(tuple(toy.run(one) for toy in self._references), self._actual.run(one))

    def run(self, lists: Sequence[OpList]) -> list[Trial]:
        self.calls += 1
        return [self.trial(one) for one in lists]

    def run_alone(self, one: OpList) -> Trial:
        self.alone.append(one)
        return self.trial(one)
