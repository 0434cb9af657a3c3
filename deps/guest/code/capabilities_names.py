"""Runs in the guest: probes of what a filesystem can do with names and inodes."""

import errno
import os
import stat
import struct

import syscalls
from checking import read_file, write_file
from probing import UNPRIVILEGED, opened, require, require_error, unprivileged

# linux/posix_acl.h, linux/posix_acl_xattr.h
ACL_VERSION = 2
ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
ACL_NOBODY_IN_PARTICULAR = 0xFFFFFFFF


def symlink(folder):
    target, link = os.path.join(folder, "target"), os.path.join(folder, "link")
    write_file(target, b"content")
    os.symlink("target", link)
    require(os.readlink(link) == "target", f"readlink gives {os.readlink(link)!r}")
    require(stat.S_ISLNK(os.lstat(link).st_mode), "lstat does not show a symbolic link")
    require(read_file(link) == b"content", "the link does not lead to its target")


def hardlink(folder):
    one, two = os.path.join(folder, "one"), os.path.join(folder, "two")
    write_file(one, b"before")
    os.link(one, two)
    links = os.stat(one).st_nlink
    require(os.path.samestat(os.stat(one), os.stat(two)), "the two names are different files")
    require(links == 2, f"the link count is {links} after link")
    with opened(one, os.O_WRONLY) as descriptor:
        os.write(descriptor, b"after!")
    require(read_file(two) == b"after!", "what one name wrote is not seen by the other")


def mknod(folder):
    kinds = {
        "FIFO": (stat.S_IFIFO, 0),
        "socket": (stat.S_IFSOCK, 0),
        "character device": (stat.S_IFCHR, os.makedev(1, 3)),
        "block device": (stat.S_IFBLK, os.makedev(7, 300)),
    }
    for name, (kind, device) in kinds.items():
        path = os.path.join(folder, name)
        os.mknod(path, kind | 0o600, device)
        status = os.lstat(path)
        require(stat.S_IFMT(status.st_mode) == kind, f"the {name} has mode {status.st_mode:o}")
        require(status.st_rdev == device, f"the {name} has device number {status.st_rdev:#x}")


def user_xattr(folder):
    path = os.path.join(folder, "file")
    write_file(path, b"content")
    os.setxattr(path, "user.probe", b"value")
    value, names = os.getxattr(path, "user.probe"), os.listxattr(path)
    require(value == b"value", f"getxattr gives {value!r}")
    require("user.probe" in names, f"listxattr gives {names}")
    os.removexattr(path, "user.probe")
    gone = (errno.ENODATA, "it is still there after removexattr")
    require_error(*gone, os.getxattr, path, "user.probe")


def acl(folder):
    path = os.path.join(folder, "file")
    write_file(path, b"content")
    os.chmod(path, 0o600)
    entries = (
        (ACL_USER_OBJ, 6, ACL_NOBODY_IN_PARTICULAR),
        (ACL_USER, 4, UNPRIVILEGED),
        (ACL_GROUP_OBJ, 0, ACL_NOBODY_IN_PARTICULAR),
        (ACL_MASK, 4, ACL_NOBODY_IN_PARTICULAR),
        (ACL_OTHER, 0, ACL_NOBODY_IN_PARTICULAR),
    )
    packed = b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(path, "system.posix_acl_access", struct.pack("<I", ACL_VERSION) + packed)
    mode = stat.S_IMODE(os.stat(path).st_mode)
    require(mode == 0o640, f"the mode is {mode:o}, whose group bits should be the mask's")
    with unprivileged():
        require(read_file(path) == b"content", "the user that the list names reads other bytes")
        denied = (errno.EACCES, "the user that the list names may write")
        require_error(*denied, os.open, path, os.O_WRONLY)


