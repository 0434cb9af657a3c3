"""The FUSE protocol's numbers and layouts; source: include/uapi/linux/fuse.h, version 7.36.

Plain numbers: what a daemon imports is paid for at every mount.
"""

import errno
import os
import struct

MAJOR, MINOR = 7, 36
HEADER_SIZE = 40
MAX_WRITE = 128 << 10
BUFFER_SIZE = MAX_WRITE + 4096  # a whole WRITE with its headers

ROOT_ID = 1
FOPEN_DIRECT_IO = 1 << 0
WRITE_CACHE = 1 << 0  # flag of WRITE: written back from the page cache
ASYNC_READ, BIG_WRITES, CACHE_SYMLINKS = 1 << 0, 1 << 5, 1 << 23  # flags of INIT


class Opcode:
    """What a request asks for."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    READLINK = 5
    SYMLINK = 6
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    LINK = 13
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    SETXATTR = 21
    GETXATTR = 22
    LISTXATTR = 23
    REMOVEXATTR = 24
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    CREATE = 35
    INTERRUPT = 36
    BATCH_FORGET = 42
    FALLOCATE = 43
    RENAME2 = 45
    LSEEK = 46
    COPY_FILE_RANGE = 47


class SetAttr:
    """Which fields of a SETATTR count."""

    MODE = 1 << 0
    UID = 1 << 1
    GID = 1 << 2
    SIZE = 1 << 3
    ATIME = 1 << 4
    MTIME = 1 << 5
    HANDLE = 1 << 6
    ATIME_NOW = 1 << 7
    MTIME_NOW = 1 << 8


IN_HEADER = struct.Struct("=IIQQIIIHH")  # length, opcode, unique, node, uid, gid, pid
OUT_HEADER = struct.Struct("=IiQ")
INIT_IN = struct.Struct("=IIII")
INIT_OUT = struct.Struct("=IIIIHHIIHHI28x")
ATTR = struct.Struct("=QQQqqqIIIIIIIIII")
ATTR_OUT_HEAD = struct.Struct("=QII")
ENTRY_OUT_HEAD = struct.Struct("=QQQQII")
SETATTR_IN = struct.Struct("=IIQQQqqqIIIIIIII")
OPEN_OUT = struct.Struct("=QII")
STATFS_OUT = struct.Struct("=QQQQQIIII24x")
DIRENT = struct.Struct("=QQII")
READ_IN = struct.Struct("=QQIIQII")  # also WRITE's
WRITE_OUT = struct.Struct("=II")
COPY_IN = struct.Struct("=QQQQQQQ")
FALLOCATE_IN = struct.Struct("=QQQII")
LSEEK_IN = struct.Struct("=QqII")
TWO_U32 = struct.Struct("=II")
FOUR_U32 = struct.Struct("=IIII")
U64 = struct.Struct("=Q")
TWO_U64 = struct.Struct("=QQ")
RENAME2_IN = struct.Struct("=QII")


def pack_attr(stat):
    """``struct fuse_attr`` of what ``Passthrough.stat`` returns."""
    return ATTR.pack(
        stat.ino,
        stat.size,
        stat.blocks,
        *(nanoseconds // 1_000_000_000 for nanoseconds in (stat.atime, stat.mtime, stat.ctime)),
        *(nanoseconds % 1_000_000_000 for nanoseconds in (stat.atime, stat.mtime, stat.ctime)),
        stat.mode,
        stat.nlink,
        stat.uid,
        stat.gid,
        encode_device(stat.rdev),
        4096,
        0,
    )


def encode_device(device):
    """A device number as the kernel's new_encode_dev() puts it."""
    major, minor = os.major(device), os.minor(device)
    return (minor & 0xFF) | (major << 8) | ((minor & ~0xFF) << 12)


def decode_device(number):
    """The inverse of ``encode_device``."""
    return os.makedev((number & 0xFFF00) >> 8, (number & 0xFF) | ((number >> 12) & 0xFFF00))


def pack_entries(entries, start, size):
    """As many ``struct fuse_dirent`` of ``entries`` from index ``start`` on as ``size`` bytes hold.

    An entry is (inode number, type as in d_type, name); its offset is the index of the next one.
    """
    packed = bytearray()
    for number, (inode, kind, name) in enumerate(entries[start:], start + 1):
        entry = DIRENT.pack(inode, number, len(name), kind) + name
        entry += bytes(-len(entry) % 8)
        if len(packed) + len(entry) > size:
            break
        packed += entry
    return bytes(packed)


def name_in(body):
    """The name that ends at the first zero byte."""
    return bytes(body).partition(b"\0")[0]


def sized(value, size):
    """An attribute's value for a buffer of ``size`` bytes, its length for one of none."""
    if size == 0:
        return TWO_U32.pack(len(value), 0)
    if len(value) > size:
        raise OSError(errno.ERANGE, os.strerror(errno.ERANGE))
    return value
