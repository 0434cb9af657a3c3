"""Runs in the guest: directories used as files or while full, and borders between mounts."""

import mmap
import os
from errno import EBUSY, EINVAL, EISDIR, ENODEV, EXDEV

from checking import check
from posix_errors_rows import NOT_EMPTY, ON_ANOTHER_MOUNT, created, mapped, opened, reader, run_rows


def rmdir_mountpoint():
    path = os.getcwd()
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    os.rmdir(path)


DIRECTORY_ROWS = (
    ("open a directory to write", EISDIR, "open(2)", opened, "empty", os.O_WRONLY),
    ("open a directory with O_CREAT", EISDIR, "open(2)", created, "empty"),
    ("read a directory", EISDIR, "read(2)", reader, "empty", os.read, 1),
    ("truncate a directory", EISDIR, "truncate(2)", os.truncate, "empty", 0),
    ("unlink a directory", EISDIR, "unlink(2)", os.unlink, "empty"),
    ("rename a file over a directory", EISDIR, "rename(2)", os.rename, "file", "empty"),
    ("map a directory", ENODEV, "mmap(2)", reader, "empty", mapped, mmap.PROT_READ),
    ("rmdir a full directory", NOT_EMPTY, "rmdir(2)", os.rmdir, "full"),
    ("rmdir a dot", EINVAL, "rmdir(2)", os.rmdir, "empty/."),
    ("rmdir two dots", NOT_EMPTY, "rmdir(2)", os.rmdir, "empty/.."),
    ("rename over a full directory", NOT_EMPTY, "rename(2)", os.rename, "empty", "full"),
    ("rename a directory into itself", EINVAL, "rename(2)", os.rename, "full", "full/new"),
    ("rename a directory far below itself", EINVAL, "rename(2)",
     os.rename, "full", "full/inner/new"),
    ("rename a dot", (EBUSY, EINVAL), "rename(2)", os.rename, "full/.", "new"),
)  # fmt: skip

MOUNT_ROWS = (
    ("rename a file to another mount", EXDEV, "rename(2)", os.rename, "file", ON_ANOTHER_MOUNT),
    ("rename a directory to another mount", EXDEV, "rename(2)",
     os.rename, "empty", ON_ANOTHER_MOUNT),
    ("rmdir the mount point", EBUSY, "rmdir(2)", rmdir_mountpoint),
)  # fmt: skip


@check
def directories_are_no_files(case):
    run_rows(case, DIRECTORY_ROWS)


@check
def other_mounts(case):
    run_rows(case, MOUNT_ROWS)
