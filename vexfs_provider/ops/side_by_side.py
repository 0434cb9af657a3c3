"""Lists of operations that run at the same time, each process with its share of them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import zip_longest

from vexfs_provider.guest.guest import Guest
from vexfs_provider.ops.executor import LOST_GUEST, Executor, WorkByName, stopped
from vexfs_provider.ops.program import Part, batches, program
from vexfs_provider.ops.trial import BEGINNING

OPERATION_TIMEOUT_S = 60.0  # of two processors that a dozen processes want, with a slow disk


class SideBySide(Executor):
    """An executor whose lists are shared out to ``processes``, which run within ``beside``.

    What lists give must not depend on that: but for times, since the processes share the guest's
    clock, and none can set it to tell which operation was when. A list that runs alone, and those
    by which a difference is looked into, have nothing beside them. ``beside`` is not left in order
    if the guest may be lost.
    """

    def __init__(
        self,
        guest: Guest,
        mountpoint: str,
        remount: Callable[[], None],
        *,
        processes: int,
        beside: Callable[[], AbstractContextManager[None]],
    ):
        super().__init__(guest, mountpoint, remount, operation_timeout_s=OPERATION_TIMEOUT_S)
        self._processes = processes
        self._beside = beside

    def _run_parts(self, parts: Sequence[Part], work: WorkByName) -> None:
        if len(parts) == 1 or not any(_is_load(part) for part in parts):
            super()._run_parts(parts, work)
            return
        shares = [list(batches(parts[number :: self._processes])) for number in self._numbers]
        with self._beside():
            for turn in zip_longest(*shares):
                self._run_together([batch for batch in turn if batch], work)

    @property
    def _numbers(self) -> range:
        return range(self._processes)

    def _run_together(self, turn: Sequence[Sequence[Part]], work: WorkByName) -> None:
        started = []
        for batch in turn:
            text = program(batch).encode("ascii")
            timeout_s = self._processes * self._timeout_s(batch)
            command = self._command("--no-clock")
            started.append(self._guest.start_run(command, timeout_s=timeout_s, input=text))
        for batch, request in zip(turn, started, strict=True):
            try:
                result = self._guest.finish_run(request)
            except LOST_GUEST as error:
                # Whose list it was, the processes that are lost cannot say.
                raise stopped(None, batch, error, work) from error
            self._keep(self._output(result, batch), batch, work)


def _is_load(part: Part) -> bool:
    return bool(part.operations) and BEGINNING not in part.list.name
