"""What a trace of locks and accesses consists of. Times in nanoseconds of one clock."""

import enum
from dataclasses import dataclass


class LockAction(enum.Enum):
    """``ACQUIRE`` may have waited for the lock, ``TRY`` did not, ``WAIT`` never got it."""

    ACQUIRE = "takes"
    WAIT = "waits for"
    TRY = "takes, by trying,"
    RELEASE = "releases"


@dataclass(frozen=True)
class LockEvent:
    """A task has acquired or released a lock, or still waits for it at the end of the trace.

    ``lock`` identifies the very lock. Locks of one ``lock_class`` come from one place of the source
    (a variable, or where they are initialised); it is ``lock`` itself where that is unknown.
    ``function`` is the caller. ``shared`` is a reader's hold.
    """

    time_ns: int
    task: str
    cpu: int
    action: LockAction
    lock: str
    lock_class: str
    function: str
    shared: bool = False


@dataclass(frozen=True)
class Access:
    """A task has read or written a named object."""

    time_ns: int
    task: str
    cpu: int
    object: str
    write: bool
    function: str


@dataclass(frozen=True)
class Signal:
    """A task has sent, or received, what orders tasks without a lock: a wake-up, a fork, a work.

    What a task did before it sent on a ``channel`` comes before what a later receiver does.
    """

    time_ns: int
    task: str
    cpu: int
    channel: str
    sent: bool


Event = LockEvent | Access | Signal


def in_words(event: Event) -> str:
    """One line of a trace."""
    head = f"{event.time_ns / 1e9:.9f} [{event.cpu:03d}] {event.task}"
    if isinstance(event, LockEvent):
        name = event.lock
        if event.lock_class != event.lock:
            name = f"{event.lock_class} ({event.lock})"
        reader = " as a reader" if event.shared else ""
        return f"{head} {event.action.value} {name}{reader} in {event.function}"
    if isinstance(event, Access):
        return f"{head} {'writes' if event.write else 'reads'} {event.object} in {event.function}"
    return f"{head} {'sends on' if event.sent else 'receives from'} {event.channel}"
