"""Runs in the guest: what checks of mounts are written with, and whom they are about."""

import contextlib
import functools
import os

from checking import check, pattern, read_file, write_file
from mounting import mount, own_namespace, place_for, split_options, unmount

SIZE = 3 * 4096 + 123  # a tail that ends within a block


class Subject:
    """A filesystem that can be mounted: its device (none if in memory), type and options."""

    def __init__(self, device, kind, options):
        self.device = device
        self.kind = kind
        self.flags, self.data = split_options(options)

    def mount(self, place, flags=0):
        """Mount it there, a second time if it is mounted somewhere."""
        mount(self.device or "none", place, self.kind, self.flags | flags, self.data)


def mount_check(function):
    """A check that gets, besides its case, a folder for mount points in a namespace of its own.

    ``subject``, ``other`` and the like, given by the host as mappings, become ``Subject``.
    """

    @check
    @functools.wraps(function)
    def run(case, **arguments):
        for name, value in arguments.items():
            if isinstance(value, dict):
                arguments[name] = Subject(**value)
        with own_namespace() as place:
            function(case, place, **arguments)

    return run


def put(path, seed=0):
    """A file with content that its seed tells apart from others."""
    write_file(path, pattern(SIZE, seed))


def holds(case, operation, path, seed=0):
    """The file has what ``put`` wrote."""
    return case.equal(operation, expected=pattern(SIZE, seed), actual=read_file(path))


@contextlib.contextmanager
def mounted(subject, *parts):
    """The subject mounted at a new place, until the end."""
    place = place_for(*parts)
    subject.mount(place)
    try:
        yield place
    finally:
        unmount(place)


def names(folder):
    """What is listed in a folder, sorted."""
    return sorted(os.listdir(folder))
