"""Runs in the guest: the part of the tree that is about times, set by hand or by a change.

``tree.describe`` only tells recent times from others. So what is changed here has an old time on
the disk before that: a filesystem that forgets the time of the change shows the old one again.
"""

import os

from checking import check, pattern, write_file
from persistence import append, cut, step
from syscalls import sync_filesystem

OLD_NS = 1_000_000_000 * 10**9  # 2001; in whole seconds, since many disks hold no less
DAY_NS = 86_400 * 10**9


def make_folder(path):
    os.mkdir(path)
    write_file(os.path.join(path, "file"), pattern(100))


def make_file(path):
    write_file(path, pattern(20_000))


def keep(path):
    """No change, so that the time stays the one that was set."""


def gain_a_file(path):
    write_file(os.path.join(path, "new"), b"")


def gain_a_folder(path):
    os.mkdir(os.path.join(path, "new"))


def lose_a_file(path):
    os.unlink(os.path.join(path, "file"))


def rename_a_file(path):
    os.rename(os.path.join(path, "file"), os.path.join(path, "new"))


ENTRIES = (
    ("folder_as_it_was", make_folder, keep),
    ("folder_with_a_new_file", make_folder, gain_a_file),
    ("folder_with_a_new_folder", make_folder, gain_a_folder),
    ("folder_without_its_file", make_folder, lose_a_file),
    ("folder_with_another_name", make_folder, rename_a_file),
    ("file_as_it_was", make_file, keep),
    ("file_made_longer", make_file, append),
    ("file_made_shorter", make_file, cut),
)


@check
def times(case):
    for number, (name, make, _) in enumerate(ENTRIES):
        with step(case, f"make a {name}"):
            make(case.path(name))
            set_times(case.path(name), OLD_NS + number * DAY_NS)
    sync_filesystem(case.folder)
    for name, _, change in ENTRIES:
        with step(case, f"make it a {name}"):
            change(case.path(name))
    with step(case, "set the times of the folder they are in"):  # all in it may get lost
        set_times(case.folder, OLD_NS - DAY_NS)


def set_times(path, time_ns):
    os.utime(path, ns=(time_ns, time_ns))
