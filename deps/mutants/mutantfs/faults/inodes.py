"""Bugs of what stat and statvfs tell, and of mknod."""

import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


@mutant(
    metadata={"directory_link_count_is_two_plus_subdirectories": "links of a new directory"},
)
class DirectoriesHaveOneLink(Passthrough):
    """The link count of a directory is 1 for ever."""

    def stat(self, node):
        found = super().stat(node)
        if stat.S_ISDIR(found.mode):
            found.nlink = 1
        return found


@mutant(
    metadata={
        "link_refuses_what_it_must": "links after the refused ones",
        "rename_onto_own_hard_link_changes_nothing": "links after it",
    },
    concurrent={
        "links_are_counted": "link count of the file",
        "one_process_links_a_name": "links of the source at the end",
    },
)
class LinkCountOneTooHigh(Passthrough):
    """The link count of a file is one too high."""

    def stat(self, node):
        found = super().stat(node)
        if stat.S_ISREG(found.mode):
            found.nlink += 1
        return found


@mutant(
    metadata={"link_count_follows_many_links": "links of the file"},
)
class LinkCountStopsAt32(Passthrough):
    """The link count of a file does not go beyond 32."""

    def stat(self, node):
        found = super().stat(node)
        found.nlink = min(found.nlink, 32)
        return found


@mutant(
    metadata={
        "inode_numbers_are_unique_and_stable": "inodes of files",
        "directory_entries_have_the_inode_of_their_file": "d_ino of",
    },
    concurrent={"files_in_different_folders_are_all_there": "inode numbers are unique"},
)
class InodeNumbersRepeat(Passthrough):
    """Inode numbers have four bits."""

    def stat(self, node):
        found = super().stat(node)
        found.ino = 16 + found.ino % 16
        return found


@mutant(
    metadata={"stat_counts_blocks_of_512_bytes": "a full file has its data"},
    space={"free_blocks_follow_files": "st_blocks has the data"},
)
class BlocksAreNotCounted(Passthrough):
    """st_blocks is always 0."""

    def stat(self, node):
        found = super().stat(node)
        found.blocks = 0
        return found


@mutant(
    metadata={"mknod_makes_every_type": "number of a"},
    capabilities={"claimed but absent": "mknod$"},
)
class DeviceNumbersCut(Passthrough):
    """mknod keeps 8 bits of the major and the minor number."""

    def mknod(self, parent, name, mode, device):
        device = os.makedev(os.major(device) & 0xFF, os.minor(device) & 0x7F)
        return super().mknod(parent, name, mode, device)


@mutant(metadata={"statvfs_describes_the_filesystem": "f_bavail <= f_bfree"})
class MoreIsAvailableThanFree(Passthrough):
    """statvfs tells more available blocks than free ones."""

    def statfs(self):
        blocks, free, _, *rest = super().statfs()
        return [blocks, free, free + 1, *rest]
