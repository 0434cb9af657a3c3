"""Bugs of a file's size and of what lies around its end."""

import errno
import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096


def size_of(handle):
    return os.fstat(handle.descriptor).st_size


@mutant(
    basic_io={"truncated_bytes_do_not_come_back": "content after truncate down and up"},
)
class TruncateUpShowsStaleBytes(Passthrough):
    """What truncate adds to a file is not zero."""

    def truncate(self, node, size):
        old = os.fstat(node.descriptor).st_size
        super().truncate(node, size)
        if size > old:
            with open(node.path, "r+b") as file:
                file.seek(old)
                file.write(b"stale"[: size - old])


@mutant(
    basic_io={"open_flags_are_obeyed": "content after O_TRUNC"},
)
class TruncateToNothingIgnored(Passthrough):
    """truncate to a size of 0, as O_TRUNC does, changes nothing."""

    def truncate(self, node, size):
        if size > 0:
            super().truncate(node, size)


@mutant(
    basic_io={
        "holes_read_as_zeros": "content of a file with holes",
        "random_writes_match_a_model": "",
    },
)
class HolesHoldGarbage(Passthrough):
    """A write past the end of a file fills the gap with garbage."""

    def write(self, handle, offset, data):
        end = size_of(handle)
        if offset > end:
            super().write(handle, end, b"#" * min(offset - end, BLOCK))
        return super().write(handle, offset, data)


@mutant(
    basic_io={"sync_calls_succeed": "unexpected EIO"},
)
class FsyncFails(Passthrough):
    """fsync returns EIO though nothing is wrong."""

    def fsync(self, handle, data_only):
        raise OSError(errno.EIO, "fsync fails")


@mutant(
    basic_io={
        "growth_past_direct_blocks_is_whole_or_refused": "(size|content): what the writes took"
    },
    capabilities={"claimed but absent": "indirect_blocks$"},
)
class BlocksAfterTheTwelfthLost(Passthrough):
    """What is written beyond the direct blocks of an ext2 inode is acknowledged and dropped."""

    def write(self, handle, offset, data):
        super().write(handle, offset, data[: max(0, 12 * BLOCK - offset)])
        return len(data)


@mutant(
    basic_io={"far_offsets_hold_data": ""},
    capabilities={"claimed but absent": "large_files$"},
)
class WriteOffsetsHave32Bits(Passthrough):
    """A write beyond 4 GiB goes to its offset modulo 4 GiB."""

    def write(self, handle, offset, data):
        return super().write(handle, offset & 0xFFFF_FFFF, data)


@mutant(
    basic_io={"append_adds_to_the_end": "content after appends by several descriptors"},
    concurrent={"appends_are_not_lost": "size of the file"},
)
class AppendAtTheOldEnd(Passthrough):
    """With O_APPEND a first write goes where the file ended when it was opened."""

    def write(self, handle, offset, data):
        if handle.flags & os.O_APPEND:
            offset = handle.size
            handle.size += len(data)
        return super().write(handle, offset, data)
