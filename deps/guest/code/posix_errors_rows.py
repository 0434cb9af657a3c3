"""Runs in the guest: how bad uses of a filesystem are tried, a row each.

A row is (operation, errno or those that are allowed, manual page of Linux that says so, function,
its arguments...). It runs in a folder that a ``furnish`` function has filled: paths are relative.
A call that is refused must also leave everything as it was. A row that has changed something does
not spoil the next one, which gets a fresh folder.
"""

import mmap
import os
import stat
from errno import EEXIST, ENOTEMPTY, errorcode

from checking import write_file

ON_ANOTHER_MOUNT = "/dev/new"  # /dev is a filesystem of its own wherever Linux runs
LARGEST_OFFSET = (1 << 63) - 1
TOO_LONG = "n" * 256  # NAME_MAX of linux/limits.h is 255
NOT_EMPTY = (ENOTEMPTY, EEXIST)
SUCCESS = 0


def furnish():
    """Files and directories in the working directory, for the rows to misuse."""
    for folder in ("empty", "full", "full/inner"):
        os.mkdir(folder, 0o755)
    for path in ("file", "full/child"):
        write_file(path, b"content")


def opened(path, flags=os.O_RDONLY):
    os.close(os.open(path, flags))


def created(path, flags=0):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644))


def with_descriptor(path, flags, call, *arguments):
    descriptor = os.open(path, flags)
    try:
        return call(descriptor, *arguments)
    finally:
        os.close(descriptor)


def reader(path, call, *arguments):
    """Call with a descriptor that is open for reading only."""
    return with_descriptor(path, os.O_RDONLY, call, *arguments)


def writer(path, call, *arguments):
    """Call with a descriptor that is open for writing only."""
    return with_descriptor(path, os.O_WRONLY, call, *arguments)


def mapped(descriptor, access):
    mmap.mmap(descriptor, 1, mmap.MAP_SHARED, access).close()


def outcome(function, arguments):
    """The errno that a call fails with, 0 if it succeeds."""
    try:
        function(*arguments)
    except OSError as error:
        return error.errno
    return SUCCESS


def run_rows(case, rows, fill=furnish, attempt=outcome):
    """Try every row; one failure for each whose outcome or effect is another than it should be.

    What cannot be prepared or looked at is a failure of the row that it was for, too.
    """
    before = fresh_folder(case, "before all", fill)
    for row in rows:
        operation = row[0]
        try:
            before = before or fresh_folder(case, f"for {operation}", fill)
            after = run_row(case, row, before, attempt)
        except OSError as error:
            case.unexpected(error, operation)
            after = None
        before = before if after == before else None


def run_row(case, row, before, attempt):
    """Try one row and judge it; what there is afterwards where ``before`` was."""
    operation, wanted, source, function, *arguments = row
    allowed = wanted if isinstance(wanted, tuple) else (wanted,)
    got = attempt(function, arguments)
    if got not in allowed:
        names = " or ".join(in_words(code) for code in allowed)
        case.fail(operation, f"{names} ({source})", in_words(got))
    after = tree()
    if got in allowed and got != SUCCESS and after != before:
        changed = ", ".join(sorted({path for path, _ in before ^ after}))
        case.fail(f"{operation}, refused", "nothing changes", f"changed: {changed}")
    return after


def fresh_folder(case, name, fill):
    """Go on in a new folder, filled; what there is in it."""
    folder = case.path(name)
    os.mkdir(folder, 0o755)
    os.chdir(folder)
    fill()
    return tree()


def tree():
    """What there is in the working directory: paths with mode and, of files, size."""
    found = set()
    for folder, folders, files in os.walk("."):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            size = status.st_size if stat.S_ISREG(status.st_mode) else 0
            found.add((path, (status.st_mode, size)))
    return found


def in_words(code):
    return errorcode.get(code, str(code)) if code else "success"
