"""Bugs in corners that no check of level 1 looks into, for a comparison to find."""

import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096
PUNCH_HOLE, ZERO_RANGE, KEEP_SIZE = 2, 16, 1  # linux/falloc.h


def size_of(handle):
    return os.fstat(handle.descriptor).st_size


def find_entry(folder, name):
    """The ``os.stat_result`` of a name in a folder; None if it is not there."""
    try:
        return os.lstat(name, dir_fd=folder.descriptor)
    except FileNotFoundError:
        return None


@mutant()
class ReplacingKeepsTheFoldersMtime(Passthrough):
    """rename over a name that is there leaves the mtime of its directory as it was."""

    def rename(self, parent, name, new_parent, new_name, flags):
        before = os.fstat(new_parent.descriptor)
        replaced = find_entry(new_parent, new_name)
        super().rename(parent, name, new_parent, new_name, flags)
        if replaced is not None and not flags:
            os.utime(new_parent.path, ns=(before.st_atime_ns, before.st_mtime_ns))


@mutant()
class MovedFoldersKeepTheirCtime(Passthrough):
    """rename of a directory does not change its ctime."""

    folders_kept_s = 0

    def rename(self, parent, name, new_parent, new_name, flags):
        node = self.nodes.find(parent, name)
        before = self.stat(node).ctime
        super().rename(parent, name, new_parent, new_name, flags)
        node.ctimes = (os.fstat(node.descriptor).st_ctime_ns, before)

    def stat(self, node):
        found = super().stat(node)
        real, told = getattr(node, "ctimes", (None, None))
        if stat.S_ISDIR(found.mode) and found.ctime == real:
            found.ctime = told
        return found


@mutant()
class ReplacedHardLinksStillCount(Passthrough):
    """A name that rename replaces goes on to count as a link of its file, if that has another."""

    def rename(self, parent, name, new_parent, new_name, flags):
        replaced = find_entry(new_parent, new_name)
        node = None if replaced is None else self.nodes.find(new_parent, new_name)
        super().rename(parent, name, new_parent, new_name, flags)
        if node is not None and not flags and replaced.st_nlink > 1:
            node.more_links = getattr(node, "more_links", 0) + 1

    def stat(self, node):
        found = super().stat(node)
        if not stat.S_ISDIR(found.mode):
            found.nlink += getattr(node, "more_links", 0)
        return found


@mutant()
class ChownToTheSameOwnerIgnored(Passthrough):
    """chown to the owner that a file has leaves its ctime as it was."""

    def chown(self, node, uid, gid):
        found = os.fstat(node.descriptor)
        if uid not in (-1, found.st_uid) or gid not in (-1, found.st_gid):
            super().chown(node, uid, gid)


@mutant()
class TimesOfSymlinksIgnored(Passthrough):
    """utimensat of a symbolic link itself succeeds and changes nothing."""

    def set_times(self, node, atime, mtime):
        if not stat.S_ISLNK(os.fstat(node.descriptor).st_mode):
            super().set_times(node, atime, mtime)


@mutant()
class ZeroRangeNeverGrows(Passthrough):
    """FALLOC_FL_ZERO_RANGE past the end leaves the size as it was."""

    def fallocate(self, handle, mode, offset, length):
        super().fallocate(handle, mode | KEEP_SIZE if mode & ZERO_RANGE else mode, offset, length)


@mutant()
class PunchBehindTheEndGrows(Passthrough):
    """FALLOC_FL_PUNCH_HOLE of a range behind the end makes the file longer."""

    def fallocate(self, handle, mode, offset, length):
        behind = mode & PUNCH_HOLE and offset >= size_of(handle)
        super().fallocate(handle, mode, offset, length)
        if behind:
            os.truncate(handle.node.path, offset + length)


@mutant()
class LongGrowthLeavesAByte(Passthrough):
    """A truncate that adds 16 KiB or more makes the last byte another than zero."""

    def truncate(self, node, size):
        before = os.fstat(node.descriptor).st_size
        super().truncate(node, size)
        if size - before >= 4 * BLOCK:
            with open(node.path, "r+b") as file:
                file.seek(size - 1)
                file.write(b"#")


@mutant()
class LastByteOfABlockNotWrittenBehindTheEnd(Passthrough):
    """A write behind the end that starts with the last byte of a block drops that byte."""

    def write(self, handle, offset, data):
        if offset > size_of(handle) and offset % BLOCK == BLOCK - 1:
            super().write(handle, offset + 1, data[1:])
            return len(data)
        return super().write(handle, offset, data)


@mutant()
class AppendForgottenByRename(Passthrough):
    """Once its file was renamed, a descriptor with O_APPEND writes where the file ended before."""

    def rename(self, parent, name, new_parent, new_name, flags):
        node = self.nodes.find(parent, name)
        super().rename(parent, name, new_parent, new_name, flags)
        node.size_when_renamed = os.fstat(node.descriptor).st_size

    def write(self, handle, offset, data):
        end = getattr(handle.node, "size_when_renamed", offset)
        return super().write(handle, end if handle.flags & os.O_APPEND else offset, data)


@mutant()
class ShorterAttributesKeepTheirTail(Passthrough):
    """A value of 20 bytes or more that replaces a longer one has the end of that one behind it."""

    def setxattr(self, node, name, value, flags):
        try:
            before = os.getxattr(node.path, name)
        except OSError:
            before = b""
        tail = before[len(value) :] if len(value) >= 20 else b""
        super().setxattr(node, name, value + tail, flags)


@mutant()
class CopiesBehindTheEndLoseAByte(Passthrough):
    """copy_file_range to behind the end of its target drops the last byte."""

    def copy(self, source, source_offset, target, target_offset, size):
        lost = size > 1 and target_offset > size_of(target)
        copied = super().copy(source, source_offset, target, target_offset, size - lost)
        return copied + (lost and copied == size - 1)


@mutant()
class ReplacedNamesKeepTheirType(Passthrough):
    """readdir gives a name that rename replaced the type of what it replaced."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.kinds = {}

    def rename(self, parent, name, new_parent, new_name, flags):
        replaced = find_entry(new_parent, new_name)
        super().rename(parent, name, new_parent, new_name, flags)
        if replaced is not None and not flags:
            inode = find_entry(new_parent, new_name).st_ino
            self.kinds[inode, new_name] = stat.S_IFMT(replaced.st_mode) >> 12

    def entries(self, handle):
        return [
            (inode, self.kinds.get((inode, name), kind), name)
            for inode, kind, name in super().entries(handle)
        ]
