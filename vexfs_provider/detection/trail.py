"""How the guilty function is found in a report: what is looked for, line after line."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from vexfs_provider.detection.infrastructure import (
    DISPATCHING,
    GENERIC,
    GRACE_PERIOD,
    NETWORK_LOCK,
    SLEEPING,
    Functions,
    outside,
)
from vexfs_provider.detection.rust_names import source_name
from vexfs_provider.detection.stack import (
    FUNCTION,
    PC,
    begins_stack,
    functions,
    injected,
    short_name,
)

STACK = None
"""A step: the functions of a stack, up to the heading of another or the line of the next step."""

Step = re.Pattern[str] | None


@dataclass(frozen=True)
class Found:
    """The function to blame for one stack, as printed and under its short name."""

    printed: str
    name: str


Choice = Callable[[Sequence[str]], Found | None]


def first(names: Sequence[str]) -> Found | None:
    return Found(names[0], short_name(names[0])) if names else None


def blocked(names: Sequence[str]) -> Found | None:
    """The first that does not just sleep; grace periods and the network's lock have one name."""
    for name in map(short_name, names):
        if name in NETWORK_LOCK:
            return Found(name, name)
        if name in GRACE_PERIOD:
            return Found(name, "synchronize_rcu")
    for printed in names:
        if short_name(printed) not in SLEEPING:
            return Found(printed, short_name(printed))
    return None


def dispatched(names: Sequence[str]) -> Found | None:
    """What the first dispatcher had called: any function below it may be where time was spent."""
    previous = names[0] if names else ""
    for printed in names:
        name = short_name(printed)
        if "smp_call_function" in name:  # waits for other CPUs, whatever was called for
            return Found(printed, "smp_call_function")
        if name in DISPATCHING:
            return Found(previous, short_name(previous))
        previous = printed
    return None


@dataclass(frozen=True)
class Trail:
    """The steps, each from the line behind the last one's on; ``otherwise`` if they find nothing.

    A pattern is searched; its groups are functions. ``skip``: infrastructure besides ``GENERIC``.
    """

    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()
    skip: Functions = GENERIC
    choose: Choice = first

    def beside(self, *words: str) -> "Trail":
        """The same trail that skips the functions of these words too."""
        return replace(self, skip=self.skip | Functions(*words))

    def follow(self, lines: Sequence[str]) -> tuple[list[Found | None], bool]:
        """For each stack the function to blame, and whether nothing foreign was in the way."""
        found, clean = self._follow(lines, self.steps)
        if self.otherwise and not (clean and all(found)):
            found, clean = self._follow(lines, self.otherwise)
        return found, clean

    def _follow(
        self, lines: Sequence[str], steps: tuple[Step, ...]
    ) -> tuple[list[Found | None], bool]:
        walk = _Walk(lines, steps)
        stacks = [outside(map(source_name, names), self.skip) for names in walk.stacks()]
        return [self.choose(names) for names in stacks], walk.clean


class _Walk:
    """One pass over a report's lines, by the steps of a trail."""

    def __init__(self, lines: Sequence[str], steps: tuple[Step, ...]):
        self.clean = True
        self._lines = lines
        self._place = 0
        self._steps = steps

    def stacks(self) -> Iterator[list[str]]:
        """The functions of each stack, with those that the patterns before it named."""
        names: list[str] = []
        had_stack = False
        index = 0
        while index < len(self._steps):
            step = self._steps[index]
            index += 1
            if step is not STACK:
                names += self._search(step)
                continue
            if had_stack:
                yield names
                names = []
            had_stack = True
            following = self._steps[index] if index < len(self._steps) else None
            shown, met = self._stack(following)
            names += shown
            index += met
        yield names

    def _search(self, pattern: re.Pattern[str]) -> list[str]:
        for text in self._rest():
            if injected(text):
                self.clean = False
                return []
            if match := pattern.search(text):
                return [name for name in match.groups() if name]
        return []

    def _stack(self, following: Step) -> tuple[list[str], bool]:
        """The functions of a stack, and whether the line of the following step ended it."""
        names: list[str] = []
        for text in self._rest():
            if injected(text):
                self.clean = False
                break
            if begins_stack(text):
                break
            if following and (match := following.search(text)):
                return names + [name for name in match.groups() if name], True
            names += functions(text)
        return names, False

    def _rest(self) -> Iterator[str]:
        while self._place < len(self._lines):
            self._place += 1
            yield self._lines[self._place - 1]


_NULL = r"\[< {0,24}\(null\)>\]"
_IP_TEXT = (
    rf"(?:IP|pc |PC is at|IP is at):? (?:(?:[0-9]+:)?(?:{PC} {{1,4}}){{0,2}}{FUNCTION}"
    rf"|(?:[0-9]+:)?0x[0-9a-f]+|(?:[0-9]+:)?{PC} {{1,4}}{_NULL}|[0-9]+: {{1,24}}\(null\))"
)
IP = re.compile(_IP_TEXT)
"""The line with the instruction pointer: x86, arm, arm64, powerpc, riscv."""

CALLS = re.compile(r"Call [Tt]race:|Backtrace:")
AT = re.compile(rf"at: (?:{PC} {{1,4}})?{FUNCTION}")
PRINTED = re.compile(rf"{PC} {{1,4}}{FUNCTION}")
# powerpc64 has no line of the instruction pointer in a warning
_WARNED = re.compile(rf"{_IP_TEXT}|--- interrupt: [0-9]+ at {FUNCTION}")

NOBODY = Trail(())
INSTRUCTION = Trail((IP,))
FAULTING = Trail((IP, CALLS, STACK))
CALLING = Trail((CALLS, STACK))
WARNED = Trail((_WARNED, STACK), (CALLS, STACK))
BLOCKED = Trail((CALLS, STACK), choose=blocked)
LOCKED_UP = Trail((IP, CALLS, STACK), choose=dispatched)
STACK_USED_UP = Trail((CALLS, STACK), choose=dispatched)
