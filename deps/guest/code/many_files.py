"""Runs in the guest: checks of very many files, made by one of them and found by another.

Between the two lies a remount. ``made_in`` is the folder of the check that has made them.
"""

import os

from checking import check, pattern, read_file, write_file
from concurrent_access import together

MAKERS = 2  # processes
A_FOLDER = 1000  # files in each of the folders of the second maker; the first has one for all
SAMPLES = 1000  # of which the content is compared
SHARE = 0.8  # of what is free, at most
DEPTH_SAMPLE = 50  # levels between two of which the inode is compared on the way up


def room_for(folder, wanted):
    """How many files of a block each there is room for, ``wanted`` at most."""
    counts = os.statvfs(folder)
    room = int(counts.f_bavail * counts.f_frsize // 4096 * SHARE)
    if counts.f_files:
        room = min(room, int(counts.f_favail * SHARE))
    return min(wanted, room)


@check
def many_files_are_made(case, count):
    """By two processes: one in a single folder, the other in many."""
    works = [lambda maker=maker: _make(case.folder, maker, count) for maker in range(MAKERS)]
    made = together(case, "create files", *works)
    if made is not None:
        case.equal("files that were made", expected=count, actual=sum(made))


def _make(folder, maker, count):
    """The files of one maker; their number."""
    held, made = None, 0
    for place, name in _files(maker, count):
        if place != held:
            os.makedirs(os.path.join(folder, place))
            os.chdir(os.path.join(folder, place))
            held = place
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(descriptor, name.encode())
        os.close(descriptor)
        made += 1
    return made


def _files(maker, count):
    """Folder and name of each of a maker's files."""
    for number in range(maker, count, MAKERS):
        place = "one" if maker == 0 else f"some/{number // MAKERS // A_FOLDER}"
        yield place, f"file-{number:07}"


@check
def many_files_are_found(case, made_in, count):
    """All names are listed once, and a sample of the files has its content."""
    wanted = {}
    for maker in range(MAKERS):
        for place, name in _files(maker, count):
            wanted.setdefault(place, []).append(name)
    listed = 0
    for place, names in wanted.items():
        found = os.listdir(os.path.join(made_in, place))
        listed += len(found)
        missing, more = set(names) - set(found), set(found) - set(names)
        case.equal("names missing from a folder", expected=[], actual=sorted(missing)[:5])
        case.equal("names too many in a folder", expected=[], actual=sorted(more)[:5])
    case.equal("names listed in all folders", expected=count, actual=listed)
    every = [(place, name) for place, names in wanted.items() for name in names]
    for place, name in every[:: max(1, len(every) // SAMPLES)]:
        content = read_file(os.path.join(made_in, place, name))
        if not case.equal("content of a file", expected=name.encode(), actual=content):
            return


@check
def deep_tree_is_made(case, depth):
    """Folders within each other, beyond what a path can name, and a file in the last."""
    here = os.open(case.folder, os.O_RDONLY)
    for level in range(depth):
        os.mkdir(f"d{level}", dir_fd=here)
        here = _go(here, f"d{level}")
    os.fchdir(here)
    write_file("bottom", pattern(4097))
    os.close(here)


@check
def deep_tree_is_found(case, made_in, depth):
    """Down to the file, up again by "..", which leads to the same folders, and all removed."""
    here = os.open(made_in, os.O_RDONLY)
    passed = {}
    for level in range(depth):
        if level % DEPTH_SAMPLE == 0:
            passed[level] = os.fstat(here).st_ino
        here = _go(here, f"d{level}")
    os.fchdir(here)
    case.equal("content of the deepest file", expected=pattern(4097), actual=read_file("bottom"))
    os.unlink("bottom")
    for level in reversed(range(depth)):
        here = _go(here, "..")
        os.rmdir(f"d{level}", dir_fd=here)
        if level in passed:
            inode = os.fstat(here).st_ino
            case.equal('the folder that ".." leads to', expected=passed[level], actual=inode)
    os.close(here)
    os.chdir("/")
    case.equal("what is left of the deep tree", expected=[], actual=os.listdir(made_in))


def _go(here, name):
    """The descriptor of a folder by its name in another, whose descriptor is closed."""
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
    finally:
        os.close(here)
