"""Bugs of fallocate, copy_file_range and of the search for holes."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096
KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE = 1, 2, 16  # linux/falloc.h


@mutant(
    basic_io={"copied_ranges_equal_their_source": "content after copy_file_range"},
)
class CopiesStartOneByteEarly(Passthrough):
    """copy_file_range copies from one byte before the offset asked for."""

    def copy(self, source, source_offset, target, target_offset, size):
        early = max(0, source_offset - 1)
        return super().copy(source, early, target, target_offset, size)


@mutant(
    basic_io={"preallocated_blocks_read_as_zeros": "content after fallocate past the end"},
)
class PreallocatedBlocksHoldGarbage(Passthrough):
    """Blocks that fallocate adds to a file are not zero."""

    def fallocate(self, handle, mode, offset, length):
        end = os.fstat(handle.descriptor).st_size
        super().fallocate(handle, mode, offset, length)
        if mode == 0 and offset + length > end:
            os.pwrite(handle.descriptor, b"#", offset + length - 1)


@mutant(
    basic_io={"preallocation_can_keep_the_size": "content after fallocate with KEEP_SIZE"},
    capabilities={"claimed but absent": "fallocate$"},
)
class KeepSizeIgnored(Passthrough):
    """fallocate with FALLOC_FL_KEEP_SIZE makes the file longer."""

    def fallocate(self, handle, mode, offset, length):
        super().fallocate(handle, 0 if mode == KEEP_SIZE else mode, offset, length)


@mutant(
    basic_io={"punched_holes_read_as_zeros": "content after a hole"},
)
class PunchSparesPartialBlocks(Passthrough):
    """FALLOC_FL_PUNCH_HOLE leaves blocks alone that it covers only in part."""

    def fallocate(self, handle, mode, offset, length):
        if mode & PUNCH_HOLE:
            end = (offset + length) // BLOCK * BLOCK
            offset -= offset % -BLOCK
            length = end - offset
        if length > 0:
            super().fallocate(handle, mode, offset, length)


@mutant(
    basic_io={"zeroed_ranges_read_as_zeros": "content after a zero range"},
    capabilities={"claimed but absent": "zero_range$"},
)
class ZeroRangeSparesItsLastByte(Passthrough):
    """FALLOC_FL_ZERO_RANGE is one byte short."""

    def fallocate(self, handle, mode, offset, length):
        super().fallocate(handle, mode, offset, length - bool(mode & ZERO_RANGE))


@mutant(
    basic_io={"seeks_set_the_offset": "SEEK_HOLE in a file without holes"},
)
class HolesEverywhere(Passthrough):
    """SEEK_HOLE finds a hole wherever it starts."""

    def seek(self, handle, offset, whence):
        return offset if whence == os.SEEK_HOLE else super().seek(handle, offset, whence)


@mutant(
    basic_io={"seeks_find_holes": "SEEK_HOLE finds the hole"},
    capabilities={"claimed but absent": "seek_hole$"},
)
class NoHolesFound(Passthrough):
    """SEEK_HOLE finds the end of the file only."""

    def seek(self, handle, offset, whence):
        if whence == os.SEEK_HOLE:
            return os.fstat(handle.descriptor).st_size
        return super().seek(handle, offset, whence)


@mutant(posix_errors={"bad_arguments": "seek to data past the end"})
class DataEverywhere(Passthrough):
    """SEEK_DATA finds data wherever it starts."""

    def seek(self, handle, offset, whence):
        return offset if whence == os.SEEK_DATA else super().seek(handle, offset, whence)


@mutant(
    capabilities={"claimed but absent": "punch_hole$"},
)
class HolesKeepTheirBlocks(Passthrough):
    """FALLOC_FL_PUNCH_HOLE writes zeros and frees nothing."""

    def fallocate(self, handle, mode, offset, length):
        super().fallocate(
            handle, ZERO_RANGE | KEEP_SIZE if mode & PUNCH_HOLE else mode, offset, length
        )
