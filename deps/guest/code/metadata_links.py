"""Runs in the guest: checks of hard links, symbolic links and unlinked files."""

import errno
import os
import stat

from checking import check, pattern, read_file, write_file

LINKS = 50
SYMLINK_MAX = 255  # _POSIX_SYMLINK_MAX: the length that every filesystem must take
MEMORY_BYTES = 20_000


@check
def link_gives_a_file_a_second_name(case):
    """link(2): one inode, two names, in the same and in another directory."""
    first, second = case.path("first"), case.path("folder", "second")
    os.mkdir(case.path("folder"))
    write_file(first, b"content")
    os.link(first, second)
    inodes = {os.lstat(path).st_ino for path in (first, second)}
    case.equal("inodes of both names", expected=1, actual=len(inodes))
    case.equal("links of the file", expected=2, actual=os.lstat(first).st_nlink)
    write_file(second, b"written by the second name")
    content = read_file(first)
    case.equal("content by the first name", expected=b"written by the second name", actual=content)
    os.unlink(first)
    case.equal("links after one is removed", expected=1, actual=os.lstat(second).st_nlink)
    case.equal("content after one is removed", expected=content, actual=read_file(second))


@check
def link_refuses_what_it_must(case):
    """An existing target, a missing source, a directory; nothing changes."""
    file, folder = case.path("file"), case.path("folder")
    write_file(file, b"content")
    os.mkdir(folder)
    case.raises("link to an existing name", errno.EEXIST, os.link, file, folder)
    case.raises("link of a missing file", errno.ENOENT, os.link, case.path("none"), case.path("x"))
    case.raises("link of a directory", errno.EPERM, os.link, folder, case.path("x"))
    names = sorted(os.listdir(case.folder))
    case.equal("names after the refused ones", expected=["file", "folder"], actual=names)
    case.equal("links after the refused ones", expected=1, actual=os.lstat(file).st_nlink)


@check
def link_count_follows_many_links(case):
    """Many names of one file, removed one by one; the last one holds the content."""
    first = case.path("l0")
    write_file(first, b"content")
    for number in range(1, LINKS):
        os.link(first, case.path(f"l{number}"))
    case.equal("links of the file", expected=LINKS, actual=os.lstat(first).st_nlink)
    inodes = {os.lstat(case.path(name)).st_ino for name in os.listdir(case.folder)}
    case.equal("inodes of all names", expected=1, actual=len(inodes))
    for number in range(LINKS - 1):
        os.unlink(case.path(f"l{number}"))
    last = case.path(f"l{LINKS - 1}")
    case.equal("links of the last name", expected=1, actual=os.lstat(last).st_nlink)
    case.equal("content of the last name", expected=b"content", actual=read_file(last))


@check
def symlink_holds_its_target(case):
    """symlink(2) and readlink(2) with targets up to what the filesystem takes.

    Lengths around those at which filesystems change how they store it: 59 and 60 in ext4's inode,
    1024 the most of XFS, 4095 PATH_MAX. A longer one than POSIX asks for may be refused.
    """
    for length in (1, 59, 60, 61, SYMLINK_MAX, 1000, 1023, 1024, 4095):
        target, path = "t" * length, case.path(f"link-{length}")
        try:
            os.symlink(target, path)
        except OSError as error:
            if length <= SYMLINK_MAX or error.errno != errno.ENAMETOOLONG:
                case.fail(f"symlink to {length} bytes", "success", errno.errorcode[error.errno])
            case.true("no name is left of a refused symlink", not os.path.lexists(path))
            continue
        case.equal(f"target of {length} bytes", expected=target, actual=os.readlink(path))
        made = os.lstat(path)
        case.true(f"type with {length} bytes", stat.S_ISLNK(made.st_mode), oct(made.st_mode))
        case.equal(f"size with {length} bytes", expected=length, actual=made.st_size)


@check
def symlinks_are_followed(case):
    """To files and directories, relative, absolute, over several links."""
    os.makedirs(case.path("folder", "inner"))
    write_file(case.path("folder", "file"), b"content")
    os.symlink("folder", case.path("relative"))
    os.symlink(case.path("folder"), case.path("absolute"))
    os.symlink("../file", case.path("folder", "inner", "up"))
    os.symlink("relative/inner/up", case.path("chain"))
    for way in ("relative/file", "absolute/file", "folder/inner/up", "chain"):
        content = read_file(case.path(way))
        case.equal(f"content through {way}", expected=b"content", actual=content)
    os.unlink(case.path("relative"))
    case.true("the target outlives its link", os.path.exists(case.path("folder", "file")))


@check
def symlink_loops_are_refused(case):
    """To itself, and in a circle: ELOOP, while the link itself can be read and removed."""
    os.symlink("self", case.path("self"))
    os.symlink("b", case.path("a"))
    os.symlink("a", case.path("b"))
    for name in ("self", "a"):
        case.raises(f"open the loop {name}", errno.ELOOP, os.open, case.path(name), os.O_RDONLY)
    case.equal("target of a loop", expected="self", actual=os.readlink(case.path("self")))
    for name in ("self", "a", "b"):
        os.unlink(case.path(name))
    case.equal("names when the loops are removed", expected=[], actual=os.listdir(case.folder))


@check
def dangling_symlinks_lead_nowhere(case):
    """ENOENT until the target is there; O_CREAT makes it, O_EXCL refuses the link."""
    link, exclusive = case.path("link"), os.O_WRONLY | os.O_CREAT | os.O_EXCL
    os.symlink("target", link)
    case.raises("open a dangling link", errno.ENOENT, os.open, link, os.O_RDONLY)
    case.raises("create exclusively through it", errno.EEXIST, os.open, link, exclusive)
    case.equal("names after both", expected=["link"], actual=os.listdir(case.folder))
    write_file(link, b"through the link")
    content = read_file(case.path("target"))
    case.equal("file created through the link", expected=b"through the link", actual=content)


@check
def unlinked_file_lives_until_it_is_closed(case):
    """It has no name and no link, and can be read, written and truncated."""
    path, data = case.path("file"), pattern(MEMORY_BYTES)
    write_file(path, data)
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.unlink(path)
        case.raises("stat of the name", errno.ENOENT, os.lstat, path)
        case.equal("links when unlinked", expected=0, actual=os.fstat(descriptor).st_nlink)
        content = os.pread(descriptor, MEMORY_BYTES, 0)
        case.equal("content when unlinked", expected=data, actual=content)
        write_file(path, b"successor")
        os.pwrite(descriptor, b"tail", MEMORY_BYTES)
        os.fsync(descriptor)
        tail = os.pread(descriptor, 100, MEMORY_BYTES)
        case.equal("write when unlinked", expected=b"tail", actual=tail)
        os.ftruncate(descriptor, 10)
        content = os.pread(descriptor, 100, 0)
        case.equal("truncate when unlinked", expected=data[:10], actual=content)
        content = read_file(path)
        case.equal("a new file of that name", expected=b"successor", actual=content)
    finally:
        os.close(descriptor)