def inode_flags(folder):
    path = os.path.join(folder, "file")
    write_file(path, b"content")
    # A descriptor from before: one that is open for writing stays so.
    with opened(path, os.O_RDONLY) as descriptor:
        before = syscalls.get_flags(descriptor)
        try:
            syscalls.set_flags(descriptor, before | syscalls.FS_IMMUTABLE_FL)
            require_error(errno.EPERM, "an immutable file is opened", os.open, path, os.O_WRONLY)
            require_error(errno.EPERM, "an immutable file is unlinked", os.unlink, path)
            syscalls.set_flags(descriptor, before | syscalls.FS_APPEND_FL)
            overwritten = (errno.EPERM, "an append-only file is opened for overwriting")
            require_error(*overwritten, os.open, path, os.O_WRONLY)
            with opened(path, os.O_WRONLY | os.O_APPEND) as appending:
                os.write(appending, b", more")
        finally:
            syscalls.set_flags(descriptor, before)
    require(read_file(path) == b"content, more", "an append-only file is not appended to")


def rename_noreplace(folder):
    one, two, free = (os.path.join(folder, name) for name in ("one", "two", "free"))
    write_file(one, b"one")
    write_file(two, b"two")
    replaced = (errno.EEXIST, "an existing name is replaced")
    require_error(*replaced, syscalls.renameat2, one, two, syscalls.RENAME_NOREPLACE)
    require((read_file(one), read_file(two)) == (b"one", b"two"), "the failed call changed a file")
    syscalls.renameat2(one, free, syscalls.RENAME_NOREPLACE)
    require(sorted(os.listdir(folder)) == ["free", "two"], "the rename has no effect")


def rename_exchange(folder):
    one, two = os.path.join(folder, "one"), os.path.join(folder, "two")
    write_file(one, b"one")
    os.mkdir(two)
    syscalls.renameat2(one, two, syscalls.RENAME_EXCHANGE)
    require(os.path.isdir(one) and os.path.isfile(two), "the names are not exchanged")
    require(read_file(two) == b"one", "the exchanged file has other bytes")


def rename_whiteout(folder):
    old, new = os.path.join(folder, "old"), os.path.join(folder, "new")
    write_file(old, b"content")
    syscalls.renameat2(old, new, syscalls.RENAME_WHITEOUT)
    require(read_file(new) == b"content", "the renamed file has other bytes")
    require(os.path.lexists(old), "there is no whiteout at the old name")
    status = os.lstat(old)
    # linux/fs.h: WHITEOUT_MODE and WHITEOUT_DEV
    whiteout = stat.S_ISCHR(status.st_mode) and status.st_rdev == 0
    require(whiteout, "what is left at the old name is not a character device 0/0")


def o_tmpfile(folder):
    descriptor = syscalls.open_unnamed(folder)
    try:
        os.write(descriptor, b"content")
        require(os.listdir(folder) == [], "the unnamed file has a name")
        syscalls.link_descriptor(descriptor, os.path.join(folder, "named"))
    finally:
        os.close(descriptor)
    require(read_file(os.path.join(folder, "named")) == b"content", "it reads other bytes")


def statx_btime(folder):
    path = os.path.join(folder, "file")
    write_file(path, b"content")
    born = syscalls.birth_time_ns(path)
    require(born, "statx reports no time of birth")
    os.utime(path, ns=(1, 1))
    os.chmod(path, 0o600)
    require(syscalls.birth_time_ns(path) == born, "utimensat or chmod changes the time of birth")


def unlinked_open(folder):
    path = os.path.join(folder, "file")
    write_file(path, b"before")
    with opened(path) as descriptor:
        os.unlink(path)
        require(not os.path.lexists(path), "the name is still there")
        os.pwrite(descriptor, b"after!", 0)
        require(os.pread(descriptor, 16, 0) == b"after!", "it reads other bytes than written")


PROBES = (
    symlink,
    hardlink,
    mknod,
    user_xattr,
    acl,
    inode_flags,
    rename_noreplace,
    rename_exchange,
    rename_whiteout,
    o_tmpfile,
    statx_btime,
    unlinked_open,
)
