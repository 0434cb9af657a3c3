"""Runs in the guest: checks of permission bits, owners and what drops or inherits them."""

import os
import stat

from checking import check, write_file

NOBODY = 65534


def _mode(path):
    return oct(stat.S_IMODE(os.lstat(path).st_mode))


@check
def chmod_sets_all_mode_bits(case):
    """Every permission bit, set-user-ID, set-group-ID and sticky, of files and directories."""
    file, folder = case.path("file"), case.path("folder")
    write_file(file, b"")
    os.mkdir(folder)
    for path, kind in ((file, "file"), (folder, "directory")):
        for mode in (0o000, 0o777, 0o421, 0o4755, 0o2755, 0o1777, 0o7777):
            os.chmod(path, mode)
            case.equal(f"mode of a {kind} set to {mode:o}", expected=oct(mode), actual=_mode(path))
    case.true("chmod keeps the type", stat.S_ISDIR(os.lstat(folder).st_mode))


@check
def umask_limits_the_mode_of_what_is_made(case):
    """Permission bits in the umask are taken from the mode asked for; chmod ignores it."""
    before = os.umask(0o027)
    try:
        os.close(os.open(case.path("file"), os.O_WRONLY | os.O_CREAT, 0o666))
        os.mkdir(case.path("folder"), 0o777)
        os.chmod(case.path("folder"), 0o757)
        os.mkdir(case.path("other"), 0o777)
    finally:
        os.umask(before)
    modes = [_mode(case.path(name)) for name in ("file", "other", "folder")]
    wanted = ["0o640", "0o750", "0o757"]
    case.equal("modes of file, directory, chmod", expected=wanted, actual=modes)


@check
def chown_sets_user_and_group(case):
    """chown(2): one or both identifiers, 32 bits wide; -1 leaves one alone."""
    file = case.path("file")
    write_file(file, b"")
    wide = 0x7FFF_FFF0
    for user, group, wanted in (
        (1, 2, (1, 2)),
        (-1, 3, (1, 3)),
        (4, -1, (4, 3)),
        (wide, wide - 1, (wide, wide - 1)),
    ):
        os.chown(file, user, group)
        made = os.lstat(file)
        actual = (made.st_uid, made.st_gid)
        case.equal(f"owner after chown to {user}:{group}", expected=wanted, actual=actual)


@check
def lchown_changes_the_symlink(case):
    """lchown(2) sets the owner of a symbolic link itself; its target keeps its own."""
    link = case.path("link")
    write_file(case.path("file"), b"")
    os.symlink("file", link)
    os.lchown(link, 7, 8)
    made, target = os.lstat(link), os.stat(link)
    case.equal("owner of a symlink", expected=(7, 8), actual=(made.st_uid, made.st_gid))
    case.equal("owner of its target", expected=(0, 0), actual=(target.st_uid, target.st_gid))


@check
def set_id_bits_are_dropped(case):
    """chown(2) and a write by a user without privileges take both bits from an executable file."""
    path = case.path("file")
    write_file(path, b"program")
    os.chmod(path, 0o6755)
    os.chown(path, NOBODY, NOBODY)
    case.equal("mode after chown", expected="0o755", actual=_mode(path))
    os.chmod(path, 0o6777)
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.seteuid(NOBODY)
        os.write(descriptor, b"PROGRAM")
    finally:
        os.seteuid(0)
        os.close(descriptor)
    case.equal("mode after a write by another user", expected="0o777", actual=_mode(path))


@check
def set_group_id_directory_hands_its_group_down(case):
    """What is made in it has its group; a directory also its bit (inode(7))."""
    parent = case.path("parent")
    os.mkdir(parent)
    os.chown(parent, 0, 42)
    os.chmod(parent, 0o2777)
    write_file(os.path.join(parent, "file"), b"")
    os.mkdir(os.path.join(parent, "folder"))
    for name in ("file", "folder"):
        group = os.lstat(os.path.join(parent, name)).st_gid
        case.equal(f"group of a {name} in it", expected=42, actual=group)
    mode = os.lstat(os.path.join(parent, "folder")).st_mode
    case.true("a directory in it has the bit", mode & stat.S_ISGID, oct(mode))
