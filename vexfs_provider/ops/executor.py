"""Runs lists of operations on a mounted filesystem of a guest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from vexfs_provider.errors import AgentLost, GuestDied, GuestError, VexfsError
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.guest.command_line import FLIGHT_PORT
from vexfs_provider.guest.guest import Guest, GuestHung
from vexfs_provider.guest.ops_program import PROGRAM
from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.ops.operations import SwitchUser
from vexfs_provider.ops.outcome import ListOutcome, OpList, Outcome, Tree
from vexfs_provider.ops.program import Part, batches, cut, program
from vexfs_provider.ops.results import (
    End,
    Output,
    PartResult,
    Place,
    parse_output,
    place_of_flight,
    place_of_output,
)
from vexfs_provider.ops.stopped import ExecutorStopped

OPERATION_TIMEOUT_S = 20.0
# The agent's deadline for the whole process, for when not even its own watch goes on.
START_TIMEOUT_S = 60.0
TIMEOUT_AN_OPERATION_S = 0.1  # a debug kernel on a loaded host takes a third of it
LOST_GUEST = (GuestDied, AgentLost, GuestHung)


class Executor:
    """Runs lists on one filesystem, each in a fresh folder of its name below ``mountpoint``.

    ``remount`` unmounts and mounts the filesystem. ``operation_timeout_s`` is for one operation, or
    for one entry of a tree.
    """

    def __init__(
        self,
        guest: Guest,
        mountpoint: str,
        remount: Callable[[], None],
        *,
        operation_timeout_s: float = OPERATION_TIMEOUT_S,
    ):
        self._guest = guest
        self._mountpoint = mountpoint
        self._remount = remount
        self._operation_timeout_s = operation_timeout_s

    def run(
        self, lists: Sequence[OpList], *, tree: bool = True, remount_after: bool = False
    ) -> list[ListOutcome]:
        """What the lists gave, in their order; without ``tree`` their trees are empty.

        Lists that remount share the remounts: all run up to their first, then up to their second.
        With ``remount_after`` one more follows all lists, and their trees are described again.

        Raises ``ExecutorStopped``; ``ValueError`` if two lists have the same name, ``GuestError``
        if the filesystem has a folder of that name; ``DeadlineExpired`` if the test's time is over.
        """
        work = {one.name: _Work(one, tree) for one in lists}
        if len(work) < len(lists):
            raise ValueError("lists that run together need names of their own")
        for number in range(max((len(one.parts) for one in work.values()), default=0)):
            due = [one.part(number) for one in work.values() if number < len(one.parts)]
            if number > 0:
                self._remount_before(due, due[-1].start - 1, work)
            self._run_parts(due, work)
        if remount_after and work:
            due = [one.last_look() for one in work.values()]
            self._remount_before(due, due[-1].start, work)
            self._run_parts(due, work)
        return [one.outcome() for one in work.values()]

    def _remount_before(self, due: Sequence[Part], index: int, work: "WorkByName") -> None:
        """The last list's remount stands for those of all."""
        try:
            self._remount()
        except VexfsError as error:
            name = due[-1].list.name
            raise ExecutorStopped(name, index, "remount", error, _finished(work)) from error

    def _run_parts(self, parts: Sequence[Part], work: "WorkByName") -> None:
        for batch in batches(parts):
            try:
                output = self._run_batch(batch)
            except LOST_GUEST as error:
                place = place_of_flight(self._guest.flight(), batch)
                raise stopped(place, batch, error, work) from error
            self._keep(output, batch, work)

    def _keep(self, output: Output, batch: Sequence[Part], work: "WorkByName") -> None:
        """Note what a batch gave. Raises ``ExecutorStopped`` if it has not come to its end."""
        for part, result in zip(batch, output.parts, strict=True):
            if result.left:
                work[part.list.name].add(part, result)
        if output.end.kind != "done":
            place = place_of_output(output, batch)
            cause = self._cause(output.end, place.line(batch))
            raise stopped(place, batch, cause, work) from cause

    def _run_batch(self, batch: Sequence[Part]) -> Output:
        self._guest.clear_flight()
        command = self._command("--flight", str(FLIGHT_PORT))
        text = program(batch).encode("ascii")
        result = self._guest.run(command, timeout_s=self._timeout_s(batch), input=text)
        return self._output(result, batch)

    def _command(self, *settings: str) -> list[str]:
        timeout = ("--timeout", str(self._operation_timeout_s))
        return [PROGRAM, *timeout, *settings, self._mountpoint]

    def _timeout_s(self, batch: Sequence[Part]) -> float:
        operations = sum(len(part.operations) + 1 for part in batch)
        start_s = START_TIMEOUT_S + 2 * self._operation_timeout_s
        return start_s + TIMEOUT_AN_OPERATION_S * operations

    @staticmethod
    def _output(result: CommandResult, batch: Sequence[Part]) -> Output:
        if not result.stdout:
            raise GuestError(f"the executor in the guest failed: {result.text}")
        output = parse_output(result.stdout, batch)
        _verify(output, batch)
        return output

    def _cause(self, end: End, line: str) -> Exception:
        if end.kind == "hang":
            message = f"{line} did not end within {self._operation_timeout_s:g} s"
            return GuestHung(message, self._guest.stuck_tasks())
        message = f"signal {end.signal} ended the executor during {line}"
        details = {"type": "Lost", "message": message, "status": -end.signal}
        return AgentError(f"Lost: {message}", details)


