"""Runs in the guest: bad uses of a filesystem, and the errno that each must fail with.

A row is (operation, errno or those that are allowed, manual page of Linux that says so, function,
its arguments...). It runs in a folder that a ``furnish`` function has filled: paths are relative.
A call that is refused must also leave everything as it was. A row that has changed something does
not spoil the next one, which gets a fresh folder.
"""

import fcntl
import mmap
import os
import resource
import stat
from errno import (
    EACCES,
    EBADF,
    EBUSY,
    EEXIST,
    EFBIG,
    EINVAL,
    EISDIR,
    ELOOP,
    ENAMETOOLONG,
    ENODATA,
    ENODEV,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    ENOTTY,
    ENXIO,
    EOPNOTSUPP,
    EOVERFLOW,
    EPERM,
    ERANGE,
    ESPIPE,
    EXDEV,
    errorcode,
)

from checking import check, write_file
from syscalls import RENAME_EXCHANGE, RENAME_NOREPLACE, fallocate, renameat2

NOBODY = 65534
ON_ANOTHER_MOUNT = "/dev/new"  # /dev is a filesystem of its own wherever Linux runs
LARGEST_OFFSET = (1 << 63) - 1
TOO_LONG = "n" * 256  # NAME_MAX of linux/limits.h is 255
TOO_LONG_PATH = "./" * 2048 + "file"  # PATH_MAX is 4096
UIO_MAXIOV = 1024  # linux/uio.h
MAXSYMLINKS = 40  # linux/namei.h
UNKNOWN_IOCTL = 0xFA00  # of no driver and no filesystem
FILE_SIZE_LIMIT = 4096
NOT_EMPTY = (ENOTEMPTY, EEXIST)
PROTECTED = (EPERM, EACCES)
SUCCESS = 0


def furnish():
    """Files and directories in the working directory, for the rows to misuse."""
    for folder in ("empty", "full", "full/inner"):
        os.mkdir(folder, 0o755)
    for path in ("file", "full/child"):
        write_file(path, b"content")


def furnish_links():
    """Also symbolic links: to a file, to nothing, in a circle, in too long a chain."""
    furnish()
    for target, path in (("file", "link"), ("missing", "dangling"), ("loop b", "loop a")):
        os.symlink(target, path)
    os.symlink("loop a", "loop b")
    os.symlink("file", "chain 0")
    for number in range(MAXSYMLINKS):
        os.symlink(f"chain {number}", f"chain {number + 1}")


def furnish_fifo():
    furnish()
    os.mkfifo("fifo")


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


