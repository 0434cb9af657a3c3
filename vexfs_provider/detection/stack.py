"""Stack traces in a report, and the function that is to blame."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from vexfs_provider.detection.console import Line
from vexfs_provider.detection.infrastructure import (
    DISPATCHING,
    GENERIC,
    GRACE_PERIOD,
    INTERRUPTING,
    SLEEPING,
    first_outside,
)
from vexfs_provider.detection.rule import Blame

# Where a line of a trace may begin before the function's name, on x86, arm, arm64, riscv, powerpc.
_FRAME = re.compile(
    r"""
    (?:\s{0,16}(?:(?:RIP|EIP|IP):?\s?(?:[0-9a-f]{4}:)?|NIP|epc\s?:|pc\s?:|PC\sis\sat)\s{0,3}
      |.{0,200}?,\s{0,8}at:\s|\s{1,16}|(?=\[<)|\(?(?=[a-z_]\w{0,60}\)?\sfrom\s))
    (?:<[A-Z]{3}>\s{1,4})?
    (?:\[\s?<?[0-9a-f]{4,16}>?\]\s{1,4}){0,3}
    (?:\[[0-9a-f]{16}\]\s){0,2}
    (?:\(?[\w.$]{1,128}\)?\sfrom\s(?:\[<[0-9a-f]{4,16}>\]\s)?\(?)?
    (?P<unsure>\?\s)?
    (?P<func>[A-Za-z_][\w.$]{0,127})
    (?:\+0x[0-9a-f]{1,8}(?:/0x[0-9a-f]{1,8})?|\s[\w./-]{1,128}\.[chS]:\d{1,6})
    """,
    re.VERBOSE,
)
# What follows tells the life of the object, of locks or of other CPUs, not of the fault.
_ELSEWHERE = re.compile(
    r"(?:Allocated by task|Freed by task|Memory state around|Uninit was (?:created|stored)"
    r"|Showing all locks|the existing dependency chain|Last potentially related)"
)
_SUFFIX = re.compile(r"\.(?:isra|part|cold|constprop|llvm)\b.*")
_SYSCALL = re.compile(
    r"^(?:__(?:x64|x32|arm64|ia32|s390x?|riscv|se|do)_)?(?:compat_)?(?:sys|SyS|SYSC|SYS)_"
)
_FRAMES_SEEN = 200


def plain_name(function: str) -> str:
    """The name in the source: no compiler suffix, and ``sys_`` for every kind of system call."""
    return _SYSCALL.sub("sys_", _SUFFIX.sub("", function))


def guilty(lines: Iterable[Line], blame: Blame, named: str | None = None) -> str | None:
    """The function held responsible in a report; None where only infrastructure is to be seen.

    ``named`` is the function that the report's header names; it comes first.
    """
    functions = list(frames(lines))
    if named:
        functions.insert(0, named)
    chosen = _CHOOSERS[blame](functions)
    return plain_name(chosen) if chosen else None


def frames(lines: Iterable[Line]) -> Iterator[str]:
    """Functions of the first traces, innermost first; those marked ``?`` are left out."""
    seen = 0
    for line in lines:
        match = _FRAME.match(line.text)
        if match and not match.group("unsure"):
            yield _SUFFIX.sub("", match.group("func"))
            seen += 1
        elif seen and _ELSEWHERE.match(line.text):
            return
        if seen == _FRAMES_SEEN:
            return


def _nobody(functions: list[str]) -> None:
    return None


def _faulting(functions: list[str]) -> str | None:
    return first_outside(functions, GENERIC)


def _blocked(functions: list[str]) -> str | None:
    chosen = first_outside(functions, GENERIC, SLEEPING)
    return "synchronize_rcu" if chosen and chosen in GRACE_PERIOD else chosen


def _stalled(functions: list[str]) -> str | None:
    called = (function for function, caller in pairwise(functions) if caller in DISPATCHING)
    return first_outside(called, DISPATCHING, INTERRUPTING, GENERIC)


_CHOOSERS: dict[Blame, Callable[[list[str]], str | None]] = {
    Blame.NOBODY: _nobody,
    Blame.FAULTING: _faulting,
    Blame.BLOCKED: _blocked,
    Blame.STALLED: _stalled,
}


_SAVED_FRAME = re.compile(r"^\[<[0-9a-f]+>\] ([A-Za-z_][\w.$]*)\+0x", re.MULTILINE)


def blocked_in(stack: str) -> str | None:
    """The function that a sleeping task waits for, from the text of its ``/proc/PID/stack``."""
    return _blocked([plain_name(name) for name in _SAVED_FRAME.findall(stack)])
