"""Runs in the guest: checks of mounts in use: busy, detached, many at once, and raced for."""

import errno
import os

from checking import pattern, read_file
from concurrent_access import WRITERS, each_writer, together
from mount_subject import SIZE, holds, mount_check, mounted, names, put
from mounting import MNT_DETACH, MS_BIND, mount, mounts_at, place_for, unmount

MOUNTS = 100
ROUNDS = 12  # mounts of each process


@mount_check
def busy_mounts_are_not_unmounted(case, place, subject):
    """EBUSY while a file is open there or a process works there, and nothing has happened."""
    top = place_for(place, "top")
    _mount_again(case, subject, top)
    put(f"{top}/file", 1)
    descriptor = os.open(f"{top}/file", os.O_RDONLY)
    try:
        case.raises("unmount with an open file", errno.EBUSY, unmount, top)
        start = os.pread(descriptor, SIZE, 0)
        case.equal("the open file after that", expected=pattern(SIZE, 1), actual=start)
    finally:
        os.close(descriptor)
    os.chdir(top)
    case.raises("unmount with a process working there", errno.EBUSY, unmount, top)
    case.true("the place is still mounted", mounts_at(top))
    os.chdir("/")
    unmount(top)
    case.equal("what is mounted there at last", expected=[], actual=mounts_at(top))
    case.raises("unmount what is not mounted", errno.EINVAL, unmount, top)


def _mount_again(case, subject, top):
    """A second mount of the filesystem, or one of the check's folder where it cannot be."""
    if subject.device:
        subject.mount(top)
    else:
        mount(case.folder, top, flags=MS_BIND)


@mount_check
def detached_mounts_live_until_the_last_close(case, place, subject):
    """MNT_DETACH with open files: they go on working; what was written is in the filesystem."""
    top = place_for(place, "top")
    _mount_again(case, subject, top)
    folder = place_for(top, "of_the_detached")
    put(f"{folder}/read", 1)
    descriptors = [os.open(f"{folder}/{name}", os.O_RDWR | os.O_CREAT) for name in ("read", "new")]
    handle = os.open(folder, os.O_RDONLY)
    try:
        unmount(top, MNT_DETACH)
        case.equal("names at the place of a detached mount", expected=[], actual=names(top))
        content = os.pread(descriptors[0], SIZE, 0)
        case.equal("read from an open file of it", expected=pattern(SIZE, 1), actual=content)
        os.pwrite(descriptors[1], pattern(SIZE, 2), 0)
        os.fsync(descriptors[1])
        os.close(os.open("later", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
        found = _names_by(handle)
        case.equal("names by an open folder of it", expected=["later", "new", "read"], actual=found)
    finally:
        for descriptor in (*descriptors, handle):
            os.close(descriptor)
    again = place_for(place, "again")
    _mount_again(case, subject, again)
    holds(case, "what was written to a detached mount", f"{again}/of_the_detached/new", 2)
    for name in names(f"{again}/of_the_detached"):
        os.unlink(f"{again}/of_the_detached/{name}")
    os.rmdir(f"{again}/of_the_detached")
    unmount(again)


def _names_by(handle):
    """What an open folder has, by opening it again: what is new may be missing in the first."""
    again = os.open(".", os.O_RDONLY, dir_fd=handle)
    try:
        return sorted(os.listdir(again))
    finally:
        os.close(again)


@mount_check
def a_hundred_mounts_at_once(case, place, subject):
    """All show the same content, or each its own where it is in memory; the last is as good."""
    put(case.path("file"), 1)
    tops = [place_for(place, f"top{number}") for number in range(MOUNTS)]
    below = os.path.relpath(case.path("file"), _root_of(case.folder))
    for number, top in enumerate(tops):
        subject.mount(top)
        if not subject.device:
            put(f"{top}/own", number)
    for number, top in enumerate(tops):
        if subject.device:
            holds(case, "the file through each of them", os.path.join(top, below), 1)
        else:
            holds(case, "the own file of each of them", f"{top}/own", number)
    for top in tops[::2] + tops[:0:-2]:
        unmount(top)
    left = [top for top in tops if mounts_at(top)]
    case.equal("mounts left after unmounting all", expected=[], actual=left)
    holds(case, "the file when all are gone", case.path("file"), 1)


def _root_of(folder):
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return folder


@mount_check
def processes_race_for_mounts(case, place, subject):
    """Mounts, unmounts and I/O by several processes at once, at places shared and their own."""
    shared = place_for(place, "shared")
    below = os.path.relpath(case.folder, _root_of(case.folder))
    for number in range(WRITERS):
        place_for(place, f"own{number}")
    works = each_writer(_race, subject, place, shared, below)
    answers = together(case, "mount and unmount", *works)
    while mounts_at(shared):
        unmount(shared)
    if answers is None:
        return
    wrong = [each for answer in answers for each in answer]
    case.equal("content wrong in a race", expected=[], actual=wrong)
    if subject.device:
        wanted = sorted(f"w{number}" for number in range(WRITERS))
        case.equal("files left by the race", expected=wanted, actual=names(case.folder))


def _race(number, subject, place, shared, below):
    """Rounds of one process; what was wrong in them.

    At the shared place others come between: mounting there is EBUSY, or nothing is mounted there.
    """
    wrong, own = [], f"{place}/own{number}"
    for turn in range(ROUNDS):
        with mounted(subject, own, f"r{turn}") as top:
            path = os.path.join(top, below if subject.device else "", f"w{number}")
            put(path, turn)
            if read_file(path) != pattern(SIZE, turn):
                wrong.append(f"process {number}, round {turn}")
        for action in (subject.mount, unmount):
            try:
                action(shared)
            except OSError as error:
                if error.errno not in (errno.EBUSY, errno.EINVAL):
                    raise
    return wrong
