"""Runs in the guest: names that are not there, are there already, are too long, or no directory."""

import os
from errno import EEXIST, ENAMETOOLONG, ENOENT, ENOTDIR

from checking import check
from posix_errors_rows import TOO_LONG, created, opened, run_rows

TOO_LONG_PATH = "./" * 2048 + "file"  # PATH_MAX is 4096


def in_removed_folder(call):
    """Call with the descriptor of a directory that has been removed since it was opened."""
    os.mkdir("removed")
    descriptor = os.open("removed", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.rmdir("removed")
        return call(descriptor)
    finally:
        os.close(descriptor)


MISSING_ROWS = (
    ("open a missing file", ENOENT, "open(2)", opened, "missing"),
    ("open an empty path", ENOENT, "path_resolution(7)", opened, ""),
    ("create in a missing directory", ENOENT, "open(2)", created, "missing/new"),
    ("mkdir in a missing directory", ENOENT, "mkdir(2)", os.mkdir, "missing/new"),
    ("stat a missing file", ENOENT, "stat(2)", os.stat, "missing"),
    ("unlink a missing file", ENOENT, "unlink(2)", os.unlink, "missing"),
    ("rmdir a missing directory", ENOENT, "rmdir(2)", os.rmdir, "missing"),
    ("rename a missing file", ENOENT, "rename(2)", os.rename, "missing", "file"),
    ("rename into a missing directory", ENOENT, "rename(2)", os.rename, "file", "missing/new"),
    ("truncate a missing file", ENOENT, "truncate(2)", os.truncate, "missing", 0),
    ("chmod a missing file", ENOENT, "chmod(2)", os.chmod, "missing", 0o600),
    ("chown a missing file", ENOENT, "chown(2)", os.chown, "missing", 0, 0),
    ("set the times of a missing file", ENOENT, "utimensat(2)", os.utime, "missing"),
    ("create in a removed directory", ENOENT, "open(2)", in_removed_folder,
     lambda folder: os.open("new", os.O_WRONLY | os.O_CREAT, dir_fd=folder)),
    ("mkdir in a removed directory", ENOENT, "mkdir(2)", in_removed_folder,
     lambda folder: os.mkdir("new", dir_fd=folder)),
)  # fmt: skip

NOT_A_DIRECTORY_ROWS = (
    ("open below a file", ENOTDIR, "open(2)", opened, "file/below"),
    ("create below a file", ENOTDIR, "open(2)", created, "file/below"),
    ("mkdir below a file", ENOTDIR, "mkdir(2)", os.mkdir, "file/below"),
    ("stat below a file", ENOTDIR, "stat(2)", os.stat, "file/below"),
    ("unlink below a file", ENOTDIR, "unlink(2)", os.unlink, "file/below"),
    ("truncate below a file", ENOTDIR, "truncate(2)", os.truncate, "file/below", 0),
    ("rename to below a file", ENOTDIR, "rename(2)", os.rename, "full/child", "file/below"),
    ("rename a directory over a file", ENOTDIR, "rename(2)", os.rename, "empty", "file"),
    ("open a file with O_DIRECTORY", ENOTDIR, "open(2)", opened, "file", os.O_DIRECTORY),
    ("open a file with a slash after it", ENOTDIR, "path_resolution(7)", opened, "file/"),
    ("list a file", ENOTDIR, "open(2)", os.listdir, "file"),
    ("chdir to a file", ENOTDIR, "chdir(2)", os.chdir, "file"),
    ("rmdir a file", ENOTDIR, "rmdir(2)", os.rmdir, "file"),
)

EXISTING_ROWS = (
    ("create a file that exists with O_EXCL", EEXIST, "open(2)", created, "file", os.O_EXCL),
    ("create a directory with O_EXCL", EEXIST, "open(2)", created, "empty", os.O_EXCL),
    ("mkdir over a directory", EEXIST, "mkdir(2)", os.mkdir, "empty"),
    ("mkdir over a file", EEXIST, "mkdir(2)", os.mkdir, "file"),
    ("mkdir a dot", EEXIST, "mkdir(2)", os.mkdir, "empty/."),
)

TOO_LONG_ROWS = (
    ("open too long a name", ENAMETOOLONG, "open(2)", opened, TOO_LONG),
    ("create too long a name", ENAMETOOLONG, "open(2)", created, TOO_LONG),
    ("mkdir too long a name", ENAMETOOLONG, "mkdir(2)", os.mkdir, TOO_LONG),
    ("stat too long a name", ENAMETOOLONG, "stat(2)", os.stat, TOO_LONG),
    ("unlink too long a name", ENAMETOOLONG, "unlink(2)", os.unlink, TOO_LONG),
    ("rmdir too long a name", ENAMETOOLONG, "rmdir(2)", os.rmdir, TOO_LONG),
    ("rename to too long a name", ENAMETOOLONG, "rename(2)", os.rename, "file", TOO_LONG),
    ("open too long a path", ENAMETOOLONG, "open(2)", opened, TOO_LONG_PATH),
)


@check
def missing_names(case):
    run_rows(case, MISSING_ROWS)


@check
def files_are_no_directories(case):
    run_rows(case, NOT_A_DIRECTORY_ROWS)


@check
def existing_names(case):
    run_rows(case, EXISTING_ROWS)


@check
def too_long_names(case):
    run_rows(case, TOO_LONG_ROWS)
