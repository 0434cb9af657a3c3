"""What the kernel's memory is used for during a test, and slab caches that grow with each mount.

A cycle ends with each unmount of the filesystem; the objects in use are counted then, once the
kernel has freed what it can. Counts of the first cycles alone are taken, so that a test of many
mounts is not slowed by them. What a processor keeps of a cache counts as used: a leak of fewer
objects than that (a slab of each) may not show in every cycle on a busy host, and is missed.
"""

import re
from collections.abc import Iterator, Mapping

from vexfs_provider.detection import Evidence, Finding, Severity
from vexfs_provider.guest.guest import Guest
from vexfs_provider.instrumentation.instrument import Artefact, Instrument, Subject, with_limits
from vexfs_provider.instrumentation.slab_growth import (
    LEAST_COUNTS,
    Counts,
    count_objects,
    growing,
)

FILE = "memory.txt"
MOST_COUNTS = 12
SHOWN = 40
# Not a leak: the kernel gives address ranges back in bulk (mm/vmalloc.c, lazy_max_pages).
LAZY = "vmap_area"
_CODE = "allocations"
_TIMEOUT_S = 60.0

# As the kernel prints them: { call_site: [ffffffff812a] name [module] } hitcount: 1  bytes_alloc: 2
_ENTRY = re.compile(
    r"\{ (?:call_site: \[[0-9a-f]+\] (?P<site>.+?)|order: +(?P<order>\d+)) *\}"
    r" +hitcount: +(?P<count>\d+)(?: +bytes_alloc: +(?P<bytes>\d+))?"
)
_DROPPED = re.compile(r"^ +Dropped: (\d+)", re.MULTILINE)


class Memory(Instrument):
    """Allocations by who makes them, and the slab caches' objects before and after."""

    def __init__(self, subject: Subject):
        super().__init__(subject)
        self._before: Counts = {}
        self._cycles: list[Counts] = []
        self._refusal = ""

    def start(self, guest: Guest) -> None:
        guest.load_code(_CODE)
        self._before = count_objects(guest)
        self._refusal = guest.call(_CODE, "start", _TIMEOUT_S)

    def unmounted(self, guest: Guest) -> None:
        if len(self._cycles) < MOST_COUNTS:
            self._cycles.append(count_objects(guest))

    def stop(self, guest: Guest) -> Artefact:
        limits = []
        texts: Mapping[str, str] = {}
        if self._refusal:
            release = guest.kernel_release
            limits.append(f"who allocates is not known: kernel {release}: {self._refusal}")
        else:
            texts = guest.call(_CODE, "stop", _TIMEOUT_S)
        for name, text in texts.items():
            dropped = _DROPPED.search(text)
            if dropped and int(dropped[1]):
                limits.append(f"{name}: {dropped[1]} allocations were not counted")
        if len(self._cycles) < LEAST_COUNTS:
            few = f"{len(self._cycles)} unmounts, and {LEAST_COUNTS} are needed to see a leak"
            limits.append(few)
        after = count_objects(guest)
        parts = [_slab_table(self._before, after), _cycle_table(self._cycles)]
        parts += [_allocation_table(name, text) for name, text in texts.items()]
        findings = tuple(leaks(self._cycles))
        content = with_limits(tuple(limits), "\n".join(parts))
        return Artefact({FILE: content}, tuple(limits), findings)


def leaks(cycles: list[Counts]) -> Iterator[Finding]:
    """One finding for each cache that grows in every cycle, by the cache's name."""
    for cache, numbers in growing(cycles, least=1).items():
        if cache == LAZY:
            continue
        text = (
            f"operation: count the objects of {cache} after each of {len(cycles)} unmounts\n"
            "expected: at least one count not above the one before\n"
            f"actual: {', '.join(map(str, numbers))}"
        )
        yield Finding(
            title=f"slab cache {cache} grows with every mount",
            kind="slab-growth",
            frame=None,
            severity=Severity.ERROR,
            evidence=(Evidence(FILE, text),),
            recommendation=f"{FILE} has who allocates; boot with slub_debug=U to see who does not "
            "free.",
        )


def _slab_table(before: Counts, after: Counts) -> str:
    changes = {name: after.get(name, 0) - before.get(name, 0) for name in {*before, *after}}
    rows = sorted((name for name in changes if changes[name]), key=lambda name: -changes[name])
    lines = [f"{before.get(n, 0):>10} {after.get(n, 0):>10} {changes[n]:>+10}  {n}" for n in rows]
    head = "Slab objects in use before and after, and the difference; caches that did not change\n"
    return "\n".join([head + "are left out.", *lines, ""])


def _cycle_table(cycles: list[Counts]) -> str:
    """The caches that the last cycle left with more than the first one."""
    if not cycles:
        return "No unmount was seen.\n"
    grown = [n for n in sorted(cycles[-1]) if cycles[-1][n] > cycles[0].get(n, 0)]
    lines = [f"{name}: {', '.join(str(one.get(name, 0)) for one in cycles)}" for name in grown]
    return "\n".join(["Slab objects in use after each unmount, of caches that grew.", *lines, ""])


def _allocation_table(name: str, text: str) -> str:
    lines = []
    for entry in list(_ENTRY.finditer(text))[:SHOWN]:
        who = entry["site"] or f"order {entry['order']}"
        size = f"{entry['bytes']:>14} bytes" if entry["bytes"] else ""
        lines.append(f"{entry['count']:>10} times {size}  {who}")
    head = f"{name}: the {SHOWN} who took most, among them those that count the objects."
    return "\n".join([head, *lines, ""])
