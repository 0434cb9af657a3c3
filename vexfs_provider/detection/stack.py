"""Stack traces: the functions that one line shows, and names without what machines add to them."""

import re
from functools import lru_cache

from vexfs_provider.detection.infrastructure import (
    GENERIC,
    GRACE_PERIOD,
    SLEEPING,
    SYSCALL_PREFIXES,
    outside,
)

PC = r"\[<?(?:0x)?[0-9a-f]+>?\]"
FUNCTION = r"([A-Za-z_][A-Za-z0-9_]*)(?:\.[\w.$]{0,64})?\+0x"
"""For patterns: a function as printed, ``name+0xoffset`` or ``name.part.0+0xoffset``."""

# x86, arm64, riscv, powerpc and s390 print "[<pc>] name+0x1/0x2"; scripts/decode_stacktrace.sh
# turns the offset into "(file:line)".
_FRAME = re.compile(
    rf" *(?:{PC} ){{0,2}} ?(?:{FUNCTION}|([A-Za-z_]\w*) \([\w./-]{{1,128}}\.[chS]:\d)"
)
# arm prints the function that is left, then where it was called from.
_FRAME_OF_ARM = re.compile(
    rf" {{0,8}}(?:{PC} )?\(?([A-Za-z_]\w*)[\w.]*\)? from (?:{PC} )?\(?{FUNCTION}"
)

HEADINGS = tuple(
    map(
        re.compile,
        (
            r"Call [Tt]race",
            r"Allocated:",
            r"Allocated by task \d+:",
            r"Freed:",
            r"Freed by task \d+:",
            r"(?:^ ?|[^k] )backtrace(?: \(crc [0-9a-f]*\))?:",  # but no "stack backtrace:"
            r"Backtrace:",
            r"Uninit was stored to memory at",
        ),
    )
)
"""What stands above a stack; below each there must be one."""

# riscv dumps a stack behind its registers without a heading (arch/riscv/kernel/process.c).
UNTITLED = re.compile(r"status: [0-9a-f]{16} badaddr: [0-9a-f]{16} cause: [0-9a-f]{16}")
_BEGINS = re.compile("|".join(pattern.pattern for pattern in (*HEADINGS, UNTITLED)))
# An injected fault prints its own stack, which then stands in the midst of another report.
_INJECTED = re.compile(rf"(?: {PC})? ?should_fail(?:slab)?(?:\.[a-z0-9.]+)?\+0x")

_SUFFIX = re.compile(r"\.(?:isra|part|cold|constprop|llvm)\b.*")
_SYSCALL = re.compile(
    r"^(?:__(?:x64|x32|arm64|ia32|s390x?|riscv|se|do)_)?(?:compat_)?(?:sys|SyS|SYSC|SYS)_"
)
_SAVED_FRAME = re.compile(r"^\[<[0-9a-f]+>\] ([A-Za-z_][\w.$]*)\+0x", re.MULTILINE)


@lru_cache(8192)
def functions(text: str) -> tuple[str, ...]:
    """The functions of a stack that the line shows, innermost first; usually one or none."""
    match = _FRAME_OF_ARM.match(text) if " from " in text else _FRAME.match(text)
    return tuple(filter(None, match.groups())) if match else ()


@lru_cache(8192)
def begins_stack(text: str) -> bool:
    """Whether the line is the heading of a stack."""
    return _BEGINS.search(text) is not None


def injected(text: str) -> bool:
    return "should_fail" in text and bool(_INJECTED.match(text))


def is_guess(text: str) -> bool:
    """Whether the unwinder found the function on the stack, but not that it was called."""
    if "<EOI>" in text:
        return False
    return " ? " in text or text.startswith("? ") or text.endswith(" (unreliable)")


def short_name(function: str) -> str:
    """The name without the prefix that a machine puts before a system call's."""
    names = (function.removeprefix(prefix) for prefix in SYSCALL_PREFIXES)
    return min(names, key=len)


def long_names(function: str) -> list[str]:
    """Other names under which the function may be known, with more of its prefixes."""
    names = (function.removeprefix(prefix) for prefix in SYSCALL_PREFIXES)
    return list(dict.fromkeys([function, *names]))


def plain_name(function: str) -> str:
    """The name in the source: no compiler suffix, and ``sys_`` for every kind of system call."""
    return _SYSCALL.sub("sys_", _SUFFIX.sub("", function))


def blocked_in(stack: str) -> str | None:
    """The function that a sleeping task waits for, from the text of its ``/proc/PID/stack``."""
    names = outside(map(plain_name, _SAVED_FRAME.findall(stack)), GENERIC)
    for name in names:
        if name in GRACE_PERIOD:
            return "synchronize_rcu"
        if name not in SLEEPING:
            return name
    return None
