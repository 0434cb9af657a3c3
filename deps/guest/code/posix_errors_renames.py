"""Runs in the guest: renameat2(2) with flags that forbid what it is asked for."""

from errno import EEXIST, EINVAL, ENOENT

from checking import check
from posix_errors_rows import run_rows
from syscalls import RENAME_EXCHANGE, RENAME_NOREPLACE, renameat2

NOREPLACE_ROWS = (
    ("rename over a file", EEXIST, "rename(2)", renameat2, "file", "full/child", RENAME_NOREPLACE),
    ("rename over a directory", EEXIST, "rename(2)", renameat2, "file", "empty", RENAME_NOREPLACE),
    ("rename a missing file", ENOENT, "rename(2)", renameat2, "missing", "new", RENAME_NOREPLACE),
)

EXCHANGE_ROWS = (
    ("exchange with a missing file", ENOENT, "rename(2)",
     renameat2, "file", "missing", RENAME_EXCHANGE),
    ("exchange a directory with its child", EINVAL, "rename(2)",
     renameat2, "full", "full/child", RENAME_EXCHANGE),
    ("exchange without replacing", EINVAL, "rename(2)",
     renameat2, "file", "full/child", RENAME_EXCHANGE | RENAME_NOREPLACE),
)  # fmt: skip


@check
def rename_noreplace(case):
    run_rows(case, NOREPLACE_ROWS)


@check
def rename_exchange(case):
    run_rows(case, EXCHANGE_ROWS)
