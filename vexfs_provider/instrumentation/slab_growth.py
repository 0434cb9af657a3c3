"""Slab caches that grow from one cycle to the next: what a module leaves behind."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from vexfs_provider.guest.guest import Guest

LEAST_COUNTS = 5
"""Counts that show a trend. The caches that all of the kernel uses go up and down by some objects;
that one goes up by several, four times in a row, has not been seen."""

_SETTLE_TIMEOUT_S = 60.0
# Twice: what the first drops is freed behind a grace period, some by a shrinker of its own
# (mm/slab_common.c, kfree_rcu). Shrinking a cache gives back the free objects that SLUB keeps for
# each CPU, which slabinfo counts as used (mm/slub.c, get_slabinfo).
_SETTLE = """
sync
echo 3 >/proc/sys/vm/drop_caches
sleep 0.1
echo 3 >/proc/sys/vm/drop_caches
for cache in /sys/kernel/slab/*/shrink; do [ -L "${cache%/*}" ] || echo 1 >"$cache"; done
"""

Counts = Mapping[str, int]


def count_objects(guest: Guest) -> dict[str, int]:
    """Objects in use by slab cache, once the kernel has freed what it can."""
    guest.run(["sh", "-c", _SETTLE], timeout_s=_SETTLE_TIMEOUT_S)
    return read_slabinfo(guest.get("/proc/slabinfo").decode())


def read_slabinfo(text: str) -> dict[str, int]:
    """Active objects by cache from the text of /proc/slabinfo, see slabinfo(5)."""
    lines = [line for line in text.splitlines() if not line.startswith(("slabinfo", "#"))]
    return {words[0]: int(words[1]) for words in map(str.split, lines)}


def growing(counts: Sequence[Counts], least: int) -> dict[str, list[int]]:
    """The caches that had at least ``least`` objects more in each count than in the one before.

    ``counts`` holds one count a cycle; fewer than ``LEAST_COUNTS`` report nothing. Returns the
    numbers of objects by cache.
    """
    if len(counts) < LEAST_COUNTS:
        return {}
    series = {name: [count.get(name, 0) for count in counts] for name in sorted(counts[-1])}
    return {
        name: numbers
        for name, numbers in series.items()
        if all(after - before >= least for before, after in pairwise(numbers))
    }
