"""Who runs when a probe is hit: a task, or an interrupt, which holds locks of its own.

A probe is itself an exception, in which the kernel says of everybody that an interrupt is handled
(``TRACE_FLAG_HARDIRQ``). What remains to tell by is that interrupts are off in a handler: they are
off in a task too, but then it holds a lock that was taken that way. Who has switched them off by
``local_irq_save`` is taken for an interrupt.
"""

from collections.abc import Mapping

from vexfs_provider.instrumentation.perf_records import Sample

_HARD, _SOFT = 0x08, 0x10  # common_flags: TRACE_FLAG_HARDIRQ, TRACE_FLAG_SOFTIRQ
_INTERRUPTS_ON = 0x200  # EFLAGS.IF


class Contexts:
    """Names who runs; must be told who holds locks with interrupts off."""

    def __init__(self, tasks: Mapping[int, str]):
        self._tasks = tasks
        self._masking: dict[str, set[int]] = {}

    def task(self, thread: int, cpu: int) -> str:
        """A task by its thread's number; each processor has an idle task of its own."""
        return f"{self._tasks.get(thread, '?')}-{thread}" if thread else f"idle/{cpu}"

    def of_probe(self, sample: Sample, *, masked: bool = False) -> str:
        """Who has hit a probe; ``masked`` where the call just made has switched interrupts off."""
        below = self._below(sample)
        flags = number(sample, "flags")
        explained = masked or bool(self._masking.get(below))
        return below if flags & _INTERRUPTS_ON or explained else f"interrupt/{sample.cpu}"

    def of_tracepoint(self, sample: Sample) -> str:
        """Who has come by a tracepoint."""
        if number(sample, "common_flags") & _HARD:
            return f"interrupt/{sample.cpu}"
        return self._below(sample)

    def mask(self, context: str, lock: int) -> None:
        """The context has taken a lock with interrupts off."""
        self._masking.setdefault(context, set()).add(lock)

    def unmask(self, context: str, lock: int) -> None:
        """The context has released a lock."""
        self._masking.get(context, set()).discard(lock)

    def _below(self, sample: Sample) -> str:
        """Who runs if no interrupt is handled."""
        if number(sample, "common_flags") & _SOFT:
            return f"softirq/{sample.cpu}"
        return self.task(sample.thread, sample.cpu)


def number(sample: Sample, name: str) -> int:
    """A field of a sample; 0 if it has none of that name."""
    value = sample.fields.get(name, 0)
    return value if isinstance(value, int) else 0
