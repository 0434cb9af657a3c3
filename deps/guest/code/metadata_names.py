"""Runs in the guest: checks of file names: long ones, odd bytes, names that are nearly equal."""

import errno
import os
import shutil

from checking import check, read_file, write_file

ODD_NAMES = {
    "UTF-8": "größe-文件-🗂".encode(),
    "invalid UTF-8": b"\xff\xfe\x80 bytes",
    "a newline": b"two\nlines",
    "a tab and an escape": b"tab\tescape\x1b[0m",
    "leading dots": b"...",
    "a leading dot and space": b". name",
    "a trailing dot": b"name.",
    "a trailing space": b"name ",
    "a backslash": b"back\\slash",
    "a leading dash": b"-rf",
    "glob characters": b"*?[a]",
    "quotes": b'it\'s "quoted"',
    "a percent sign": b"%s%n",
    "only spaces": b"   ",
}


@check
def odd_names_are_kept_as_bytes(case):
    """Any bytes but / and NUL make a name: it is listed, found and removed as it was given."""
    folder = os.fsencode(case.folder)
    for kind, name in ODD_NAMES.items():
        path = os.path.join(folder, name)
        write_file(path, name)
        case.true(f"a name with {kind} is listed", name in os.listdir(folder))
        case.equal(f"content of a name with {kind}", expected=name, actual=read_file(path))
    listed = sorted(os.listdir(folder))
    case.equal("names in the directory", expected=sorted(ODD_NAMES.values()), actual=listed)
    for name in ODD_NAMES.values():
        os.unlink(os.path.join(folder, name))
    case.equal("names when all are removed", expected=[], actual=os.listdir(folder))


@check
def every_byte_makes_a_name(case):
    """Names of one byte: all 253 that are neither /, NUL nor the dot alone."""
    folder = os.fsencode(case.folder)
    names = sorted({bytes([value]) for value in range(1, 256)} - {b"/", b"."})
    try:
        for name in names:
            path = os.path.join(folder, name)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        case.equal("names of one byte", expected=names, actual=sorted(os.listdir(folder)))
    finally:
        _leave_room(case)


@check
def long_names_are_kept_whole(case):
    """The longest names that differ in their last byte only; one byte more is refused."""
    length = os.statvfs(case.folder).f_namemax
    names = ["x" * (length - 1) + last for last in "abc"]
    for name in names:
        write_file(case.path(name), name[-1].encode())
    listed = sorted(os.listdir(case.folder))
    case.equal("names of the greatest length", expected=names, actual=listed)
    for name in names:
        content = read_file(case.path(name))
        case.equal("content by a long name", expected=name[-1].encode(), actual=content)
    longer = case.path("x" * (length + 1))
    for operation, action in (
        ("create a name too long", lambda: write_file(longer, b"")),
        ("mkdir a name too long", lambda: os.mkdir(longer)),
        ("stat a name too long", lambda: os.lstat(longer)),
        ("rename to a name too long", lambda: os.rename(case.path(names[0]), longer)),
    ):
        case.raises(operation, errno.ENAMETOOLONG, action)
    folder = case.path("y" * length)
    os.mkdir(folder)
    case.equal("a directory of that length", expected=[], actual=os.listdir(folder))


@check
def names_of_every_length_are_told_apart(case):
    """One name of each length, all of one letter: none is cut, none is taken for another."""
    names = ["n" * length for length in range(1, os.statvfs(case.folder).f_namemax + 1)]
    try:
        for name in names:
            write_file(case.path(name), b"%d" % len(name))
        lengths = sorted(len(name) for name in os.listdir(case.folder))
        case.equal("lengths listed", expected=[len(name) for name in names], actual=lengths)
        wrong = [len(name) for name in names if read_file(case.path(name)) != b"%d" % len(name)]
        case.equal("lengths with another's content", expected=[], actual=wrong)
    finally:
        _leave_room(case)


def _leave_room(case):
    """Take many names away: a filesystem with few inodes must not fail the checks that follow."""
    shutil.rmtree(case.folder, ignore_errors=True)


@check
def names_differ_by_case(case):
    """Upper and lower case are different names, unless the directory was asked to fold them."""
    for name in ("name", "Name", "NAME"):
        write_file(case.path(name), name.encode())
    names = sorted(os.listdir(case.folder))
    case.equal("names that differ by case", expected=["NAME", "Name", "name"], actual=names)
    content = read_file(case.path("Name"))
    case.equal("content by case", expected=b"Name", actual=content)
    case.raises("stat of a case not made", errno.ENOENT, os.lstat, case.path("nAME"))
