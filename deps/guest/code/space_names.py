"""Runs in the guest: checks of how many names there can be, at once and one after another."""

import contextlib
import os
import shutil

from checking import check
from space_accounting import settled

NAMES_PER_DIRECTORY = 2000
"""Names that one directory must take: a mail folder or a package cache holds that many, and they
fill some twenty blocks, so that directories of one block, or of those an inode names, fall short.
"""

TURNOVER = 3000  # names made and removed where inodes are too many to use each three times
BATCH = 100
STILL_LOOKS = 20  # a second: inodes that were unlinked before may be freed only now


def _make(case, names):
    for name in names:
        os.close(os.open(case.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))


def _remove(case, names):
    for name in names:
        os.unlink(case.path(name))


@contextlib.contextmanager
def _removed_after(case):
    """Many names must not fail the checks that follow, where those here have failed."""
    try:
        yield
    finally:
        shutil.rmtree(case.folder, ignore_errors=True)


def _used_inodes(folder):
    """Inodes in use; 0 where the filesystem counts none."""
    counts = os.statvfs(folder)
    return counts.f_files - counts.f_ffree


@check
def directory_takes_many_names(case):
    """As many as a directory must take: all are listed, found and removed."""
    names = [f"name-{number:06}-of-a-file" for number in range(NAMES_PER_DIRECTORY)]
    with _removed_after(case):
        _make(case, names)
        case.equal("names listed", expected=len(names), actual=len(set(os.listdir(case.folder))))
        lost = [name for name in names if not os.path.lexists(case.path(name))]
        case.equal("names not found", expected=[], actual=lost)
        _remove(case, names[::2])
        left = sorted(os.listdir(case.folder))
        case.equal("names when every other is removed", expected=names[1::2], actual=left)
        _remove(case, names[1::2])
        case.equal("names when all are removed", expected=[], actual=os.listdir(case.folder))


@check
def names_can_be_made_again_and_again(case):
    """More than there are inodes, where those are few; their inodes are free again afterwards."""
    inodes = os.statvfs(case.folder).f_files
    total = 3 * inodes if 0 < 3 * inodes < TURNOVER else TURNOVER
    names = [f"file{number}" for number in range(BATCH)]
    with _removed_after(case):
        before = settled(case.folder, lambda _: not inodes, _used_inodes, STILL_LOOKS)
        _make(case, names)
        if inodes:
            used = settled(case.folder, lambda used: used == before + BATCH, _used_inodes) - before
            case.equal("inodes in use with the first names", expected=BATCH, actual=used)
        _remove(case, names)
        for _ in range(total // BATCH):
            _make(case, names)
            _remove(case, names)
        case.equal("names left", expected=[], actual=os.listdir(case.folder))
        used = settled(case.folder, lambda used: used == before, _used_inodes) - before
        case.equal("inodes still in use", expected=0, actual=used)
