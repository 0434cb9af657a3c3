"""What comes before what in a trace, whatever the scheduler does: vector clocks of the tasks."""

from vexfs_provider.detection.races_events import LockAction, LockEvent, Signal

Clock = dict[str, int]  # how many accesses of each task are known to have been made


class HappensBefore:
    """The order that signals make, and with ``through_locks`` also a release and a later acquire.

    The latter is weaker: it holds for this run, in which one task happened to be the first.
    """

    def __init__(self, *, through_locks: bool) -> None:
        self._through_locks = through_locks
        self._clocks: dict[str, Clock] = {}
        self._channels: dict[str, Clock] = {}

    def access(self, task: str) -> int:
        """Count an access of a task; the number that it has."""
        clock = self._clocks.setdefault(task, {})
        clock[task] = clock.get(task, 0) + 1
        return clock[task]

    def knows(self, task: str, other: str, number: int) -> bool:
        """Whether access ``number`` of task ``other`` comes before what ``task`` does now."""
        return self._clocks.get(task, {}).get(other, 0) >= number

    def signal(self, event: Signal) -> None:
        """Take a signal into account."""
        if event.sent:
            self._send(event.task, event.channel)
        else:
            self._receive(event.task, event.channel)

    def lock(self, event: LockEvent) -> None:
        """Take a lock's event into account; readers are not ordered among each other."""
        if not self._through_locks or event.action is LockAction.WAIT:
            return
        writers, readers = f"{event.lock} writers", f"{event.lock} readers"
        if event.action is LockAction.RELEASE:
            self._send(event.task, readers if event.shared else writers)
            return
        self._receive(event.task, writers)
        if not event.shared:
            self._receive(event.task, readers)

    def _send(self, task: str, channel: str) -> None:
        _raise(self._channels.setdefault(channel, {}), self._clocks.get(task, {}))

    def _receive(self, task: str, channel: str) -> None:
        sent = self._channels.get(channel)
        if sent:
            _raise(self._clocks.setdefault(task, {}), sent)


def _raise(clock: Clock, other: Clock) -> None:
    for task, number in other.items():
        if clock.get(task, 0) < number:
            clock[task] = number