def in_removed_folder(call):
    """Call with the descriptor of a directory that has been removed since it was opened."""
    os.mkdir("removed")
    descriptor = os.open("removed", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.rmdir("removed")
        return call(descriptor)
    finally:
        os.close(descriptor)


def attribute_created_twice():
    os.setxattr("file", "user.name", b"x")
    os.setxattr("file", "user.name", b"x", os.XATTR_CREATE)


def rmdir_mountpoint():
    path = os.getcwd()
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    os.rmdir(path)


MISSING_ROWS = (
    ("open a missing file", ENOENT, "open(2)", opened, "missing"),
    ("open an empty path", ENOENT, "path_resolution(7)", opened, ""),
    ("create in a missing directory", ENOENT, "open(2)", created, "missing/new"),
    ("mkdir in a missing directory", ENOENT, "mkdir(2)", os.mkdir, "missing/new"),
    ("stat a missing file", ENOENT, "stat(2)", os.stat, "missing"),
    ("unlink a missing file", ENOENT, "unlink(2)", os.unlink, "missing"),
    ("rmdir a missing directory", ENOENT, "rmdir(2)", os.rmdir, "missing"),
    ("rename a missing file", ENOENT, "rename(2)", os.rename, "missing", "file"),
    ("rename into a missing directory", ENOENT, "rename(2)", os.rename, "file", "missing/new"),
    ("truncate a missing file", ENOENT, "truncate(2)", os.truncate, "missing", 0),
    ("chmod a missing file", ENOENT, "chmod(2)", os.chmod, "missing", 0o600),
    ("chown a missing file", ENOENT, "chown(2)", os.chown, "missing", 0, 0),
    ("set the times of a missing file", ENOENT, "utimensat(2)", os.utime, "missing"),
    ("create in a removed directory", ENOENT, "open(2)", in_removed_folder,
     lambda folder: os.open("new", os.O_WRONLY | os.O_CREAT, dir_fd=folder)),
    ("mkdir in a removed directory", ENOENT, "mkdir(2)", in_removed_folder,
     lambda folder: os.mkdir("new", dir_fd=folder)),
)  # fmt: skip

NOT_A_DIRECTORY_ROWS = (
    ("open below a file", ENOTDIR, "open(2)", opened, "file/below"),
    ("create below a file", ENOTDIR, "open(2)", created, "file/below"),
    ("mkdir below a file", ENOTDIR, "mkdir(2)", os.mkdir, "file/below"),
    ("stat below a file", ENOTDIR, "stat(2)", os.stat, "file/below"),
    ("unlink below a file", ENOTDIR, "unlink(2)", os.unlink, "file/below"),
    ("truncate below a file", ENOTDIR, "truncate(2)", os.truncate, "file/below", 0),
    ("rename to below a file", ENOTDIR, "rename(2)", os.rename, "full/child", "file/below"),
    ("rename a directory over a file", ENOTDIR, "rename(2)", os.rename, "empty", "file"),
    ("open a file with O_DIRECTORY", ENOTDIR, "open(2)", opened, "file", os.O_DIRECTORY),
    ("open a file with a slash after it", ENOTDIR, "path_resolution(7)", opened, "file/"),
    ("list a file", ENOTDIR, "open(2)", os.listdir, "file"),
    ("chdir to a file", ENOTDIR, "chdir(2)", os.chdir, "file"),
    ("rmdir a file", ENOTDIR, "rmdir(2)", os.rmdir, "file"),
)

DIRECTORY_ROWS = (
    ("open a directory to write", EISDIR, "open(2)", opened, "empty", os.O_WRONLY),
    ("open a directory with O_CREAT", EISDIR, "open(2)", created, "empty"),
    ("read a directory", EISDIR, "read(2)", reader, "empty", os.read, 1),
    ("truncate a directory", EISDIR, "truncate(2)", os.truncate, "empty", 0),
    ("unlink a directory", EISDIR, "unlink(2)", os.unlink, "empty"),
    ("rename a file over a directory", EISDIR, "rename(2)", os.rename, "file", "empty"),
    ("map a directory", ENODEV, "mmap(2)", reader, "empty", mapped, mmap.PROT_READ),
    ("rmdir a full directory", NOT_EMPTY, "rmdir(2)", os.rmdir, "full"),
    ("rmdir a dot", EINVAL, "rmdir(2)", os.rmdir, "empty/."),
    ("rmdir two dots", NOT_EMPTY, "rmdir(2)", os.rmdir, "empty/.."),
    ("rename over a full directory", NOT_EMPTY, "rename(2)", os.rename, "empty", "full"),
    ("rename a directory into itself", EINVAL, "rename(2)", os.rename, "full", "full/new"),
    ("rename a directory far below itself", EINVAL, "rename(2)",
     os.rename, "full", "full/inner/new"),
    ("rename a dot", (EBUSY, EINVAL), "rename(2)", os.rename, "full/.", "new"),
)  # fmt: skip

EXISTING_ROWS = (
    ("create a file that exists with O_EXCL", EEXIST, "open(2)", created, "file", os.O_EXCL),
    ("create a directory with O_EXCL", EEXIST, "open(2)", created, "empty", os.O_EXCL),
    ("mkdir over a directory", EEXIST, "mkdir(2)", os.mkdir, "empty"),
    ("mkdir over a file", EEXIST, "mkdir(2)", os.mkdir, "file"),
    ("mkdir a dot", EEXIST, "mkdir(2)", os.mkdir, "empty/."),
)

TOO_LONG_ROWS = (
    ("open too long a name", ENAMETOOLONG, "open(2)", opened, TOO_LONG),
    ("create too long a name", ENAMETOOLONG, "open(2)", created, TOO_LONG),
    ("mkdir too long a name", ENAMETOOLONG, "mkdir(2)", os.mkdir, TOO_LONG),
    ("stat too long a name", ENAMETOOLONG, "stat(2)", os.stat, TOO_LONG),
    ("unlink too long a name", ENAMETOOLONG, "unlink(2)", os.unlink, TOO_LONG),
    ("rmdir too long a name", ENAMETOOLONG, "rmdir(2)", os.rmdir, TOO_LONG),
    ("rename to too long a name", ENAMETOOLONG, "rename(2)", os.rename, "file", TOO_LONG),
    ("open too long a path", ENAMETOOLONG, "open(2)", opened, TOO_LONG_PATH),
)

BAD_ARGUMENT_ROWS = (
    ("truncate to a negative size", EINVAL, "truncate(2)", os.truncate, "file", -1),
    ("seek to a negative offset", EINVAL, "lseek(2)", reader, "file", os.lseek, -1, os.SEEK_SET),
    ("seek to before the start", EINVAL, "lseek(2)", reader, "file", os.lseek, -99, os.SEEK_END),
    ("seek from nowhere", EINVAL, "lseek(2)", reader, "file", os.lseek, 0, 99),
    ("seek to data past the end", ENXIO, "lseek(2)", reader, "file", os.lseek, 99, os.SEEK_DATA),
    ("pread at a negative offset", EINVAL, "pread(2)", reader, "file", os.pread, 1, -1),
    ("pwrite at a negative offset", EINVAL, "pwrite(2)", writer, "file", os.pwrite, b"x", -1),
    ("read into too many buffers", EINVAL, "readv(2)",
     reader, "file", os.readv, [bytearray(1)] * (UIO_MAXIOV + 1)),
    ("write from too many buffers", EINVAL, "writev(2)",
     writer, "file", os.writev, [b"x"] * (UIO_MAXIOV + 1)),
    ("readlink a file", EINVAL, "readlink(2)", os.readlink, "file"),
    ("ioctl that nobody knows", ENOTTY, "ioctl(2)", reader, "file", fcntl.ioctl, UNKNOWN_IOCTL),
    ("set an attribute of no namespace", EOPNOTSUPP, "setxattr(2)",
     os.setxattr, "file", "nowhere.name", b"x"),
)  # fmt: skip

BAD_DESCRIPTOR_ROWS = (
    ("write by a reader", EBADF, "write(2)", reader, "file", os.write, b"x"),
    ("pwrite by a reader", EBADF, "pwrite(2)", reader, "file", os.pwrite, b"x", 0),
    ("read by a writer", EBADF, "read(2)", writer, "file", os.read, 1),
    ("write to a directory", EBADF, "write(2)", reader, "empty", os.write, b"x"),
    ("truncate by a reader", (EBADF, EINVAL), "ftruncate(2)", reader, "file", os.ftruncate, 0),
    ("map a writer's file", EACCES, "mmap(2)", writer, "file", mapped, mmap.PROT_READ),
    ("map a reader's file to write", EACCES, "mmap(2)", reader, "file", mapped, mmap.PROT_WRITE),
    ("copy to a reader", EBADF, "copy_file_range(2)",
     reader, "file", lambda descriptor: os.copy_file_range(descriptor, descriptor, 1, 0, 4)),
)  # fmt: skip

TOO_LARGE_ROWS = (
    ("write past the limit", EFBIG, "write(2)", writer, "file", os.pwrite, b"x", FILE_SIZE_LIMIT),
    ("truncate past the limit", EFBIG, "truncate(2)", os.truncate, "file", FILE_SIZE_LIMIT + 1),
    ("write at the largest offset", (EFBIG, EINVAL, EOVERFLOW), "pwrite(2)",
     writer, "file", os.pwrite, b"xx", LARGEST_OFFSET),
)  # fmt: skip

MOUNT_ROWS = (
    ("rename a file to another mount", EXDEV, "rename(2)", os.rename, "file", ON_ANOTHER_MOUNT),
    ("rename a directory to another mount", EXDEV, "rename(2)",
     os.rename, "empty", ON_ANOTHER_MOUNT),
    ("rmdir the mount point", EBUSY, "rmdir(2)", rmdir_mountpoint),
)  # fmt: skip

SYMLINK_ROWS = (
    ("open a circle of links", ELOOP, "open(2)", opened, "loop a"),
    ("stat a circle of links", ELOOP, "stat(2)", os.stat, "loop a"),
    ("open below a circle of links", ELOOP, "open(2)", opened, "loop a/below"),
    ("open a chain of too many links", ELOOP, "path_resolution(7)", opened, f"chain {MAXSYMLINKS}"),
    ("open a link with O_NOFOLLOW", ELOOP, "open(2)", opened, "link", os.O_NOFOLLOW),
    ("open a dangling link", ENOENT, "open(2)", opened, "dangling"),
    ("create a dangling link with O_EXCL", EEXIST, "open(2)", created, "dangling", os.O_EXCL),
    ("mkdir over a dangling link", EEXIST, "mkdir(2)", os.mkdir, "dangling"),
    ("rmdir a link", ENOTDIR, "rmdir(2)", os.rmdir, "link"),
    ("symlink over a file", EEXIST, "symlink(2)", os.symlink, "target", "file"),
    ("symlink to an empty path", ENOENT, "symlink(2)", os.symlink, "", "new"),
    ("symlink in a missing directory", ENOENT, "symlink(2)", os.symlink, "target", "missing/new"),
    ("symlink of too long a name", ENAMETOOLONG, "symlink(2)", os.symlink, "target", TOO_LONG),
    ("symlink to too long a path", ENAMETOOLONG, "symlink(2)", os.symlink, "t" * 4096, "new"),
)

HARD_LINK_ROWS = (
    ("link a missing file", ENOENT, "link(2)", os.link, "missing", "new"),
    ("link into a missing directory", ENOENT, "link(2)", os.link, "file", "missing/new"),
    ("link over a file", EEXIST, "link(2)", os.link, "file", "full/child"),
    ("link a directory", EPERM, "link(2)", os.link, "empty", "new"),
    ("link to below a file", ENOTDIR, "link(2)", os.link, "full/child", "file/below"),
    ("link to another mount", EXDEV, "link(2)", os.link, "file", ON_ANOTHER_MOUNT),
    ("link to too long a name", ENAMETOOLONG, "link(2)", os.link, "file", TOO_LONG),
)

SPECIAL_FILE_ROWS = (
    ("mkfifo over a file", EEXIST, "mkfifo(3)", os.mkfifo, "file"),
    ("mkfifo in a missing directory", ENOENT, "mkfifo(3)", os.mkfifo, "missing/new"),
    ("mkfifo below a file", ENOTDIR, "mkfifo(3)", os.mkfifo, "file/below"),
    ("open a FIFO that nobody reads", ENXIO, "open(2)",
     opened, "fifo", os.O_WRONLY | os.O_NONBLOCK),
    ("seek in a FIFO", ESPIPE, "lseek(2)", with_descriptor, "fifo", os.O_RDWR, os.lseek, 0, 0),
)  # fmt: skip

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

PREALLOCATION_ROWS = (
    ("fallocate no bytes", EINVAL, "fallocate(2)", writer, "file", fallocate, 0, 0, 0),
    ("fallocate a negative offset", EINVAL, "fallocate(2)", writer, "file", fallocate, 0, -1, 1),
    ("fallocate by a reader", EBADF, "fallocate(2)", reader, "file", fallocate, 0, 0, 9),
    ("fallocate past the largest offset", EFBIG, "fallocate(2)",
     writer, "file", fallocate, 0, LARGEST_OFFSET, 1),
)  # fmt: skip

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


def outcome(function, arguments):
    """The errno that a call fails with, 0 if it succeeds."""
    try:
        function(*arguments)
    except OSError as error:
        return error.errno
    return SUCCESS


def outcome_as_nobody(function, arguments):
    """The same for a user without privileges: the kernel judges by the effective user."""
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        return outcome(function, arguments)
    finally:
        os.seteuid(0)
        os.setegid(0)


def run_rows(case, rows, fill=furnish, attempt=outcome):
    """Try every row; one failure for each whose outcome or effect is another than it should be."""
    fresh_folder(case, "before all", fill)
    before = tree()
    for operation, wanted, source, function, *arguments in rows:
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        got = attempt(function, arguments)
        after = tree()
        if got not in allowed:
            names = " or ".join(in_words(code) for code in allowed)
            case.fail(operation, f"{names} ({source})", in_words(got))
        elif got != SUCCESS and after != before:
            changed = ", ".join(sorted({path for path, _ in before ^ after}))
            case.fail(f"{operation}, refused", "nothing changes", f"changed: {changed}")
        if after != before:
            fresh_folder(case, operation, fill)


def fresh_folder(case, name, fill):
    folder = case.path(f"after {name}")
    os.mkdir(folder, 0o755)
    os.chdir(folder)
    fill()


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


@check
def missing_names(case):
    run_rows(case, MISSING_ROWS)


@check
def files_are_no_directories(case):
    run_rows(case, NOT_A_DIRECTORY_ROWS)


@check
def directories_are_no_files(case):
    run_rows(case, DIRECTORY_ROWS)


@check
def existing_names(case):
    run_rows(case, EXISTING_ROWS)


@check
def too_long_names(case):
    run_rows(case, TOO_LONG_ROWS)


@check
def bad_arguments(case):
    run_rows(case, BAD_ARGUMENT_ROWS)


@check
def bad_descriptors(case):
    run_rows(case, BAD_DESCRIPTOR_ROWS)


@check
def too_large_files(case):
    """setrlimit(2), RLIMIT_FSIZE; its signal SIGXFSZ is ignored, as Python does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE_LIMIT, limits[1]))
    try:
        run_rows(case, TOO_LARGE_ROWS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@check
def other_mounts(case):
    run_rows(case, MOUNT_ROWS)


@check
def symbolic_links(case):
    run_rows(case, SYMLINK_ROWS, furnish_links)


@check
def hard_links(case):
    run_rows(case, HARD_LINK_ROWS)


@check
def special_files(case):
    run_rows(case, SPECIAL_FILE_ROWS, furnish_fifo)


@check
def rename_noreplace(case):
    run_rows(case, NOREPLACE_ROWS)


@check
def rename_exchange(case):
    run_rows(case, EXCHANGE_ROWS)


@check
def preallocation(case):
    run_rows(case, PREALLOCATION_ROWS)


@check
def extended_attributes(case):
    run_rows(case, ATTRIBUTE_ROWS)


@check
def other_users(case):
    groups = os.getgroups()
    os.setgroups([])
    try:
        run_rows(case, OTHER_USER_ROWS, furnish_protected, outcome_as_nobody)
    finally:
        os.setgroups(groups)
