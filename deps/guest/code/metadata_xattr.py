"""Runs in the guest: checks of extended attributes, with the rules of xattr(7) and setxattr(2)."""

import errno
import os

from checking import check, pattern, write_file

SURE_BYTES = 512  # fits everywhere: ext4 with blocks of 1 KiB has the least room
NAME_MAX = 255  # XATTR_NAME_MAX with the prefix, linux/limits.h
SIZE_MAX = 65536  # XATTR_SIZE_MAX
ATTRIBUTES = 20
NO_ROOM = (errno.ENOSPC, errno.E2BIG, errno.ERANGE)


def _made(case):
    path = case.path("file")
    write_file(path, b"content")
    return path


@check
def xattr_keeps_its_value(case):
    """Set, get, replace by longer and shorter, list and remove, on a file and on a directory."""
    os.mkdir(case.path("folder"))
    for path, kind in ((_made(case), "file"), (case.path("folder"), "directory")):
        for value in (b"value", b"", bytes(range(256)), pattern(64), b"short"):
            os.setxattr(path, "user.name", value)
            actual = os.getxattr(path, "user.name")
            case.equal(f"value of {len(value)} bytes on a {kind}", expected=value, actual=actual)
        os.setxattr(path, "user.other", b"other")
        names = _listed(path)
        case.equal(f"names on a {kind}", expected=["user.name", "user.other"], actual=names)
        os.removexattr(path, "user.name")
        names = _listed(path)
        case.equal(f"names after removal on a {kind}", expected=["user.other"], actual=names)
        case.raises(f"get a removed one of a {kind}", errno.ENODATA, os.getxattr, path, "user.name")


def _listed(path):
    """The user's attributes; a security module may have added others."""
    return sorted(name for name in os.listxattr(path) if name.startswith("user."))


@check
def xattr_flags_are_obeyed(case):
    """XATTR_CREATE refuses a name that is there, XATTR_REPLACE one that is not."""
    path = _made(case)
    replace = ("user.name", b"first", os.XATTR_REPLACE)
    case.raises("replace a missing one", errno.ENODATA, os.setxattr, path, *replace)
    case.equal("names after it", expected=[], actual=_listed(path))
    os.setxattr(path, "user.name", b"first", os.XATTR_CREATE)
    create = ("user.name", b"second", os.XATTR_CREATE)
    case.raises("create an existing one", errno.EEXIST, os.setxattr, path, *create)
    case.equal("value after it", expected=b"first", actual=os.getxattr(path, "user.name"))
    os.setxattr(path, "user.name", b"third", os.XATTR_REPLACE)
    case.equal("value replaced", expected=b"third", actual=os.getxattr(path, "user.name"))
    case.raises("remove a missing one", errno.ENODATA, os.removexattr, path, "user.none")


@check
def xattr_values_are_whole_or_refused(case):
    """Values up to the kernel's limit: what does not fit is refused, and the old value stays."""
    path = _made(case)
    kept = b"kept"
    for size in (SURE_BYTES, 1000, 2000, 4000, 16_000, SIZE_MAX):
        value = pattern(size, seed=size)
        try:
            os.setxattr(path, "user.name", value)
            kept = value
        except OSError as error:
            if size <= SURE_BYTES or error.errno not in NO_ROOM:
                case.fail(f"set {size} bytes", "success", errno.errorcode[error.errno])
        actual = os.getxattr(path, "user.name")
        case.equal(f"value after setting {size} bytes", expected=kept, actual=actual)
    beyond = ("user.name", bytes(SIZE_MAX + 1))
    case.raises("set more than the kernel takes", errno.E2BIG, os.setxattr, path, *beyond)
    os.removexattr(path, "user.name")
    case.equal("names after removal", expected=[], actual=_listed(path))


@check
def xattr_names_are_told_apart(case):
    """Many attributes on one file, the longest name among them; one longer is refused."""
    path = _made(case)
    longest = "user." + "n" * (NAME_MAX - len("user."))
    names = sorted([f"user.name{number}" for number in range(ATTRIBUTES)] + [longest])
    for number, name in enumerate(names):
        os.setxattr(path, name, b"%d" % number)
    case.equal("names on the file", expected=names, actual=_listed(path))
    values = [int(os.getxattr(path, name)) for name in names]
    case.equal("values by name", expected=list(range(len(names))), actual=values)
    case.raises("a name too long", errno.ERANGE, os.setxattr, path, longest + "n", b"")
    case.raises("a name without prefix", errno.EOPNOTSUPP, os.setxattr, path, "name", b"")
    for name in names[::2]:
        os.removexattr(path, name)
    case.equal("names after removing every other", expected=names[1::2], actual=_listed(path))


@check
def xattr_belongs_to_the_inode(case):
    """It stays over rename and is gone with the file."""
    path, moved = _made(case), case.path("moved")
    os.setxattr(path, "user.name", b"value")
    os.rename(path, moved)
    case.equal("value after rename", expected=b"value", actual=os.getxattr(moved, "user.name"))
    os.unlink(moved)
    case.equal("names on a new file", expected=[], actual=_listed(_made(case)))
