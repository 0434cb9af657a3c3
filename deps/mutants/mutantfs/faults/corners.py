"""Bugs in corners that no check of level 1 looks into, for a comparison to find."""

import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096
PUNCH_HOLE, ZERO_RANGE, KEEP_SIZE = 2, 16, 1  # linux/falloc.h


def size_of(handle):
    return os.fstat(handle.descriptor).st_size


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
class CopiesBehindTheEndLoseAByte(Passthrough):
    """copy_file_range to behind the end of its target drops the last byte."""

    def copy(self, source, source_offset, target, target_offset, size):
        lost = size > 1 and target_offset > size_of(target)
        copied = super().copy(source, source_offset, target, target_offset, size - lost)
        return copied + (lost and copied == size - 1)
