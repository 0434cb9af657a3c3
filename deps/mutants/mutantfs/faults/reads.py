"""Bugs of read."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096


@mutant(
    basic_io={"positional_io_keeps_the_file_offset": "pread"},
)
class ReadStartsAtABlock(Passthrough):
    """A read across a block border starts at the border."""

    direct_io = True

    def read(self, handle, offset, size):
        border = offset - offset % -BLOCK
        return super().read(handle, border if offset < border < offset + size else offset, size)


@mutant(
    basic_io={"reads_end_at_the_end": "bytes pread gives"},
)
class ReadPastTheEndGivesZeros(Passthrough):
    """A read is never short: behind the end of the file come zeros."""

    direct_io = True

    def read(self, handle, offset, size):
        return super().read(handle, offset, size).ljust(size, b"\0")


@mutant(
    basic_io={"last_mapped_page_ends_in_zeros": "last page read from the device"},
)
class LastPageEndsInGarbage(Passthrough):
    """What is read behind the end of the file to fill a page is not zero."""

    def read(self, handle, offset, size):
        return super().read(handle, offset, size).ljust(size, b"#")


@mutant(
    basic_io={"descriptors_have_offsets_of_their_own": "a write as another sees it"},
)
class ReadersKeepTheContentOfTheirOpen(Passthrough):
    """A read-only descriptor reads what the file held when it was opened."""

    direct_io = True

    def open(self, node, flags):
        number = super().open(node, flags)
        handle = self.nodes.handles[number]
        if flags & os.O_ACCMODE == os.O_RDONLY:
            handle.snapshot = os.pread(handle.descriptor, handle.size, 0)
        return number

    def read(self, handle, offset, size):
        if hasattr(handle, "snapshot"):
            return handle.snapshot[offset : offset + size]
        return super().read(handle, offset, size)


@mutant(
    basic_io={"mapped_reads_agree_with_reads": "content of a shared mapping"},
)
class LargeReadsRepeatABlock(Passthrough):
    """A read of several blocks has the first one twice."""

    def read(self, handle, offset, size):
        data = super().read(handle, offset, size)
        return data[:BLOCK] + data[:BLOCK] + data[2 * BLOCK :] if len(data) > 2 * BLOCK else data


@mutant(
    concurrent={"readers_see_only_written_bytes": "only bytes that were written are read"},
)
class EverySecondReadGivesZeros(Passthrough):
    """Every second read of a descriptor gives zeros."""

    direct_io = True

    def read(self, handle, offset, size):
        handle.reads = getattr(handle, "reads", 0) + 1
        data = super().read(handle, offset, size)
        return data if handle.reads % 2 else bytes(len(data))
