"""Runs in the guest: checks of reading directories while they change.

They call getdents64(2) with a small buffer: C libraries read some 30 KiB at once, so that most of
a directory would be read before anything in it could change.
"""

import collections
import contextlib
import ctypes
import itertools
import os
import shutil
import stat
import struct

from checking import check, write_file

BUFFER_BYTES = 1024
GETDENTS64 = {"x86_64": 217, "aarch64": 61}
RECORD = struct.Struct("=QqHB")  # d_ino, d_off, d_reclen, d_type of linux_dirent64, linux/dirent.h
NAME = RECORD.size
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
TYPES = {stat.S_IFREG: 8, stat.S_IFDIR: 4, stat.S_IFLNK: 10, stat.S_IFIFO: 1}  # DT_*
UNKNOWN = 0  # DT_UNKNOWN: readdir(3) lets a filesystem not tell
STABLE = 1000
VOLATILE = 500
MOST_CALLS = 5000


class Entry:
    """One directory entry; ``offset`` is where lseek(2) goes on after it."""

    def __init__(self, inode, offset, kind, name):
        self.inode = inode
        self.offset = offset
        self.kind = kind
        self.name = name


def read_entries(descriptor):
    """The entries of one getdents64(2), ``.`` and ``..`` among them; an empty list at the end."""
    buffer = ctypes.create_string_buffer(BUFFER_BYTES)
    number = ctypes.c_long(GETDENTS64[os.uname().machine])
    size = LIBC.syscall(number, ctypes.c_long(descriptor), buffer, ctypes.c_long(BUFFER_BYTES))
    if size < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    data, start, entries = buffer.raw[:size], 0, []
    while start < size:
        inode, offset, length, kind = RECORD.unpack_from(data, start)
        name = data[start + NAME : start + length].partition(b"\0")[0]
        entries.append(Entry(inode, offset, kind, os.fsdecode(name)))
        start += length
    return entries


def _all_entries(descriptor):
    os.lseek(descriptor, 0, os.SEEK_SET)
    entries = []
    for _ in range(MOST_CALLS):
        more = read_entries(descriptor)
        if not more:
            break
        entries += more
    return entries


@contextlib.contextmanager
def _populated(case, stable, doomed):
    """A descriptor of the check's folder with ``stable`` and ``doomed`` names, and both lists."""
    names = [[f"stable{n:04}" for n in range(stable)], [f"doomed{n:04}" for n in range(doomed)]]
    try:
        for name in itertools.chain(*names):
            os.close(os.open(case.path(name), os.O_WRONLY | os.O_CREAT, 0o644))
        # Opened after that: what is made later need not be listed (readdir(3), POSIX).
        descriptor = os.open(case.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield descriptor, *names
        finally:
            os.close(descriptor)
    finally:  # a filesystem with few inodes must not fail the checks that follow
        shutil.rmtree(case.folder, ignore_errors=True)


@check
def readdir_lists_stable_names_once_amid_changes(case):
    """Names are removed and made while a large directory is read.

    Those that stay are each listed exactly once; those made or removed meanwhile at most once.
    """
    with _populated(case, STABLE, VOLATILE) as (descriptor, stable, doomed):
        seen, ended = _read_amid_changes(case, descriptor, doomed)
        case.true("reading comes to an end", ended, f"{MOST_CALLS} calls")
        twice = sorted(name for name, count in collections.Counter(seen).items() if count > 1)
        case.equal("names listed twice", expected=[], actual=twice)
        missed = sorted(set(stable) - set(seen))
        case.equal("stable names not listed", expected=[], actual=missed)
        listed = {entry.name for entry in _all_entries(descriptor)} - {".", ".."}
        case.equal("names after a rewind", expected=set(os.listdir(case.folder)), actual=listed)


def _read_amid_changes(case, descriptor, doomed):
    """Read all, changing the directory at each call: the names seen, and whether it ended."""
    seen = []
    for number in range(MOST_CALLS):
        entries = read_entries(descriptor)
        if not entries:
            return seen, True
        seen += [entry.name for entry in entries]
        # Fewer are made than read, so that a filesystem that lists new ones ends as well.
        for name in doomed[number * 5 : number * 5 + 5]:
            os.unlink(case.path(name))
        if number < VOLATILE // 5:
            os.mkdir(case.path(f"made{number:04}-directory"))
            os.rmdir(case.path(f"made{number:04}-directory"))
            write_file(case.path(f"made{number:04}"), b"")
    return seen, False


@check
def readdir_lets_a_reader_remove_what_it_sees(case):
    """Every name is removed as soon as it is listed, as rm -r does; none is passed over."""
    removed = 0
    with _populated(case, VOLATILE, 0) as (descriptor, names, _):
        for _ in range(MOST_CALLS):
            entries = read_entries(descriptor)
            for entry in entries:
                if entry.name not in (".", ".."):
                    os.unlink(case.path(entry.name))
                    removed += 1
            if not entries:
                break
        case.equal("names removed", expected=len(names), actual=removed)
        case.equal("names left", expected=[], actual=os.listdir(case.folder))


@check
def readdir_goes_on_after_seek(case):
    """telldir(3) and seekdir(3): from an entry's offset on come those that came after it."""
    with _populated(case, VOLATILE, 0) as (descriptor, made, _):
        entries = _all_entries(descriptor)
        names = [entry.name for entry in entries]
        case.equal("entries listed", expected=len(made) + 2, actual=len(names))
        for place in (0, 1, len(names) // 3, len(names) - 2):
            os.lseek(descriptor, entries[place].offset, os.SEEK_SET)
            following = [entry.name for entry in read_entries(descriptor)]
            wanted = names[place + 1 : place + 1 + len(following)]
            case.equal("entries after a seek", expected=wanted, actual=following)
            case.true("there are entries after a seek", following)
        os.lseek(descriptor, entries[-1].offset, os.SEEK_SET)
        case.equal("entries after the last", expected=0, actual=len(read_entries(descriptor)))


@check
def directory_entries_have_the_type_of_their_file(case):
    """d_type of each entry is that of stat(2), or unknown; . and .. come once."""
    for entry, made in _entries_of_every_type(case):
        kind = TYPES[stat.S_IFMT(made.st_mode)]
        told = f"{entry.kind}, not {kind}"
        case.true(f"d_type of {entry.name}", entry.kind in (kind, UNKNOWN), told)


@check
def directory_entries_have_the_inode_of_their_file(case):
    """d_ino of each entry, . and .. among them, is st_ino of stat(2)."""
    for entry, made in _entries_of_every_type(case):
        case.equal(f"d_ino of {entry.name}", expected=made.st_ino, actual=entry.inode)


def _entries_of_every_type(case):
    """Each entry of a directory, and what lstat(2) says of it."""
    write_file(case.path("file"), b"")
    os.mkdir(case.path("folder"))
    for make, name in ((os.mkfifo, "fifo"), (lambda path: os.symlink("file", path), "symlink")):
        # Without this type the filesystem says EPERM, which is no matter of these checks.
        with contextlib.suppress(PermissionError):
            make(case.path(name))
    descriptor = os.open(case.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        entries = _all_entries(descriptor)
    finally:
        os.close(descriptor)
    names = sorted(entry.name for entry in entries if entry.name in (".", ".."))
    case.equal("entries of dots", expected=[".", ".."], actual=names)
    return [(entry, os.lstat(case.path(entry.name))) for entry in entries]
