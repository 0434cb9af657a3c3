"""What a bench asks of whoever starts its guests: ``runner/session.py``, or nobody."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from vexfs_provider.errors import InfrastructureError
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.guest.launch import GuestSpec

Load = Callable[[], None]
"""Makes the guest's kernel know the filesystem under test."""

Neighbour = Callable[[str, int], tuple[Filesystem, str]]
"""Another filesystem by its profile's name, loaded, with the device of the numbered spare disk."""

Recover = Callable[[Exception | None], None]
"""Records what an exception, or the kernel's log, says and puts a fresh guest at the bench."""


class Restart(Protocol):
    """Ends the guest and puts a fresh one with the same disks at the bench.

    ``stop`` is how it ends; by default the kernel powers it off.
    """

    def __call__(self, stop: Callable[[], object] | None = None) -> None: ...


Renew = Callable[[Callable[[GuestSpec], GuestSpec]], None]
"""Ends the guest; from now on guests are what is made of the test's own specification. The first of
them is at the bench, with nothing made or mounted."""


class Transition(Protocol):
    """A context in which the guest moves to another machine, or boots in its own.

    One that ``boots`` comes back with the filesystem loaded and nothing mounted.
    """

    def __call__(self, *, boots: bool = False) -> AbstractContextManager[None]: ...


Samples = Callable[[float, float], list[dict[str, Any]]]
"""The samples of the guest between two times, in seconds since the epoch; see ``monitoring``."""

Unmounted = Callable[[], None]
"""Told after each unmount of the filesystem under test."""


def no_samples(_start_s: float, _end_s: float) -> list[dict[str, Any]]:
    """Those of a guest that is not watched."""
    return []


def nobody(*_: object, **__: object) -> Any:
    """Stands in for whoever there is not. Raises ``InfrastructureError``."""
    raise InfrastructureError("this bench has nobody who starts and loads guests")


def nobody_cares() -> None:
    """Nobody is told of an unmount."""


def no_neighbour(name: str, _number: int) -> tuple[Filesystem, str]:
    """The same for a ``Neighbour``."""
    raise InfrastructureError(f"this bench has nobody who loads {name} as well")
