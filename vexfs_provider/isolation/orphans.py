"""Makes a process end, in order, when the process that started it is gone."""

import ctypes
import os
import signal
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(BaseException):
    """SIGTERM arrived: not an error, so that only ``finally`` blocks see it."""


def end_on_sigterm() -> None:
    """Turn SIGTERM into ``Interrupted``, so that guests and folders are cleaned up."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: let the clean-up finish
    raise Interrupted


def end_with_parent() -> None:
    """Have the kernel send us SIGTERM when our parent dies, as ``end_on_sigterm`` takes it.

    Avocado's runner is killed on Ctrl-C and leaves the process of the test behind.
    """
    end_on_sigterm()
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        raise Interrupted  # it died before the kernel knew of our wish
