"""What may cost the guest: attempted, judged and, if it did, the guest replaced."""

from collections.abc import Callable
from typing import TypeVar

from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestDied
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.scenarios.bench import Bench

Result = TypeVar("Result")

LOST_GUEST = (GuestDied, AgentLost, AgentError, DeadlineExpired)
"""What an operation raises that costs the guest; ``Bench.recover`` judges and replaces it."""


def attempt(
    bench: Bench,
    action: Callable[[], Result],
    costly: tuple[type[Exception], ...] = LOST_GUEST,
) -> Result | None:
    """What ``action`` returns, or None if it has cost the guest: then a fresh one is in place.

    That one has nothing loaded, made or mounted. An exception among ``costly`` costs the guest, and
    so does what the kernel reports meanwhile.
    """
    try:
        result = action()
    except costly as error:
        bench.recover(error)
        return None
    if bench.kernel_trouble():
        bench.recover(None)
        return None
    return result
