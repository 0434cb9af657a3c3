"""Runs in the guest: checks of rename(2) and renameat2(2) in all their forms.

What must happen is that of the manual page rename(2), with POSIX where it says less.
"""

import errno
import itertools
import os
import stat

from checking import check, read_file, write_file
from syscalls import RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, renameat2

NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST)
ROUNDS = 100


def _names(case, operation, *expected):
    case.equal(operation, expected=sorted(expected), actual=sorted(os.listdir(case.folder)))


def _file(case, *names):
    """A file whose content is its own name."""
    path = case.path(*names)
    write_file(path, names[-1].encode())
    return path


@check
def rename_gives_a_file_another_name(case):
    """A new name in the same directory; the inode and its content stay."""
    old, new = _file(case, "old"), case.path("new")
    inode = os.lstat(old).st_ino
    os.rename(old, new)
    _names(case, "names after rename", "new")
    case.raises("stat of the old name", errno.ENOENT, os.lstat, old)
    case.equal("inode after rename", expected=inode, actual=os.lstat(new).st_ino)
    case.equal("content after rename", expected=b"old", actual=read_file(new))
    case.raises("rename of a missing file", errno.ENOENT, os.rename, old, new)
    os.rename(new, new)
    case.equal("content after rename to its own name", expected=b"old", actual=read_file(new))


@check
def rename_over_a_file_replaces_it(case):
    """The target's old inode loses its name; the source's has it."""
    source, target = _file(case, "source"), _file(case, "target")
    inode = os.lstat(source).st_ino
    os.rename(source, target)
    _names(case, "names after rename over a file", "target")
    case.equal("inode of the name replaced", expected=inode, actual=os.lstat(target).st_ino)
    case.equal("links of the file renamed", expected=1, actual=os.lstat(target).st_nlink)
    case.equal("content of the name replaced", expected=b"source", actual=read_file(target))


@check
def rename_keeps_open_descriptors_valid(case):
    """Descriptors of both the renamed and the replaced file read and write their own file."""
    source, target = _file(case, "source"), _file(case, "target")
    moved, replaced = os.open(source, os.O_RDWR), os.open(target, os.O_RDWR)
    try:
        os.rename(source, target)
        content = os.pread(replaced, 100, 0)
        case.equal("content of the replaced file", expected=b"target", actual=content)
        case.equal("links of the replaced file", expected=0, actual=os.fstat(replaced).st_nlink)
        os.pwrite(replaced, b"REPLACED", 0)
        os.pwrite(moved, b"MOVED!", 0)
        content = os.pread(replaced, 100, 0)
        case.equal("write to the replaced file", expected=b"REPLACED", actual=content)
        case.equal("write to the renamed file", expected=b"MOVED!", actual=read_file(target))
    finally:
        os.close(moved)
        os.close(replaced)


@check
def rename_moves_a_file_across_directories(case):
    """Into a sibling, down into a child and up again."""
    os.makedirs(case.path("a", "child"))
    os.mkdir(case.path("b"))
    _file(case, "a", "file")
    way = (("a", "file"), ("b", "file"), ("a", "child", "moved"), ("top",))
    for old, new in itertools.pairwise(way):
        os.rename(case.path(*old), case.path(*new))
        left = os.path.basename(old[-1]) in os.listdir(case.path(*old[:-1]))
        case.true("the old directory has the name no more", not left)
        content = read_file(case.path(*new))
        case.equal("content in the new directory", expected=b"file", actual=content)


@check
def rename_moves_a_directory_with_its_content(case):
    """Across directories, with what is in it at any depth."""
    os.makedirs(case.path("a", "tree", "branch"))
    os.mkdir(case.path("b"))
    _file(case, "a", "tree", "branch", "leaf")
    os.rename(case.path("a", "tree"), case.path("b", "moved"))
    case.equal("names left behind", expected=[], actual=os.listdir(case.path("a")))
    content = read_file(case.path("b", "moved", "branch", "leaf"))
    case.equal("content in the moved directory", expected=b"leaf", actual=content)
    _file(case, "b", "moved", "branch", "later")
    names = sorted(os.listdir(case.path("b", "moved", "branch")))
    case.equal("names in the moved directory", expected=["later", "leaf"], actual=names)


@check
def rename_over_a_directory_needs_it_empty(case):
    """An empty one is replaced; one with content is refused and both stay."""
    for name in ("source", "empty", "full"):
        os.mkdir(case.path(name))
    _file(case, "source", "inner")
    _file(case, "full", "file")
    source = case.path("source")
    case.raises("rename over a full directory", NOT_EMPTY, os.rename, source, case.path("full"))
    names = [os.listdir(case.path(name)) for name in ("source", "full")]
    case.equal("names in both after it", expected=[["inner"], ["file"]], actual=names)
    os.rename(source, case.path("empty"))
    _names(case, "names after rename over an empty directory", "empty", "full")
    content = read_file(case.path("empty", "inner"))
    case.equal("content after rename over an empty directory", expected=b"inner", actual=content)


