"""The guest's clock on the host's."""

from collections import deque

LOOK_BACK = 16
JUMP_S = 1.0  # more than a busy host delays a line, less than a pause that matters


class GuestClock:
    """Maps a guest's monotonic clock to the host's, by when lines arrive that have the guest's.

    A line takes some time to arrive, but never a negative one: the least difference of the two
    clocks among the last lines is the best one. A difference that has grown by ``JUMP_S`` says that
    the guest was stopped, and its clock with it.
    """

    def __init__(self) -> None:
        self._differences: deque[float] = deque(maxlen=LOOK_BACK)

    def to_host(self, guest_s: float, arrived_s: float) -> float:
        """The host's time of ``guest_s``, a time of the guest's told by a line that has come."""
        difference = arrived_s - guest_s
        if self._differences and difference > min(self._differences) + JUMP_S:
            self._differences.clear()
        self._differences.append(difference)
        return guest_s + min(self._differences)
