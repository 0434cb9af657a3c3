"""The operations without a bug: each is passed on to the filesystem below.

A mutant is a subclass that overrides an operation or two. Names are bytes, times nanoseconds.
"""

import os
import stat as modes

from mutantfs import libc
from mutantfs.nodes import Handle

NOT_PASSED_ON = os.O_APPEND | os.O_DIRECT | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_TRUNC
"""Flags of open(2) that the kernel above has already done its part for."""


class Stat:
    """What stat(2) tells, for a mutant to change."""

    def __init__(self, found):
        self.ino = found.st_ino
        self.size = found.st_size
        self.blocks = found.st_blocks
        self.atime = found.st_atime_ns
        self.mtime = found.st_mtime_ns
        self.ctime = found.st_ctime_ns
        self.mode = found.st_mode
        self.nlink = found.st_nlink
        self.uid = found.st_uid
        self.gid = found.st_gid
        self.rdev = found.st_rdev


class Caller:
    """The process that asks."""

    def __init__(self, uid, gid, pid):
        self.uid = uid
        self.gid = gid
        self.pid = pid


class Passthrough:
    """One object a mount; ``caller`` is set before each operation."""

    direct_io = False  # True keeps the kernel's page cache from hiding what read and write do
    folders_kept_s = 3600  # how long the kernel may rely on what it was told about a directory
    files_kept_s = 3600  # and about anything else; it makes all changes itself, so it stays true
    writeback = False  # set before a write that comes from a mapping, not from write(2)

    def __init__(self, nodes):
        self.nodes = nodes
        self.caller = Caller(0, 0, 0)

    def lookup(self, parent, name):
        return self.nodes.find(parent, name)

    def stat(self, node):
        return Stat(os.fstat(node.descriptor))

    def chmod(self, node, mode):
        os.chmod(node.path, modes.S_IMODE(mode))

    def chown(self, node, uid, gid):
        """Either may be -1: leave it."""
        os.chown(node.path, uid, gid)

    def truncate(self, node, size):
        os.truncate(node.path, size)

    def set_times(self, node, atime, mtime):
        os.utime(node.path, ns=(atime, mtime))

    def readlink(self, node):
        return os.readlink(b"", dir_fd=node.descriptor)

    def symlink(self, parent, name, target):
        os.symlink(target, name, dir_fd=parent.descriptor)
        return self.made(parent, name)

    def mknod(self, parent, name, mode, device):
        os.mknod(name, mode, device, dir_fd=parent.descriptor)
        return self.made(parent, name)

    def mkdir(self, parent, name, mode):
        os.mkdir(name, mode, dir_fd=parent.descriptor)
        return self.made(parent, name)

    def create(self, parent, name, flags, mode):
        """A new file and the number of its handle."""
        exclusive = flags & os.O_EXCL
        os.close(
            os.open(name, os.O_WRONLY | os.O_CREAT | exclusive, mode, dir_fd=parent.descriptor)
        )
        node = self.made(parent, name)
        return node, self.open(node, flags)

    def made(self, parent, name):
        """The node of a name just made, given to the caller."""
        if self.caller.uid or self.caller.gid:
            inherits = os.fstat(parent.descriptor).st_mode & modes.S_ISGID
            gid = -1 if inherits else self.caller.gid
            folder = parent.descriptor
            os.chown(name, self.caller.uid, gid, dir_fd=folder, follow_symlinks=False)
        return self.nodes.find(parent, name)

    def unlink(self, parent, name):
        node = self.nodes.find(parent, name)
        os.unlink(name, dir_fd=parent.descriptor)
        self.nodes.note_unlinked(node)

    def rmdir(self, parent, name):
        node = self.nodes.find(parent, name)
        os.rmdir(name, dir_fd=parent.descriptor)
        self.nodes.note_unlinked(node)

    def rename(self, parent, name, new_parent, new_name, flags):
        """``flags`` as renameat2(2) takes them."""
        try:
            replaced = self.nodes.find(new_parent, new_name)
        except FileNotFoundError:
            replaced = None
        libc.renameat2(parent.descriptor, name, new_parent.descriptor, new_name, flags)
        if replaced is not None:
            self.nodes.note_unlinked(replaced)

    def link(self, node, new_parent, new_name):
        folder = new_parent.descriptor
        # Only with a folder's descriptor does os.link use linkat(2), which alone follows the link.
        os.link(node.path, new_name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
        return node

    def open(self, node, flags):
        """Returns the number of a new handle."""
        passed = flags & ~(NOT_PASSED_ON | os.O_ACCMODE)
        # The kernel may read where a program only writes: to fill the rest of a page.
        access = os.O_RDONLY if flags & os.O_ACCMODE == os.O_RDONLY else os.O_RDWR
        descriptor = os.open(node.path, passed | access)
        size = os.fstat(descriptor).st_size
        return self.nodes.add_handle(Handle(node, descriptor, flags, size))

    def release(self, number):
        self.nodes.close_handle(number)

    def read(self, handle, offset, size):
        return os.pread(handle.descriptor, size, offset)

    def write(self, handle, offset, data):
        """Returns the number of bytes written. ``handle.flags`` tells an appending writer."""
        return os.pwrite(handle.descriptor, data, offset)

    def fsync(self, handle, data_only):
        (os.fdatasync if data_only else os.fsync)(handle.descriptor)

    def fallocate(self, handle, mode, offset, length):
        libc.fallocate(handle.descriptor, mode, offset, length)

    def seek(self, handle, offset, whence):
        """Only SEEK_HOLE and SEEK_DATA come here; the kernel does the rest."""
        return os.lseek(handle.descriptor, offset, whence)

    def copy(self, source, source_offset, target, target_offset, size):
        return os.copy_file_range(
            source.descriptor, target.descriptor, size, source_offset, target_offset
        )

    def opendir(self, node):
        descriptor = os.open(node.path, os.O_RDONLY | os.O_DIRECTORY)
        return self.nodes.add_handle(Handle(node, descriptor))

    def readdir(self, handle, offset):
        """The entries, of which those from index ``offset`` on are asked for; 0 is a rewind."""
        if offset == 0:
            handle.entries = self.entries(handle)
        return handle.entries

    def entries(self, handle):
        """All that a directory holds, as (inode number, type, name), ``.`` and ``..`` first."""
        own = handle.node.inode
        above = os.stat("..", dir_fd=handle.descriptor).st_ino
        found = [(own, modes.S_IFDIR >> 12, b"."), (above, modes.S_IFDIR >> 12, b"..")]
        with os.scandir(handle.descriptor) as entries:
            for entry in entries:
                # The file type bits of a mode, shifted, are what d_type holds.
                kind = entry_type(entry)
                found.append((entry.inode(), kind >> 12, os.fsencode(entry.name)))
        return found

    def statfs(self):
        """What statvfs(3) tells, as a list: blocks, free and available ones, inodes, free ones,
        block size, longest name, fragment size."""
        self.nodes.drop_unlinked()
        found = os.statvfs(self.nodes.root.descriptor)
        return [
            found.f_blocks,
            found.f_bfree,
            found.f_bavail,
            found.f_files,
            found.f_ffree,
            found.f_bsize,
            found.f_namemax,
            found.f_frsize,
        ]

    def unmounted(self):
        """Called when the filesystem is unmounted, before that below it is."""

    def setxattr(self, node, name, value, flags):
        os.setxattr(node.path, name, value, flags)

    def getxattr(self, node, name):
        return os.getxattr(node.path, name)

    def listxattr(self, node):
        """The names."""
        return [os.fsencode(name) for name in os.listxattr(node.path)]

    def removexattr(self, node, name):
        os.removexattr(node.path, name)


def entry_type(entry):
    """The type bits of a directory entry's mode; 0 stands for unknown, which asks for a stat."""
    if entry.is_symlink():
        return modes.S_IFLNK
    if entry.is_dir(follow_symlinks=False):
        return modes.S_IFDIR
    if entry.is_file(follow_symlinks=False):
        return modes.S_IFREG
    return modes.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
