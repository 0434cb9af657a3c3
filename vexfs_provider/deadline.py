"""One deadline object in place of nested time-outs (the idea of labgrid's ``Timeout``)."""

import time
from dataclasses import dataclass, field

from vexfs_provider.errors import DeadlineExpired


@dataclass(frozen=True)
class Deadline:
    """A point in monotonic time; pass it down, never a number of seconds twice.

    ``seconds`` is the whole budget, counted from the creation of the object.
    """

    seconds: float
    what: str = "operation"
    _end: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"deadline of {self.what}: {self.seconds} s, must be positive")
        object.__setattr__(self, "_end", time.monotonic() + self.seconds)

    @property
    def remaining_s(self) -> float:
        """Seconds left; 0.0 once expired."""
        return max(0.0, self._end - time.monotonic())

    @property
    def expired(self) -> bool:
        return self.remaining_s == 0.0

    def check(self) -> None:
        """Raise ``DeadlineExpired`` if no time is left."""
        if self.expired:
            raise DeadlineExpired(f"{self.what} did not end within {self.seconds:g} s")
