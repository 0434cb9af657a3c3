"""Runs in the guest: what a user without privileges must not do to the files of another."""

import os
import stat
from errno import EACCES, EPERM

from checking import check, write_file
from posix_errors_rows import SUCCESS, created, furnish, opened, outcome, run_rows

NOBODY = 65534
PROTECTED = (EPERM, EACCES)


def furnish_protected():
    """Also what is more or less closed to others than its owner."""
    furnish()
    modes = {"locked": 0o700, "sticky": 0o1777, "public": 0o777}
    for folder, mode in modes.items():
        os.mkdir(folder)
        write_file(f"{folder}/theirs", b"content")
        os.chmod(folder, mode)
    write_file("secret", b"content")
    os.chmod("secret", 0o600)
    os.chmod("public/theirs", 0o666)


# The last ones must succeed: else a filesystem that refuses everything would seem to protect.
OTHER_USER_ROWS = (
    ("open another's secret", EACCES, "open(2)", opened, "secret"),
    ("open another's file to write", EACCES, "open(2)", opened, "file", os.O_WRONLY),
    ("create in another's directory", EACCES, "open(2)", created, "new"),
    ("mkdir in another's directory", EACCES, "mkdir(2)", os.mkdir, "new"),
    ("unlink in another's directory", EACCES, "unlink(2)", os.unlink, "file"),
    ("rmdir in another's directory", EACCES, "rmdir(2)", os.rmdir, "empty"),
    ("rename in another's directory", EACCES, "rename(2)", os.rename, "file", "new"),
    ("rename out of another's directory", EACCES, "rename(2)", os.rename, "file", "public/new"),
    ("truncate another's file", EACCES, "truncate(2)", os.truncate, "file", 0),
    ("list a locked directory", EACCES, "open(2)", os.listdir, "locked"),
    ("open below a locked directory", EACCES, "open(2)", opened, "locked/theirs"),
    ("stat below a locked directory", EACCES, "stat(2)", os.stat, "locked/theirs"),
    ("chmod another's file", EPERM, "chmod(2)", os.chmod, "public/theirs", 0o600),
    ("chown another's file", EPERM, "chown(2)", os.chown, "public/theirs", NOBODY, NOBODY),
    ("set times of another's file", EPERM, "utimensat(2)", os.utime, "public/theirs", (1, 1)),
    ("touch another's file", EACCES, "utimensat(2)", os.utime, "file"),
    ("open another's file with O_NOATIME", EPERM, "open(2)", opened, "file", os.O_NOATIME),
    ("unlink another's file that is sticky", PROTECTED, "unlink(2)", os.unlink, "sticky/theirs"),
    ("rename another's file that is sticky", PROTECTED, "rename(2)",
     os.rename, "sticky/theirs", "sticky/new"),
    ("make a device", EPERM, "mknod(2)",
     os.mknod, "public/device", stat.S_IFBLK | 0o600, os.makedev(7, 0)),
    ("open another's public file", SUCCESS, "open(2)", opened, "file"),
    ("list another's public directory", SUCCESS, "open(2)", os.listdir, "full"),
    ("write to another's writable file", SUCCESS, "open(2)", opened, "public/theirs", os.O_WRONLY),
    ("create in a public directory", SUCCESS, "open(2)", created, "public/new"),
)  # fmt: skip


def outcome_as_nobody(function, arguments):
    """The same for a user without privileges: the kernel judges by the effective user."""
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        return outcome(function, arguments)
    finally:
        os.seteuid(0)
        os.setegid(0)


@check
def other_users(case):
    groups = os.getgroups()
    os.setgroups([])
    try:
        run_rows(case, OTHER_USER_ROWS, furnish_protected, outcome_as_nobody)
    finally:
        os.setgroups(groups)
