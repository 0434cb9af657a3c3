"""The bugs, by what they damage. To add one: a class with the decorator in the file that fits."""

from mutantfs.faults import (
    attributes,
    content,
    corners,
    directories,
    ends,
    inodes,
    links,
    modes,
    names,
    persistence,
    processes,
    ranges,
    reads,
    renames,
    sizes,
    space,
    times,
)
from mutantfs.registry import MUTANTS, make_operations

__all__ = [
    "MUTANTS",
    "attributes",
    "content",
    "corners",
    "directories",
    "ends",
    "inodes",
    "links",
    "make_operations",
    "modes",
    "names",
    "persistence",
    "processes",
    "ranges",
    "reads",
    "renames",
    "sizes",
    "space",
    "times",
]