class _Work:
    """A list on its way: its parts, and what those that have ended gave."""

    def __init__(self, one: OpList, tree: bool):
        self.list = one
        self.parts = cut(one, tree=tree)
        self.results: list[Outcome] = []
        self._ended = 0
        self._tree: Tree = {}
        self._after_remount: Tree | None = None

    @property
    def finished(self) -> bool:
        return self._ended >= len(self.parts)

    def part(self, number: int) -> Part:
        """A part; all but the first come back to a folder, as the user of the list."""
        if number == 0:
            return self.parts[0]
        return replace(self.parts[number], fresh=False, user=self._user())

    def last_look(self) -> Part:
        """A part that only describes the tree."""
        end = len(self.list.operations)
        return Part(self.list, end, (), tree=True, fresh=False)

    def _user(self) -> int:
        done = zip(self.list.operations, self.results, strict=False)
        users = [one.user for one, how in done if isinstance(one, SwitchUser) and not how.error]
        return users[-1] if users else 0

    def add(self, part: Part, result: PartResult) -> None:
        """What a part gave; the remount behind it has no result of its own but success."""
        if self.finished:
            self._after_remount = result.tree
            return
        self.results += result.results
        self._tree = result.tree
        self._ended += 1
        if not self.finished:
            self.results.append(Outcome(""))

    def outcome(self) -> ListOutcome:
        return ListOutcome(tuple(self.results), self._tree, self._after_remount)


WorkByName = Mapping[str, _Work]


def _verify(output: Output, batch: Sequence[Part]) -> None:
    """Raises ``GuestError`` where the lists could not be run as they were meant."""
    if output.end.kind == "full":
        raise GuestError("the lists give more output than the guest's executor takes; shorten them")
    if output.end.kind == "bad":
        raise GuestError(f"the guest's executor does not take its program: {output.end.detail}")
    for part, result in zip(batch, output.parts, strict=True):
        if part.fresh and result.absent == "EEXIST":
            # Every operation would fail in the same way on every filesystem, and nobody would see.
            raise GuestError(f"the filesystem has a folder {part.list.name}; name the list anew")


def _finished(work: WorkByName) -> dict[str, ListOutcome]:
    return {name: one.outcome() for name, one in work.items() if one.finished}


def stopped(
    place: Place | None, batch: Sequence[Part], cause: Exception, work: WorkByName
) -> ExecutorStopped:
    if place is None:
        return ExecutorStopped(batch[0].list.name, None, "", cause, _finished(work))
    part = batch[place.part]
    index = part.start + place.operation
    return ExecutorStopped(part.list.name, index, place.line(batch), cause, _finished(work))
