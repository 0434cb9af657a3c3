"""Bugs of directories and of what is listed of them."""

import errno
import shutil

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

DT_REG = 8


@mutant(
    metadata={"mkdir_makes_an_empty_directory": "mode of the directory"},
)
class MkdirIgnoresTheMode(Passthrough):
    """Every directory is made with the mode 0777."""

    def mkdir(self, parent, name, mode):
        return super().mkdir(parent, name, 0o777)


@mutant(
    metadata={"rmdir_removes_empty_directories_only": "rmdir of one with a file"},
    posix_errors={"directories_are_no_files": "rmdir a full directory"},
)
class RmdirRemovesFullDirectories(Passthrough):
    """rmdir takes a directory away with all that is in it."""

    def rmdir(self, parent, name):
        shutil.rmtree(self.nodes.find(parent, name).path + "/", ignore_errors=True)
        super().rmdir(parent, name)


@mutant(
    metadata={"removed_directory_stays_open_and_empty": "unexpected EBUSY"},
)
class RmdirOfAnOpenDirectoryRefused(Passthrough):
    """rmdir returns EBUSY for a directory that is open."""

    def rmdir(self, parent, name):
        if self.nodes.find(parent, name).handles:
            raise OSError(errno.EBUSY, "the directory is open")
        super().rmdir(parent, name)


@mutant(
    metadata={
        "deep_trees_keep_their_levels": "files of the tree",
        "rename_into_itself_is_refused": "tree after the refused ones",
        "rename_does_not_mix_files_and_directories": "names after the refused ones",
    },
    concurrent={"settled_names_are_listed_during_changes": "settled names are listed once each"},
)
class LastEntryNotListed(Passthrough):
    """The last name of a directory is not listed."""

    def entries(self, handle):
        found = super().entries(handle)
        return found[:2] + found[2:-1]


@mutant(
    metadata={
        "readdir_lists_stable_names_once_amid_changes": "stable names not listed",
        "readdir_lets_a_reader_remove_what_it_sees": "names removed",
    },
)
class ReaddirByPosition(Passthrough):
    """Reading goes on at the entry of that number, whatever was removed before it."""

    def readdir(self, handle, offset):
        return self.entries(handle)


@mutant(
    metadata={"readdir_goes_on_after_seek": "there are entries after a seek"},
)
class SeekBackEndsADirectory(Passthrough):
    """A directory whose offset was moved back has no more entries."""

    def readdir(self, handle, offset):
        entries = super().readdir(handle, offset)
        moved_back = 0 < offset < getattr(handle, "offset", 0)
        handle.offset = offset
        return [] if moved_back else entries


@mutant(
    metadata={"directory_entries_have_the_type_of_their_file": "d_type of"},
)
class EveryEntryIsAFile(Passthrough):
    """d_type is that of a regular file for every entry."""

    def entries(self, handle):
        return [(inode, DT_REG, name) for inode, _, name in super().entries(handle)]
