"""Runs in the guest: checks of making, nesting and removing directories, and their links."""

import errno
import os
import stat

from checking import check, read_file, write_file

DEPTH = 100
SIBLINGS = 20


@check
def mkdir_makes_an_empty_directory(case):
    """mkdir(2), and what it refuses."""
    path = case.path("directory")
    os.mkdir(path, 0o750)
    mode = os.lstat(path).st_mode
    case.equal("mode of the directory", expected=oct(stat.S_IFDIR | 0o750), actual=oct(mode))
    case.equal("names in a new directory", expected=[], actual=os.listdir(path))
    write_file(case.path("file"), b"content")
    case.raises("mkdir of an existing directory", errno.EEXIST, os.mkdir, path)
    case.raises("mkdir of an existing file", errno.EEXIST, os.mkdir, case.path("file"))
    case.raises("mkdir in a missing one", errno.ENOENT, os.mkdir, case.path("none", "directory"))
    case.raises("mkdir below a file", errno.ENOTDIR, os.mkdir, case.path("file", "directory"))
    names = sorted(os.listdir(case.folder))
    case.equal("names after the refused ones", expected=["directory", "file"], actual=names)


@check
def rmdir_removes_empty_directories_only(case):
    """rmdir(2) takes an empty directory away and leaves anything else as it was."""
    os.mkdir(case.path("empty"))
    os.mkdir(case.path("full"))
    write_file(case.path("full", "file"), b"content")
    os.rmdir(case.path("empty"))
    case.raises("stat of what was removed", errno.ENOENT, os.lstat, case.path("empty"))
    case.raises("rmdir of a missing one", errno.ENOENT, os.rmdir, case.path("empty"))
    not_empty = (errno.ENOTEMPTY, errno.EEXIST)
    case.raises("rmdir of one with a file", not_empty, os.rmdir, case.path("full"))
    case.raises("rmdir of a file", errno.ENOTDIR, os.rmdir, case.path("full", "file"))
    case.raises("unlink of a directory", (errno.EISDIR, errno.EPERM), os.unlink, case.path("full"))
    content = read_file(case.path("full", "file"))
    case.equal("file after the refused ones", expected=b"content", actual=content)
    os.unlink(case.path("full", "file"))
    os.rmdir(case.path("full"))
    case.equal("names when all is removed", expected=[], actual=os.listdir(case.folder))


@check
def removed_directory_stays_open_and_empty(case):
    """A directory that is removed while open lists nothing and takes no new names."""
    path = case.path("directory")
    os.mkdir(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.rmdir(path)
        case.equal("names in a removed directory", expected=[], actual=os.listdir(descriptor))
        create = os.O_WRONLY | os.O_CREAT
        message = "create a file in a removed directory"
        case.raises(message, errno.ENOENT, os.open, "file", create, dir_fd=descriptor)
        os.mkdir(path)
        write_file(os.path.join(path, "file"), b"")
        case.equal("names in its successor", expected=["file"], actual=os.listdir(path))
        after = os.listdir(descriptor)
        case.equal("names in the removed one beside a successor", expected=[], actual=after)
    finally:
        os.close(descriptor)


@check
def deep_trees_keep_their_levels(case):
    """A chain of directories, a file at every tenth level, down and up again."""
    path = case.folder
    for level in range(DEPTH):
        path = os.path.join(path, f"d{level % 10}")
        os.mkdir(path)
        if level % 10 == 9:
            write_file(os.path.join(path, "file"), b"level %d" % level)
    seen = []
    for folder, folders, files in os.walk(case.folder):
        for name in files:
            seen.append(read_file(os.path.join(folder, name)).decode())
        case.true("a level holds at most one directory", len(folders) <= 1, folders)
    levels = [f"level {number}" for number in range(9, DEPTH, 10)]
    case.equal("files of the tree", expected=levels, actual=seen)
    while path != case.folder:
        if os.path.basename(path) == "d9":
            os.unlink(os.path.join(path, "file"))
        os.rmdir(path)
        path = os.path.dirname(path)
    case.equal("names when the tree is removed", expected=[], actual=os.listdir(path))


@check
def directory_link_count_is_two_plus_subdirectories(case):
    """Its name, its own ``.`` and the ``..`` of each directory in it; files do not count."""
    parent = case.path("parent")
    os.mkdir(parent)
    case.equal("links of a new directory", expected=2, actual=os.lstat(parent).st_nlink)
    for number in range(SIBLINGS):
        os.mkdir(os.path.join(parent, f"d{number}"))
    write_file(os.path.join(parent, "file"), b"")
    links = os.lstat(parent).st_nlink
    case.equal("links after mkdir in it", expected=2 + SIBLINGS, actual=links)
    os.rmdir(os.path.join(parent, "d0"))
    links = os.lstat(parent).st_nlink
    case.equal("links after rmdir in it", expected=1 + SIBLINGS, actual=links)
    other = case.path("other")
    os.mkdir(other)
    os.rename(os.path.join(parent, "d1"), os.path.join(other, "d1"))
    counts = {"from": os.lstat(parent).st_nlink, "to": os.lstat(other).st_nlink}
    wanted = {"from": SIBLINGS, "to": 3}
    case.equal("links after a directory moved away", expected=wanted, actual=counts)
    os.mkdir(case.path("replaced"))
    os.rename(os.path.join(parent, "d2"), case.path("replaced"))
    links = os.lstat(parent).st_nlink
    case.equal("links after one replaced a directory", expected=SIBLINGS - 1, actual=links)
    links = os.lstat(case.path("replaced")).st_nlink
    case.equal("links of the one that replaced it", expected=2, actual=links)


@check
def dot_and_dotdot_lead_to_self_and_parent(case):
    """``.`` is the directory itself and ``..`` its parent, also after it was moved."""
    os.makedirs(case.path("a", "child"))
    os.mkdir(case.path("b"))
    child = os.lstat(case.path("a", "child")).st_ino
    case.equal("inode of .", expected=child, actual=os.lstat(case.path("a", "child", ".")).st_ino)
    _parent_is(case, "inode of ..", "a")
    os.rename(case.path("a", "child"), case.path("b", "child"))
    _parent_is(case, "inode of .. after a move", "b")


def _parent_is(case, operation, parent):
    expected = os.lstat(case.path(parent)).st_ino
    actual = os.lstat(case.path(parent, "child", "..")).st_ino
    case.equal(operation, expected=expected, actual=actual)
