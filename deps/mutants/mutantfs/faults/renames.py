"""Bugs of rename and renameat2."""

import os
import shutil
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4  # linux/fs.h


def is_folder(parent, name):
    """Whether the name is there and is a directory."""
    try:
        return stat.S_ISDIR(os.lstat(path_of(parent, name)).st_mode)
    except FileNotFoundError:
        return False


def path_of(parent, name):
    return os.fsencode(parent.path) + b"/" + name


@mutant(
    metadata={
        "rename_gives_a_file_another_name": "names after rename",
        "repeated_rename_leaves_one_name": "names after many renames",
        "rename_noreplace_never_replaces": "names after rename to a free name",
    },
    concurrent={"one_process_renames_a_source": "rename: one process succeeds"},
    capabilities={"claimed but absent": "rename_noreplace$"},
)
class RenameLeavesTheOldName(Passthrough):
    """A renamed file has both names."""

    def rename(self, parent, name, new_parent, new_name, flags):
        super().rename(parent, name, new_parent, new_name, flags)
        if not flags & ~NOREPLACE and not is_folder(new_parent, new_name):
            os.link(path_of(new_parent, new_name), path_of(parent, name))


@mutant(
    metadata={"rename_over_a_file_replaces_it": "(inode|content) of the name replaced"},
    concurrent={"a_replaced_name_is_always_there": "the last version stays"},
)
class RenameOverAFileKeepsTheTarget(Passthrough):
    """rename over a file removes the source and leaves the target."""

    def rename(self, parent, name, new_parent, new_name, flags):
        if not flags and os.path.isfile(path_of(new_parent, new_name)):
            self.unlink(parent, name)
        else:
            super().rename(parent, name, new_parent, new_name, flags)


@mutant(
    metadata={"rename_keeps_open_descriptors_valid": "content of the replaced file"},
)
class RenameEmptiesTheReplacedFile(Passthrough):
    """A file that is replaced loses its content, though it is open."""

    def rename(self, parent, name, new_parent, new_name, flags):
        if not flags and os.path.isfile(path_of(new_parent, new_name)):
            os.truncate(path_of(new_parent, new_name), 0)
        super().rename(parent, name, new_parent, new_name, flags)


@mutant(
    metadata={"rename_moves_a_file_across_directories": "the old directory has the name no more"},
    concurrent={"moves_between_folders_lose_nothing": "every name is in one folder"},
)
class RenameAcrossDirectoriesLeavesTheOldName(Passthrough):
    """A file that is moved to another directory stays in the old one, too."""

    def rename(self, parent, name, new_parent, new_name, flags):
        super().rename(parent, name, new_parent, new_name, flags)
        if parent is not new_parent and not is_folder(new_parent, new_name):
            os.link(path_of(new_parent, new_name), path_of(parent, name))


@mutant(
    metadata={"rename_moves_a_directory_with_its_content": "unexpected ENOENT"},
)
class MovedDirectoriesAreEmptied(Passthrough):
    """A directory loses its content when it is moved to another one."""

    def rename(self, parent, name, new_parent, new_name, flags):
        super().rename(parent, name, new_parent, new_name, flags)
        if parent is not new_parent and is_folder(new_parent, new_name):
            for inside in os.listdir(path_of(new_parent, new_name)):
                shutil.rmtree(path_of(new_parent, new_name) + b"/" + inside)


@mutant(
    metadata={"rename_over_a_directory_needs_it_empty": "rename over a full directory"},
)
class RenameOverAFullDirectory(Passthrough):
    """rename over a directory with content takes that content away."""

    def rename(self, parent, name, new_parent, new_name, flags):
        if not flags and is_folder(new_parent, new_name):
            shutil.rmtree(path_of(new_parent, new_name))
            os.mkdir(path_of(new_parent, new_name))
        super().rename(parent, name, new_parent, new_name, flags)


@mutant(
    metadata={"rename_exchange_swaps_two_names": "contents after the swap|unexpected ENOENT"},
    capabilities={"claimed but absent": "rename_exchange$"},
)
class ExchangeIsARename(Passthrough):
    """renameat2 with RENAME_EXCHANGE replaces the target."""

    def rename(self, parent, name, new_parent, new_name, flags):
        super().rename(parent, name, new_parent, new_name, flags & ~EXCHANGE)


@mutant(
    metadata={"rename_whiteout_leaves_a_whiteout": "the old name is a character device"},
    capabilities={"claimed but absent": "rename_whiteout$"},
)
class WhiteoutIsAFile(Passthrough):
    """renameat2 with RENAME_WHITEOUT leaves an empty file."""

    def rename(self, parent, name, new_parent, new_name, flags):
        super().rename(parent, name, new_parent, new_name, flags & ~WHITEOUT)
        if flags & WHITEOUT:
            os.mknod(path_of(parent, name), stat.S_IFREG | 0o600)
