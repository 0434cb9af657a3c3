"""Runs in the guest: symbolic links that lead nowhere, hard links and FIFOs in wrong places."""

import os
from errno import EEXIST, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO, EPERM, ESPIPE, EXDEV

from checking import check
from posix_errors_rows import (
    ON_ANOTHER_MOUNT,
    TOO_LONG,
    created,
    furnish,
    opened,
    run_rows,
    with_descriptor,
)

MAXSYMLINKS = 40  # linux/namei.h


def furnish_links():
    """Also symbolic links: to a file, to nothing, in a circle, in too long a chain."""
    furnish()
    for target, path in (("file", "link"), ("missing", "dangling"), ("loop b", "loop a")):
        os.symlink(target, path)
    os.symlink("loop a", "loop b")
    os.symlink("file", "chain 0")
    for number in range(MAXSYMLINKS):
        os.symlink(f"chain {number}", f"chain {number + 1}")


def furnish_fifo():
    furnish()
    os.mkfifo("fifo")


SYMLINK_ROWS = (
    ("open a circle of links", ELOOP, "open(2)", opened, "loop a"),
    ("stat a circle of links", ELOOP, "stat(2)", os.stat, "loop a"),
    ("open below a circle of links", ELOOP, "open(2)", opened, "loop a/below"),
    ("open a chain of too many links", ELOOP, "path_resolution(7)", opened, f"chain {MAXSYMLINKS}"),
    ("open a link with O_NOFOLLOW", ELOOP, "open(2)", opened, "link", os.O_NOFOLLOW),
    ("open a dangling link", ENOENT, "open(2)", opened, "dangling"),
    ("create a dangling link with O_EXCL", EEXIST, "open(2)", created, "dangling", os.O_EXCL),
    ("mkdir over a dangling link", EEXIST, "mkdir(2)", os.mkdir, "dangling"),
    ("rmdir a link", ENOTDIR, "rmdir(2)", os.rmdir, "link"),
    ("symlink over a file", EEXIST, "symlink(2)", os.symlink, "target", "file"),
    ("symlink to an empty path", ENOENT, "symlink(2)", os.symlink, "", "new"),
    ("symlink in a missing directory", ENOENT, "symlink(2)", os.symlink, "target", "missing/new"),
    ("symlink of too long a name", ENAMETOOLONG, "symlink(2)", os.symlink, "target", TOO_LONG),
    ("symlink to too long a path", ENAMETOOLONG, "symlink(2)", os.symlink, "t" * 4096, "new"),
)

HARD_LINK_ROWS = (
    ("link a missing file", ENOENT, "link(2)", os.link, "missing", "new"),
    ("link into a missing directory", ENOENT, "link(2)", os.link, "file", "missing/new"),
    ("link over a file", EEXIST, "link(2)", os.link, "file", "full/child"),
    ("link a directory", EPERM, "link(2)", os.link, "empty", "new"),
    ("link to below a file", ENOTDIR, "link(2)", os.link, "full/child", "file/below"),
    ("link to another mount", EXDEV, "link(2)", os.link, "file", ON_ANOTHER_MOUNT),
    ("link to too long a name", ENAMETOOLONG, "link(2)", os.link, "file", TOO_LONG),
)

SPECIAL_FILE_ROWS = (
    ("mkfifo over a file", EEXIST, "mkfifo(3)", os.mkfifo, "file"),
    ("mkfifo in a missing directory", ENOENT, "mkfifo(3)", os.mkfifo, "missing/new"),
    ("mkfifo below a file", ENOTDIR, "mkfifo(3)", os.mkfifo, "file/below"),
    ("open a FIFO that nobody reads", ENXIO, "open(2)",
     opened, "fifo", os.O_WRONLY | os.O_NONBLOCK),
    ("seek in a FIFO", ESPIPE, "lseek(2)", with_descriptor, "fifo", os.O_RDWR, os.lseek, 0, 0),
)  # fmt: skip


@check
def symbolic_links(case):
    run_rows(case, SYMLINK_ROWS, furnish_links)


@check
def hard_links(case):
    run_rows(case, HARD_LINK_ROWS)


@check
def special_files(case):
    run_rows(case, SPECIAL_FILE_ROWS, furnish_fifo)
