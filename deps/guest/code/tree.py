"""Runs in the guest: the description of a tree of files, to be compared with a later one."""

import errno
import hashlib
import os
import stat
import time

from checking import read_file
from syscalls import sync_filesystem

KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}
DAY_NS = 86_400 * 10**9


def drop_caches():
    """Write everything back, then forget all clean pages, names and inodes."""
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")


def describe(root, parts):
    """What there is in the top folder ``root`` of ``parts``: {path: {attribute: value}}."""
    found, names_of = {}, {}
    for name in sorted(os.listdir(root)):
        pending = [name] if name.startswith(tuple(parts)) else []
        while pending:
            path = pending.pop()
            found[path] = described(os.path.join(root, path), path, names_of)
            if found[path].get("kind") == "folder" and "error" not in found[path]:
                pending += [os.path.join(path, name) for name in found[path].pop("names")]
    return found


def described(full, path, names_of):
    """One path's attributes; ``error`` among them if some could not be read."""
    facts = {}
    try:
        status = os.lstat(full)
        kind = stat.S_IFMT(status.st_mode)
        facts |= {"kind": KINDS.get(kind, oct(kind)), "mode": oct(stat.S_IMODE(status.st_mode))}
        facts |= {"owner": status.st_uid, "group": status.st_gid, "link count": status.st_nlink}
        facts |= {"mtime": dated(status.st_mtime_ns)}
        # The first name of an inode stands for it: inode numbers may change with a remount.
        facts["same file as"] = names_of.setdefault((status.st_dev, status.st_ino), path)
        if kind in (stat.S_IFCHR, stat.S_IFBLK):
            facts["device number"] = status.st_rdev
        if kind == stat.S_IFLNK:
            facts["target"] = os.readlink(full)
        if kind == stat.S_IFDIR:
            facts["names"] = sorted(os.listdir(full))
        if kind == stat.S_IFREG:
            facts["size"] = status.st_size
            facts["content"] = hashlib.sha256(read_file(full)).hexdigest()
            facts["extended attributes"] = user_attributes(full)
    except OSError as error:
        facts["error"] = errno.errorcode.get(error.errno, str(error.errno))
    return facts


def dated(time_ns):
    """A time as it was set by hand, for which no check takes today; else ``recent``.

    The times of two changes may be those of the same second, or not: were they told apart, chance
    would say whether a filesystem that forgets the last change is seen to.
    """
    return "recent" if abs(time.time_ns() - time_ns) < DAY_NS else time_ns


def user_attributes(path):
    """The user's extended attributes; none where the filesystem has no such thing."""
    try:
        names = [name for name in os.listxattr(path) if name.startswith("user.")]
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return {}
        raise
    return {name: os.getxattr(path, name).hex() for name in sorted(names)}


def free(folder):
    """statfs(2) of what ``folder`` is on, once everything has been written back."""
    sync_filesystem(folder)
    facts = os.statvfs(folder)
    return {"free_blocks": facts.f_bfree, "free_inodes": facts.f_ffree}
