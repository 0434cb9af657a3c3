"""Which functions of the filesystem's module were called, by whom, and how long they took: ftrace.

Functions that the compiler has made part of their callers are not seen, nor is what a module does
while it is loaded (its start).
"""

import bisect
import re
from collections.abc import Mapping
from typing import ClassVar

from vexfs_provider.errors import NotApplicable
from vexfs_provider.guest.guest import Guest
from vexfs_provider.instrumentation.instrument import Artefact, Instrument, Subject, with_limits

BUFFER_KIB = 512  # of each processor: 20 000 to 40 000 calls
TEXT_LIMIT = 32 << 20  # bytes
_CODE = "function_trace"
_TIMEOUT_S = 60.0
_SAVE_TIMEOUT_S = 300.0  # without KVM, half a minute of a slow host's for each MiB of buffer
_SAVED = "/run/vexfs/function.trace"
_ADDRESS = re.compile(rb"\b0xf[0-9a-f]{15}\b")
_MOST_BYTES = 1 << 20  # of one function: what is further from a name does not belong to it


class FunctionTrace(Instrument):
    """Every call of a function of the module, with its caller: the latest ones."""

    tracer: ClassVar[str] = "function"
    instance: ClassVar[str] = "vexfs-function"

    def __init__(self, subject: Subject):
        super().__init__(subject)
        self._module = subject.module
        self._names: dict[int, str] = {}
        self._guessed = False

    def start(self, guest: Guest) -> None:
        guest.load_code(_CODE)
        arguments = {"tracer": self.tracer, "traced": self._module, "instance": self.instance}
        refusal = guest.call(_CODE, "start", _TIMEOUT_S, buffer_kib=BUFFER_KIB, **arguments)
        if refusal:
            raise NotApplicable(f"kernel {guest.kernel_release}: {refusal}")
        self._learn(guest)

    def _learn(self, guest: Guest) -> None:
        """The kernel forgets a module's names when it is unloaded, and traces have addresses."""
        told = guest.call(_CODE, "functions", _TIMEOUT_S, traced=self._module)
        names: dict[int, str] = dict(told)
        self._guessed |= names != self._names and _overlap(names, self._names)
        self._names |= names

    def reloaded(self, guest: Guest) -> None:
        self._learn(guest)
        guest.call(_CODE, "choose", _TIMEOUT_S, traced=self._module, instance=self.instance)

    def stop(self, guest: Guest) -> Artefact:
        told = guest.call(_CODE, "pause", _TIMEOUT_S, instance=self.instance)
        arguments = {"instance": self.instance, "path": _SAVED, "limit": TEXT_LIMIT}
        guest.call(_CODE, "save", _SAVE_TIMEOUT_S, **arguments)
        text = guest.get(_SAVED, size=TEXT_LIMIT)
        guest.call(_CODE, "remove", _TIMEOUT_S, instance=self.instance)
        limits = []
        if told["overwritten"]:
            limits.append(
                f"{told['overwritten']} earlier events were written over by the last {told['kept']}"
            )
        if not told["kept"]:
            limits.append(f"no function of {self._module} was called")
        if self._guessed:
            limits.append("the module was loaded again near its old place: old names are a guess")
        if len(text) == TEXT_LIMIT:
            limits.append(f"the text ends after {TEXT_LIMIT >> 20} MiB")
        head = with_limits(tuple(limits), "")
        return Artefact({f"{self.tracer}.trace": head + named(text, self._names)}, tuple(limits))


class FunctionGraph(FunctionTrace):
    """Calls of the module's functions within each other, and the time that each has taken."""

    tracer = "function_graph"
    instance = ""  # a trace of its own cannot have this tracer before 6.12


def _overlap(one: Mapping[int, str], other: Mapping[int, str]) -> bool:
    """Whether two places of a module have addresses in common."""
    return bool(one and other) and min(one) <= max(other) and min(other) <= max(one)


def named(text: bytes, names: Mapping[int, str]) -> bytes:
    """A trace with functions in place of addresses that lie in one; ``names`` are by address."""
    starts = sorted(names)

    def name(found: re.Match[bytes]) -> bytes:
        address = int(found[0], 16)
        place = bisect.bisect_right(starts, address) - 1
        if place < 0 or address - starts[place] > _MOST_BYTES:
            return found[0]
        return names[starts[place]].encode()

    return _ADDRESS.sub(name, text)
