"""Runs in the guest: arguments out of range and descriptors that are open for something else."""

import fcntl
import mmap
import os
import resource
from errno import EACCES, EBADF, EFBIG, EINVAL, ENOTTY, ENXIO, EOPNOTSUPP, EOVERFLOW

from checking import check
from posix_errors_rows import LARGEST_OFFSET, mapped, reader, run_rows, writer
from syscalls import fallocate

UIO_MAXIOV = 1024  # linux/uio.h
UNKNOWN_IOCTL = 0xFA00  # of no driver and no filesystem
FILE_SIZE_LIMIT = 4096

BAD_ARGUMENT_ROWS = (
    ("truncate to a negative size", EINVAL, "truncate(2)", os.truncate, "file", -1),
    ("seek to a negative offset", EINVAL, "lseek(2)", reader, "file", os.lseek, -1, os.SEEK_SET),
    ("seek to before the start", EINVAL, "lseek(2)", reader, "file", os.lseek, -99, os.SEEK_END),
    ("seek from nowhere", EINVAL, "lseek(2)", reader, "file", os.lseek, 0, 99),
    ("seek to data past the end", ENXIO, "lseek(2)", reader, "file", os.lseek, 99, os.SEEK_DATA),
    ("pread at a negative offset", EINVAL, "pread(2)", reader, "file", os.pread, 1, -1),
    ("pwrite at a negative offset", EINVAL, "pwrite(2)", writer, "file", os.pwrite, b"x", -1),
    ("read into too many buffers", EINVAL, "readv(2)",
     reader, "file", os.readv, [bytearray(1)] * (UIO_MAXIOV + 1)),
    ("write from too many buffers", EINVAL, "writev(2)",
     writer, "file", os.writev, [b"x"] * (UIO_MAXIOV + 1)),
    ("readlink a file", EINVAL, "readlink(2)", os.readlink, "file"),
    ("ioctl that nobody knows", ENOTTY, "ioctl(2)", reader, "file", fcntl.ioctl, UNKNOWN_IOCTL),
    ("set an attribute of no namespace", EOPNOTSUPP, "setxattr(2)",
     os.setxattr, "file", "nowhere.name", b"x"),
)  # fmt: skip

BAD_DESCRIPTOR_ROWS = (
    ("write by a reader", EBADF, "write(2)", reader, "file", os.write, b"x"),
    ("pwrite by a reader", EBADF, "pwrite(2)", reader, "file", os.pwrite, b"x", 0),
    ("read by a writer", EBADF, "read(2)", writer, "file", os.read, 1),
    ("write to a directory", EBADF, "write(2)", reader, "empty", os.write, b"x"),
    ("truncate by a reader", (EBADF, EINVAL), "ftruncate(2)", reader, "file", os.ftruncate, 0),
    ("map a writer's file", EACCES, "mmap(2)", writer, "file", mapped, mmap.PROT_READ),
    ("map a reader's file to write", EACCES, "mmap(2)", reader, "file", mapped, mmap.PROT_WRITE),
    ("copy to a reader", EBADF, "copy_file_range(2)",
     reader, "file", lambda descriptor: os.copy_file_range(descriptor, descriptor, 1, 0, 4)),
)  # fmt: skip

TOO_LARGE_ROWS = (
    ("write past the limit", EFBIG, "write(2)", writer, "file", os.pwrite, b"x", FILE_SIZE_LIMIT),
    ("truncate past the limit", EFBIG, "truncate(2)", os.truncate, "file", FILE_SIZE_LIMIT + 1),
    ("write at the largest offset", (EFBIG, EINVAL, EOVERFLOW), "pwrite(2)",
     writer, "file", os.pwrite, b"xx", LARGEST_OFFSET),
)  # fmt: skip

PREALLOCATION_ROWS = (
    ("fallocate no bytes", EINVAL, "fallocate(2)", writer, "file", fallocate, 0, 0, 0),
    ("fallocate a negative offset", EINVAL, "fallocate(2)", writer, "file", fallocate, 0, -1, 1),
    ("fallocate by a reader", EBADF, "fallocate(2)", reader, "file", fallocate, 0, 0, 9),
    ("fallocate past the largest offset", EFBIG, "fallocate(2)",
     writer, "file", fallocate, 0, LARGEST_OFFSET, 1),
)  # fmt: skip


@check
def bad_arguments(case):
    run_rows(case, BAD_ARGUMENT_ROWS)


@check
def bad_descriptors(case):
    run_rows(case, BAD_DESCRIPTOR_ROWS)


@check
def too_large_files(case):
    """setrlimit(2), RLIMIT_FSIZE; its signal SIGXFSZ is ignored, as Python does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE_LIMIT, limits[1]))
    try:
        run_rows(case, TOO_LARGE_ROWS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@check
def preallocation(case):
    run_rows(case, PREALLOCATION_ROWS)