@check
def rename_into_itself_is_refused(case):
    """A directory cannot become its own descendant, nor replace its ancestor."""
    tree = case.path("tree")
    os.makedirs(os.path.join(tree, "branch", "twig"))
    inside, deep = os.path.join(tree, "new"), os.path.join(tree, "branch", "twig", "new")
    case.raises("rename into itself", errno.EINVAL, os.rename, tree, inside)
    case.raises("rename into a descendant", errno.EINVAL, os.rename, tree, deep)
    branch = os.path.join(tree, "branch")
    twig = os.path.join(branch, "twig")
    case.raises("rename over its own ancestor", NOT_EMPTY, os.rename, twig, tree)
    case.equal("tree after the refused ones", expected=["twig"], actual=os.listdir(branch))


@check
def rename_does_not_mix_files_and_directories(case):
    """A file over a directory and a directory over a file are refused."""
    file = _file(case, "file")
    folder = case.path("folder")
    os.mkdir(folder)
    case.raises("rename a file over a directory", errno.EISDIR, os.rename, file, folder)
    case.raises("rename a directory over a file", errno.ENOTDIR, os.rename, folder, file)
    _names(case, "names after the refused ones", "file", "folder")
    case.equal("content after the refused ones", expected=b"file", actual=read_file(file))


@check
def rename_onto_own_hard_link_changes_nothing(case):
    """Two names of one inode: rename(2) succeeds and both stay."""
    first = _file(case, "first")
    os.link(first, case.path("second"))
    os.rename(first, case.path("second"))
    _names(case, "names after rename onto a link of itself", "first", "second")
    case.equal("links after it", expected=2, actual=os.lstat(first).st_nlink)


@check
def rename_moves_the_symlink_not_its_target(case):
    """Both as the source and as the target of rename(2) a symlink stands for itself."""
    _file(case, "file")
    os.symlink("file", case.path("link"))
    os.rename(case.path("link"), case.path("moved"))
    case.equal("target of the link", expected="file", actual=os.readlink(case.path("moved")))
    _file(case, "other")
    os.rename(case.path("other"), case.path("moved"))
    _names(case, "names after rename over a symlink", "file", "moved")
    case.equal("file that it named", expected=b"file", actual=read_file(case.path("file")))


@check
def repeated_rename_leaves_one_name(case):
    """To and fro between names of several lengths; nothing is left behind."""
    names = ["a", "b" * 40, "c" * 200, "d" * 9]
    _file(case, names[0])
    for number in range(ROUNDS):
        old, new = names[number % 4], names[(number + 1) % 4]
        os.rename(case.path(old), case.path(new))
    _names(case, "names after many renames", names[ROUNDS % 4])
    content = read_file(case.path(names[ROUNDS % 4]))
    case.equal("content after many renames", expected=names[0].encode(), actual=content)


@check
def rename_noreplace_never_replaces(case):
    """RENAME_NOREPLACE refuses a target that exists, of any type."""
    first, second = _file(case, "first"), _file(case, "second")
    os.mkdir(case.path("folder"))
    for kind, target in (("file", second), ("directory", case.path("folder"))):
        what = f"rename to an existing {kind}"
        case.raises(what, errno.EEXIST, renameat2, first, target, RENAME_NOREPLACE)
    case.equal("content of the target", expected=b"second", actual=read_file(second))
    renameat2(first, case.path("third"), RENAME_NOREPLACE)
    _names(case, "names after rename to a free name", "folder", "second", "third")


@check
def rename_exchange_swaps_two_names(case):
    """RENAME_EXCHANGE swaps files, and a file with a directory; both must exist."""
    first, second, folder = _file(case, "first"), _file(case, "second"), case.path("folder")
    os.mkdir(folder)
    _file(case, "folder", "inner")
    renameat2(first, second, RENAME_EXCHANGE)
    contents = [read_file(first), read_file(second)]
    case.equal("contents after the swap", expected=[b"second", b"first"], actual=contents)
    renameat2(first, folder, RENAME_EXCHANGE)
    case.equal("file swapped with a directory", expected=b"second", actual=read_file(folder))
    case.equal("directory swapped with a file", expected=["inner"], actual=os.listdir(first))
    none = case.path("none")
    case.raises("swap with a missing one", errno.ENOENT, renameat2, first, none, RENAME_EXCHANGE)
    _names(case, "names after the swaps", "first", "folder", "second")


@check
def rename_whiteout_leaves_a_whiteout(case):
    """RENAME_WHITEOUT leaves a character device 0:0 under the old name."""
    old, new = _file(case, "old"), case.path("new")
    renameat2(old, new, RENAME_WHITEOUT)
    left = os.lstat(old)
    case.true("the old name is a character device", stat.S_ISCHR(left.st_mode), oct(left.st_mode))
    case.equal("its device number", expected=0, actual=left.st_rdev)
    case.equal("content under the new name", expected=b"old", actual=read_file(new))
