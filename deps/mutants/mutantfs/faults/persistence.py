"""Bugs that show after an unmount: what was there is not, or is another."""

import contextlib
import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

BLOCK = 4096


def paths_below(root):
    """All paths below a node with what lstat tells, children before their parents."""
    for folder, folders, files in os.walk(os.fsencode(root.path) + b"/", topdown=False):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            yield path, os.lstat(path)


@mutant(
    persistence={
        "contents": "has another size after a remount",
        "big_files": "has another content after a remount",
        "sparse_files": "has another size after a remount",
    },
)
class SizesAreWholeBlocksAfterUnmount(Passthrough):
    """A file's size is rounded down to whole blocks when it is unmounted."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISREG(found.st_mode):
                os.truncate(path, found.st_size // BLOCK * BLOCK)
        super().unmounted()


@mutant(
    persistence={
        "folders": "a folder is missing after a remount",
        "top_folder": "a folder is missing after a remount",
    },
)
class EmptyFoldersGoneAfterUnmount(Passthrough):
    """Empty directories are removed when it is unmounted."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISDIR(found.st_mode) and not os.listdir(path):
                os.rmdir(path)
        super().unmounted()


@mutant(persistence={"renames": "a file is missing after a remount"})
class RenamesUndoneAfterUnmount(Passthrough):
    """Renamed files have their old names when it is mounted again."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.renamed = []

    def rename(self, parent, name, new_parent, new_name, flags):
        super().rename(parent, name, new_parent, new_name, flags)
        # Descriptors of its own: the kernel may have forgotten the folders by the unmount.
        folders = os.dup(parent.descriptor), os.dup(new_parent.descriptor)
        self.renamed.append((name, new_name, *folders))

    def unmounted(self):
        for name, new_name, folder, new_folder in reversed(self.renamed):
            # What was renamed may have been removed since, and its folder with it.
            with contextlib.suppress(OSError):
                os.rename(new_name, name, src_dir_fd=new_folder, dst_dir_fd=folder)
        super().unmounted()


@mutant(persistence={"attributes": "has another mode after a remount"})
class ModesResetAfterUnmount(Passthrough):
    """Every file has the mode 0600 when it is mounted again."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISREG(found.st_mode):
                os.chmod(path, 0o600)
        super().unmounted()


@mutant(persistence={"hard_links": "has another (link count|same file as) after a remount"})
class HardLinksPartAfterUnmount(Passthrough):
    """Each name of a file has a file of its own when it is mounted again."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                with open(path, "rb") as file:
                    content = file.read()
                os.unlink(path)
                with open(path, "wb") as file:
                    file.write(content)
        super().unmounted()


@mutant(persistence={"symbolic_links": "has another target after a remount"})
class LongTargetsCutAfterUnmount(Passthrough):
    """A symlink keeps 60 bytes of its target over an unmount."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISLNK(found.st_mode):
                target = os.readlink(path)
                os.unlink(path)
                os.symlink(target[:60], path)
        super().unmounted()


@mutant(
    persistence={
        "extended_attributes": "has another extended attributes after a remount",
    },
)
class AttributesGoneAfterUnmount(Passthrough):
    """No file has extended attributes when it is mounted again."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            for name in os.listxattr(path) if stat.S_ISREG(found.st_mode) else ():
                os.removexattr(path, name)
        super().unmounted()


@mutant(persistence={"special_files": "device has another device number after a remount"})
class DeviceNumbersResetAfterUnmount(Passthrough):
    """Device nodes have the number 1:3 when it is mounted again."""

    def unmounted(self):
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode):
                os.unlink(path)
                os.mknod(path, found.st_mode, os.makedev(1, 3))
        super().unmounted()


@mutant(persistence={"times": "a folder has another mtime after a remount"})
class FolderChangesHaveNoTimeAfterUnmount(Passthrough):
    """A folder has the mtime that was last set by hand when it is mounted again."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.times_set = {}

    def set_times(self, node, atime, mtime):
        super().set_times(node, atime, mtime)
        self.times_set[node.inode] = (atime, mtime)

    def unmounted(self):
        super().unmounted()
        for path, found in paths_below(self.nodes.root):
            if stat.S_ISDIR(found.st_mode) and found.st_ino in self.times_set:
                os.utime(path, ns=self.times_set[found.st_ino])
