"""Stacks and what was measured of each, in the folded form that flame graphs are made of.

A line of it is the frames, outermost first, separated by semicolons, a blank and a number
(github.com/brendangregg/FlameGraph, stackcollapse.pl).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from vexfs_provider.instrumentation.flame_graph import Stacks, draw
from vexfs_provider.instrumentation.instrument import Artefact, with_limits
from vexfs_provider.instrumentation.perf_records import Sample

USER = "[user]"


def frames(
    sample: Sample, tasks: Mapping[int, str], names: Mapping[int, str], *between: str
) -> tuple[str, ...]:
    """The task, what stands ``between``, and the kernel's functions, outermost first.

    Code of programs has no functions here: it is all of ``USER``.
    """
    called = [names.get(address, f"{address:#x}") for address in reversed(sample.chain)]
    task = tasks.get(sample.thread, "?") if sample.thread else "[idle]"
    return tuple(one.replace(";", ":") for one in (task, *between, *(called or [USER])))


def folded(stacks: Stacks) -> str:
    """A line for each stack, that of the most first."""
    rows = sorted(stacks.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{';'.join(frames)} {value}\n" for frames, value in rows if value)


def tops(stacks: Stacks, count: int) -> list[str]:
    """The functions that were innermost the most, in words."""
    of_each: Counter[str] = Counter()
    for frames, value in stacks.items():
        of_each[frames[-1]] += value
    total = sum(of_each.values()) or 1
    return [f"{100 * value / total:.1f} % {name}" for name, value in of_each.most_common(count)]


def artefact(name: str, title: str, unit: str, stacks: Stacks, limits: Sequence[str]) -> Artefact:
    """The flame graph, and the folded stacks that it was drawn from."""
    told = tuple(limits) if any(stacks.values()) else (*limits, "no stack was seen")
    picture = draw(stacks, title=title, unit=unit, notes=told)
    text = with_limits(told, folded(stacks))
    return Artefact({f"{name}.svg": picture.encode(), f"{name}.folded": text}, told)
