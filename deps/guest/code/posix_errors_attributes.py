"""Runs in the guest: extended attributes that are not there, are there already, or too long."""

import os
from errno import EEXIST, ENODATA, ENOENT, ERANGE

from checking import check
from posix_errors_rows import TOO_LONG, run_rows


def attribute_created_twice():
    os.setxattr("file", "user.name", b"x")
    os.setxattr("file", "user.name", b"x", os.XATTR_CREATE)


ATTRIBUTE_ROWS = (
    ("get a missing attribute", ENODATA, "getxattr(2)", os.getxattr, "file", "user.name"),
    ("remove a missing attribute", ENODATA, "removexattr(2)", os.removexattr, "file", "user.name"),
    ("replace a missing attribute", ENODATA, "setxattr(2)",
     os.setxattr, "file", "user.name", b"x", os.XATTR_REPLACE),
    ("set an attribute with too long a name", ERANGE, "setxattr(2)",
     os.setxattr, "file", "user." + TOO_LONG, b"x"),
    ("set an attribute of a missing file", ENOENT, "setxattr(2)",
     os.setxattr, "missing", "user.name", b"x"),
    ("create an attribute that exists", EEXIST, "setxattr(2)", attribute_created_twice),
)  # fmt: skip


@check
def extended_attributes(case):
    run_rows(case, ATTRIBUTE_ROWS)
