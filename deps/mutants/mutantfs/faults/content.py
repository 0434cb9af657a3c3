"""Bugs of write."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096


@mutant(
    basic_io={
        "sequential_writes_are_read_back": "size after the writes",
        "empty_writes_change_nothing": "content after writes of no bytes",
        "private_mappings_keep_their_writes": "content after a write to a private mapping",
    },
)
class LastByteDropped(Passthrough):
    """The last byte of each write is acknowledged and dropped."""

    def write(self, handle, offset, data):
        super().write(handle, offset, data[:-1])
        return len(data)


@mutant(
    basic_io={
        "sizes_around_block_borders": "(size|content) of 4096 bytes",
        "throughput": "content of a measured file",
    },
)
class LastByteOfABlockDropped(Passthrough):
    """A write that ends with a block loses that block's last byte."""

    def write(self, handle, offset, data):
        ends_a_block = (offset + len(data)) % BLOCK == 0
        super().write(handle, offset, data[:-1] if ends_a_block else data)
        return len(data)


@mutant(
    basic_io={"random_writes_match_a_model": "a read among the writes|content after random writes"},
)
class RestAfterABlockBorderOneByteLate(Passthrough):
    """What a write has beyond the first block border comes to lie one byte too far."""

    def write(self, handle, offset, data):
        first = BLOCK - offset % BLOCK
        super().write(handle, offset, data[:first])
        if data[first:]:
            super().write(handle, offset + first + 1, data[first:])
        return len(data)


@mutant(
    basic_io={"overwrite_changes_only_its_own_bytes": "content after overwriting parts"},
    concurrent={
        "writers_of_different_ranges_do_not_disturb": "records hold their writers' last bytes"
    },
)
class OverwriteZeroesTheBlock(Passthrough):
    """A write of a part of a block zeroes what was before it in the block."""

    def write(self, handle, offset, data):
        start = offset - offset % BLOCK
        super().write(handle, start, bytes(offset - start) + bytes(data))
        return len(data)


@mutant(
    basic_io={"vectored_io_keeps_the_order": "content after writev and pwritev"},
)
class FirstTwoBlocksSwapped(Passthrough):
    """A write of two blocks or more stores the second one first."""

    def write(self, handle, offset, data):
        if len(data) >= 2 * BLOCK:
            first, second, rest = data[:BLOCK], data[BLOCK : 2 * BLOCK], data[2 * BLOCK :]
            data = bytes(second) + bytes(first) + bytes(rest)
        return super().write(handle, offset, data)


@mutant(
    basic_io={"sizes_around_indirect_blocks": "content of 1048575 bytes"},
)
class WritesAfter64KibBytesSwapped(Passthrough):
    """A write that starts beyond 64 KiB swaps its first two bytes."""

    def write(self, handle, offset, data):
        if offset > 1 << 16:
            data = bytes(data[1:2]) + bytes(data[:1]) + bytes(data[2:])
        return super().write(handle, offset, data)


@mutant(
    basic_io={"direct_io_agrees_with_buffered_io": "content after a direct write"},
    capabilities={"claimed but absent": "o_direct$"},
)
class DirectWritesLoseTheirLastSector(Passthrough):
    """With O_DIRECT the last 512 bytes of a write are dropped."""

    def write(self, handle, offset, data):
        dropped = 512 if handle.flags & os.O_DIRECT else 0
        super().write(handle, offset, data[: len(data) - dropped])
        return len(data)


@mutant(
    basic_io={
        "shared_mappings_write_to_the_file": "content after msync",
        "shared_mappings_fill_holes": "content of a hole written through a mapping",
    },
    concurrent={"mapped_writers_do_not_disturb": "mapped pages hold their writers' last bytes"},
    capabilities={"claimed but absent": "mmap_write$"},
)
class MappedWritesLost(Passthrough):
    """What was written through a shared mapping never reaches the file."""

    def write(self, handle, offset, data):
        return len(data) if self.writeback else super().write(handle, offset, data)
