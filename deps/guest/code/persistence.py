"""Runs in the guest: the parts of a tree of files, a check each.

A part is made in its own folder by steps that go on when one fails; what there is afterwards must
be described alike by ``tree.describe`` later.
"""

import contextlib
import errno
import os
import random
import stat

from checking import check, pattern, write_file

SIZES = (0, 1, 511, 4095, 4096, 4097, 8192, 40_000)  # bytes; around sectors and blocks
BIG_BYTES = (1 << 20) + 123
HOLE_BYTES = 256 << 10
MANY = 100  # files in one folder, more than a small folder's first block holds
DEPTH = 8
LONG_TARGET = "long/" * 60  # more than the bytes that inodes keep a link's target in
MODES = (0o000, 0o400, 0o644, 0o755, 0o1777, 0o2755, 0o4711)
OWNERS = ((0, 1000), (1000, 0), (70_000, 80_000))  # beyond 16 bits too
# 1970, 2001, and the 22nd century, which takes more than 32 bits of seconds
TIMES_NS = (1, 1_000_000_000_123_456_789, 4_200_000_000_987_654_321)


@contextlib.contextmanager
def step(case, operation):
    """A step of a part; its failure is noted, and the next steps go on."""
    try:
        yield
    except OSError as error:
        case.fail(operation, "success", errno.errorcode.get(error.errno, error.errno))


@check
def top_folder(case):
    """Files in the folder that the part's own one is in: a filesystem may treat its root apart."""
    with step(case, "write a file"):
        write_file(f"{case.folder}_content", pattern(20_000, 4))
    with step(case, "rename a file"):
        write_file(f"{case.folder}_old", pattern(5000, 5))
        os.rename(f"{case.folder}_old", f"{case.folder}_renamed")
    with step(case, "chmod"):
        write_file(f"{case.folder}_mode", b"")
        os.chmod(f"{case.folder}_mode", 0o4711)
    with step(case, "chown"):
        write_file(f"{case.folder}_owner", b"")
        os.chown(f"{case.folder}_owner", 70_000, 80_000)
    with step(case, "set times"):
        write_file(f"{case.folder}_time", b"")
        os.utime(f"{case.folder}_time", ns=TIMES_NS[1:])


@check
def contents(case):
    for size in SIZES:
        with step(case, "write a file"):
            write_file(case.path(f"size_{size}"), pattern(size, size))
    changes = {"appended": append, "overwritten": overwrite, "cut": cut, "extended": extend}
    for name, change in changes.items():
        with step(case, f"write a file to be {name}"):
            write_file(case.path(name), pattern(20_000))
            change(case.path(name))
    with step(case, "replace the content of a file"):
        write_file(case.path("replaced"), pattern(9000, 1))
        write_file(case.path("replaced"), pattern(5000, 2))
    with step(case, "write a file and fsync it and its folder"):
        write_file(case.path("synced"), pattern(6000, 3))
        for path in (case.path("synced"), case.folder):
            synchronise(path)


def synchronise(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path):
    with open(path, "ab") as file:
        file.write(pattern(7777, 1))


def overwrite(path):
    with open(path, "r+b") as file:
        file.seek(4000)
        file.write(pattern(5000, 1))


def cut(path):
    os.truncate(path, 10_001)


def extend(path):
    os.truncate(path, 10_001)
    os.truncate(path, 30_000)


@check
def big_files(case):
    with step(case, "write a big file"):
        write_file(case.path("big"), random.Random(1).randbytes(BIG_BYTES))
    with step(case, "cut a big file"):
        write_file(case.path("cut"), random.Random(2).randbytes(BIG_BYTES))
        os.truncate(case.path("cut"), BIG_BYTES // 2)


@check
def sparse_files(case):
    with step(case, "write behind a hole"):
        write_file(case.path("hole_first"), b"")
        with open(case.path("hole_first"), "r+b") as file:
            file.seek(HOLE_BYTES)
            file.write(pattern(5000))
    with step(case, "end a file with a hole"):
        write_file(case.path("hole_last"), pattern(5000))
        os.truncate(case.path("hole_last"), HOLE_BYTES)


@check
def folders(case):
    folder = case.path("deep")
    with step(case, "make folders within each other"):
        for number in range(DEPTH):
            os.mkdir(folder)
            write_file(os.path.join(folder, "file"), pattern(100 * number, number))
            folder = os.path.join(folder, f"level_{number}")
    with step(case, "make an empty folder"):
        os.mkdir(case.path("empty"))
    with step(case, "make many files in a folder"):
        os.mkdir(case.path("many"))
        for number in range(MANY):
            write_file(case.path("many", f"a_file_with_the_number_{number:04}"), b"%d" % number)
    with step(case, "remove some of them"):
        for number in range(0, MANY, 3):
            os.unlink(case.path("many", f"a_file_with_the_number_{number:04}"))


@check
def renames(case):
    for number, name in enumerate(("old", "over", "replaced", "away")):
        with step(case, "write a file"):
            write_file(case.path(name), pattern(3000 + number, number))
    with step(case, "make a folder"):
        os.mkdir(case.path("folder"))
    with step(case, "rename a file"):
        os.rename(case.path("old"), case.path("new"))
    with step(case, "rename a file over another"):
        os.rename(case.path("over"), case.path("replaced"))
    with step(case, "rename a file into another folder"):
        os.rename(case.path("away"), case.path("folder", "arrived"))
    with step(case, "rename a folder"):
        os.rename(case.path("folder"), case.path("renamed_folder"))


@check
def attributes(case):
    for mode in MODES:
        with step(case, "chmod"):
            write_file(case.path(f"mode_{mode:04o}"), b"")
            os.chmod(case.path(f"mode_{mode:04o}"), mode)
    for user, group in OWNERS:
        with step(case, "chown"):
            write_file(case.path(f"owner_{user}_{group}"), b"")
            os.chown(case.path(f"owner_{user}_{group}"), user, group)
    for number, time_ns in enumerate(TIMES_NS):
        with step(case, "set times"):
            write_file(case.path(f"time_{number}"), b"")
            os.utime(case.path(f"time_{number}"), ns=(time_ns, time_ns))


@check
def hard_links(case):
    with step(case, "link"):
        write_file(case.path("one"), pattern(5000))
        os.mkdir(case.path("folder"))
        os.link(case.path("one"), case.path("two"))
        os.link(case.path("one"), case.path("folder", "three"))
    with step(case, "unlink one of several names"):
        os.link(case.path("one"), case.path("gone"))
        os.unlink(case.path("gone"))


@check
def symbolic_links(case):
    for name, target in (("short", "target"), ("long", LONG_TARGET), ("absolute", "/nowhere")):
        with step(case, f"make a symbolic link with {name} target"):
            os.symlink(target, case.path(name))


@check
def extended_attributes(case):
    with step(case, "setxattr"):
        write_file(case.path("file"), pattern(100))
        for name, size in (("empty", 0), ("small", 20), ("big", 2000)):
            os.setxattr(case.path("file"), f"user.{name}", pattern(size, size))
    with step(case, "removexattr"):
        os.setxattr(case.path("file"), "user.gone", b"value")
        os.removexattr(case.path("file"), "user.gone")


@check
def special_files(case):
    device = os.makedev(7, 300)
    for name, kind in (("fifo", stat.S_IFIFO), ("char", stat.S_IFCHR), ("block", stat.S_IFBLK)):
        with step(case, "mknod"):
            os.mknod(case.path(name), kind | 0o640, 0 if name == "fifo" else device)
