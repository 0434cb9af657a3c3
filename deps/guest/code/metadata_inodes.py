"""Runs in the guest: checks of device nodes, inode numbers, st_blocks and statvfs(3)."""

import errno
import os
import shutil
import socket
import stat

from checking import check, read_file, write_file

FILES = 200
KIB = 1024
BIG_DEVICE = os.makedev(511, 262_143)  # 9 and 18 bits: the most that XFS takes; others take more


@check
def mknod_makes_every_type(case):
    """A FIFO, a socket, devices with small and large numbers; each works as its type."""
    nodes = {
        "fifo": (stat.S_IFIFO, 0),
        "socket": (stat.S_IFSOCK, 0),
        "character device": (stat.S_IFCHR, os.makedev(1, 3)),
        "block device": (stat.S_IFBLK, os.makedev(7, 200)),
        "device with large numbers": (stat.S_IFCHR, BIG_DEVICE),
    }
    for name, (kind, device) in nodes.items():
        os.mknod(case.path(name), kind | 0o640, device)
        made = os.lstat(case.path(name))
        case.equal(f"mode of a {name}", expected=oct(kind | 0o640), actual=oct(made.st_mode))
        case.equal(f"number of a {name}", expected=device, actual=made.st_rdev)
    if not os.statvfs(case.folder).f_flag & os.ST_NODEV:
        content = read_file(case.path("character device"))
        case.equal("reading a node of /dev/null", expected=b"", actual=content)
    case.equal("bytes through a FIFO", expected=b"word", actual=_through_fifo(case.path("fifo")))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(case.path("bound"))
        receiver.setblocking(False)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"word", case.path("bound"))
        case.equal("bytes through a socket", expected=b"word", actual=receiver.recv(10))
    mode = os.lstat(case.path("bound")).st_mode
    case.true("bind makes a socket", stat.S_ISSOCK(mode), oct(mode))
    for name in os.listdir(case.folder):
        os.unlink(case.path(name))
    case.equal("names when all is removed", expected=[], actual=os.listdir(case.folder))


def _through_fifo(path):
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(descriptor, b"word")
        return os.read(descriptor, 10)
    finally:
        os.close(descriptor)


@check
def inode_numbers_are_unique_and_stable(case):
    """No two files share one; stat, fstat and a rename agree on it; none is 0."""
    os.mkdir(case.path("folder"))
    try:
        _compare_inode_numbers(case)
    finally:  # a filesystem with few inodes must not fail the checks that follow
        shutil.rmtree(case.folder, ignore_errors=True)


def _compare_inode_numbers(case):
    numbers = {}
    for number in range(FILES):
        name = f"folder/f{number}" if number % 2 else f"f{number}"
        descriptor = os.open(case.path(name), os.O_WRONLY | os.O_CREAT, 0o644)
        numbers[name] = os.fstat(descriptor).st_ino
        os.close(descriptor)
    case.equal("inodes of files", expected=FILES, actual=len(set(numbers.values())))
    case.true("no inode number is 0", 0 not in numbers.values())
    case.true("folder's differs", os.lstat(case.path("folder")).st_ino not in numbers.values())
    changed = [name for name, ino in numbers.items() if os.lstat(case.path(name)).st_ino != ino]
    case.equal("files whose number changed", expected=[], actual=changed)
    os.rename(case.path("f0"), case.path("moved"))
    moved = os.lstat(case.path("moved")).st_ino
    case.equal("number after rename", expected=numbers["f0"], actual=moved)


@check
def stat_counts_blocks_of_512_bytes(case):
    """st_blocks: none to speak of for an empty file, at least the data of a full one, freed after.

    The upper bounds leave room for an inode of its own and for space reserved ahead.
    """
    path = case.path("file")
    write_file(path, b"")
    blocks = os.lstat(path).st_blocks
    case.true("an empty file has at most 64 KiB", blocks <= 128, f"{blocks} blocks of 512")
    size = 256 * KIB
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, bytes(range(256)) * KIB)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    made = os.lstat(path)
    counted = made.st_blocks * 512
    case.true("a full file has its data", counted >= size, f"{counted} bytes for {size}")
    case.true("a full file has little more", counted <= size + 1024 * KIB, f"{counted} for {size}")
    unit = made.st_blksize
    case.true("st_blksize is a power of two", unit > 0 and unit & (unit - 1) == 0, unit)


@check
def statvfs_describes_the_filesystem(case):
    """statvfs(3): block sizes, counts in their order, and the longest name, which can be made."""
    had = os.statvfs(case.folder)
    for name in ("f_bsize", "f_frsize", "f_blocks"):
        case.true(f"{name} is more than 0", getattr(had, name) > 0, getattr(had, name))
    ordered = had.f_bavail <= had.f_bfree <= had.f_blocks
    counts = f"{had.f_bavail}, {had.f_bfree}, {had.f_blocks}"
    case.true("f_bavail <= f_bfree <= f_blocks", ordered, counts)
    ordered = had.f_favail <= had.f_ffree <= had.f_files
    counts = f"{had.f_favail}, {had.f_ffree}, {had.f_files}"
    case.true("f_favail <= f_ffree <= f_files", ordered, counts)
    descriptor = os.open(case.folder, os.O_RDONLY)
    try:
        again = os.fstatvfs(descriptor)
    finally:
        os.close(descriptor)
    case.equal("fstatvfs names as many blocks", expected=had.f_blocks, actual=again.f_blocks)
    longest = "n" * had.f_namemax
    if case.true("f_namemax is at least 14", len(longest) >= 14, len(longest)):
        write_file(case.path(longest), b"")
        too_long = longest + "n"
        message = "create a name longer than f_namemax"
        case.raises(message, errno.ENAMETOOLONG, write_file, case.path(too_long), b"")
