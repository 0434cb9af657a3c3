"""Bugs of the space that files take."""

import errno
import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

MIB = 1 << 20


@mutant(space={"small_files_give_their_blocks_back": "free after unlinking them"})
class UnlinkedBlocksLeak(Passthrough):
    """The blocks of an unlinked file are free after an unmount only."""

    def unlink(self, parent, name):
        os.open(self.nodes.find(parent, name).path, os.O_RDONLY)
        super().unlink(parent, name)


@mutant(
    space={"unlinked_file_gives_its_blocks_back_when_closed": "its content meanwhile"},
    capabilities={"claimed but absent": "unlinked_open$"},
)
class UnlinkedFilesReadAsZeros(Passthrough):
    """A file without a name reads as zeros."""

    def read(self, handle, offset, size):
        data = super().read(handle, offset, size)
        return data if os.fstat(handle.descriptor).st_nlink else bytes(len(data))


@mutant(
    space={
        "truncate_frees_blocks": "st_blocks at nothing",
        "punch_hole_frees_blocks": "st_blocks after the hole",
    },
)
class BlocksNeverShrink(Passthrough):
    """st_blocks is the most that the file ever had."""

    def stat(self, node):
        found = super().stat(node)
        node.most_blocks = max(found.blocks, getattr(node, "most_blocks", 0))
        found.blocks = node.most_blocks
        return found


@mutant(
    space={"sparse_file_takes_no_blocks": "st_blocks has data only"},
    capabilities={"claimed but absent": "sparse$"},
)
class BlocksFollowTheSize(Passthrough):
    """st_blocks counts holes as if they were data."""

    def stat(self, node):
        found = super().stat(node)
        if stat.S_ISREG(found.mode):
            found.blocks = -(-found.size // 512)
        return found


@mutant(space={"directory_takes_many_names": "unexpected ENOSPC"})
class DirectoriesHold100Names(Passthrough):
    """The hundred and first name of a directory is refused."""

    def create(self, parent, name, flags, mode):
        if len(os.listdir(parent.path)) >= 100:
            raise OSError(errno.ENOSPC, "the directory is full")
        return super().create(parent, name, flags, mode)


@mutant(space={"names_can_be_made_again_and_again": "unexpected ENOSPC"})
class InodesAreNotReused(Passthrough):
    """There are 250 inodes, and unlink does not free any."""

    made_files = 0

    def create(self, parent, name, flags, mode):
        self.made_files += 1
        if self.made_files > 250:
            raise OSError(errno.ENOSPC, "no inode left")
        return super().create(parent, name, flags, mode)


@mutant(space={"fallocate_beyond_the_free_space_is_refused": "reserve more than is free"})
class FallocateReservesNothing(Passthrough):
    """fallocate always succeeds, without a block being reserved."""

    def fallocate(self, handle, mode, offset, length):
        size = os.fstat(handle.descriptor).st_size
        if mode == 0:
            os.truncate(handle.node.path, max(size, offset + length))
        else:
            super().fallocate(handle, mode, offset, length)


@mutant(space={"full_filesystem_keeps_what_it_took": "ENOSPC comes when it is full"})
class FilesEndAtOneMebibyte(Passthrough):
    """A write beyond 1 MiB returns ENOSPC, however much is free."""

    def write(self, handle, offset, data):
        if offset + len(data) > MIB:
            raise OSError(errno.ENOSPC, "beyond 1 MiB")
        return super().write(handle, offset, data)


@mutant(space={"full_filesystem_keeps_what_it_took": "unexpected EIO"})
class NoSpaceIsAnInputOutputError(Passthrough):
    """A full filesystem returns EIO."""

    def write(self, handle, offset, data):
        try:
            return super().write(handle, offset, data)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OSError(errno.EIO, "no space left") from error
            raise
