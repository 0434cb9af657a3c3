"""Runs in the guest: system calls and ioctls that Python's os module lacks.

All raise ``OSError`` with the errno. Numbers and layouts: linux/falloc.h, linux/fs.h, linux/stat.h.
"""

import ctypes
import fcntl
import os
import struct

FALLOC_FL_KEEP_SIZE = 0x01
FALLOC_FL_PUNCH_HOLE = 0x02
FALLOC_FL_COLLAPSE_RANGE = 0x08
FALLOC_FL_ZERO_RANGE = 0x10
FALLOC_FL_INSERT_RANGE = 0x20

RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2
RENAME_WHITEOUT = 4

FS_APPEND_FL = 0x20
FS_IMMUTABLE_FL = 0x10

FICLONE = 0x40049409
FICLONERANGE = 0x4020940D
FIFREEZE = 0xC0045877
FITHAW = 0xC0045878
FITRIM = 0xC0185879
FS_IOC_GETFLAGS = 0x80086601
FS_IOC_SETFLAGS = 0x40086602

SYNC_FILE_RANGE_WRITE_AND_WAIT = 7

AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW = 0x100
STATX_BTIME = 0x800
STATX_SIZE = 256
STATX_BTIME_OFFSET = 80

# Called by number: not every C library has them as functions.
NUMBERS = {"x86_64": {"renameat2": 316, "statx": 332}, "aarch64": {"renameat2": 276, "statx": 291}}

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
LIBC.sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
LIBC.syncfs.argtypes = (ctypes.c_int,)
LIBC.syscall.restype = ctypes.c_long


def fallocate(descriptor, mode, offset, length):
    """fallocate(2) with any mode; ``os.posix_fallocate`` has none and falls back to writing."""
    if LIBC.fallocate(descriptor, mode, offset, length) < 0:
        raise _last_error()


def renameat2(old, new, flags):
    """renameat2(2) of two paths with ``RENAME_*`` flags."""
    old, new = ctypes.c_char_p(os.fsencode(old)), ctypes.c_char_p(os.fsencode(new))
    here = ctypes.c_long(AT_FDCWD)
    if LIBC.syscall(_number("renameat2"), here, old, here, new, ctypes.c_long(flags)) < 0:
        raise _last_error()


def birth_time_ns(path):
    """The time of birth by statx(2), in nanoseconds; None where the filesystem has none."""
    buffer = ctypes.create_string_buffer(STATX_SIZE)
    here, flags = ctypes.c_long(AT_FDCWD), ctypes.c_long(AT_SYMLINK_NOFOLLOW)
    name, wanted = ctypes.c_char_p(os.fsencode(path)), ctypes.c_long(STATX_BTIME)
    if LIBC.syscall(_number("statx"), here, name, flags, wanted, buffer) < 0:
        raise _last_error()
    (mask,) = struct.unpack_from("=I", buffer, 0)
    if not mask & STATX_BTIME:
        return None
    seconds, nanoseconds = struct.unpack_from("=qI", buffer, STATX_BTIME_OFFSET)
    return seconds * 1_000_000_000 + nanoseconds


def clone(target, source):
    """FICLONE: make the file open at ``target`` share all blocks of the one at ``source``."""
    fcntl.ioctl(target, FICLONE, source)


def clone_range(target, target_offset, source, source_offset, length):
    """FICLONERANGE: share a range; ``length`` 0 means up to the end of the source."""
    fcntl.ioctl(
        target, FICLONERANGE, struct.pack("=qQQQ", source, source_offset, length, target_offset)
    )


def get_flags(descriptor):
    """The inode's ``FS_*_FL`` flags."""
    # The kernel reads and writes an int, whatever size the ioctl's number says.
    return struct.unpack("=i", fcntl.ioctl(descriptor, FS_IOC_GETFLAGS, b"\0" * 4))[0]


def set_flags(descriptor, flags):
    """Set the inode's ``FS_*_FL`` flags, all at once."""
    fcntl.ioctl(descriptor, FS_IOC_SETFLAGS, struct.pack("=i", flags))


def freeze(descriptor):
    """FIFREEZE of the filesystem that ``descriptor`` is on; writers wait until ``thaw``."""
    fcntl.ioctl(descriptor, FIFREEZE, 0)


def thaw(descriptor):
    """FITHAW."""
    fcntl.ioctl(descriptor, FITHAW, 0)


def trim(descriptor):
    """FITRIM of the whole filesystem; the number of bytes that were discarded."""
    answer = fcntl.ioctl(descriptor, FITRIM, struct.pack("=QQQ", 0, (1 << 64) - 1, 0))
    return struct.unpack("=QQQ", answer)[1]


def open_unnamed(folder, flags=os.O_RDWR, mode=0o644):
    """open(2) with O_TMPFILE: a descriptor of a file without a name."""
    return os.open(folder, flags | os.O_TMPFILE, mode)


def link_descriptor(descriptor, path):
    """Give the file of a descriptor a name, as open(2) shows for O_TMPFILE."""
    # Only with a folder's descriptor does os.link use linkat(2), which alone follows the link.
    os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor, follow_symlinks=True)


def sync_file_range(descriptor, offset, length):
    """sync_file_range(2) that writes a range and waits for it; ``length`` 0 is up to the end."""
    if LIBC.sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE_AND_WAIT) < 0:
        raise _last_error()


def syncfs(descriptor):
    """syncfs(2): write back the filesystem that ``descriptor`` is on."""
    if LIBC.syncfs(descriptor) < 0:
        raise _last_error()


def sync_filesystem(folder):
    """syncfs(2) by the path of a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        syncfs(descriptor)
    finally:
        os.close(descriptor)


def _number(name):
    return ctypes.c_long(NUMBERS[os.uname().machine][name])


def _last_error():
    # Raised by the caller, so that the innermost function of a traceback is the call's own name.
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
