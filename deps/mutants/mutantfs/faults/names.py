"""Bugs of how names are made and found."""

import errno
import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


@mutant(
    metadata={"dot_and_dotdot_lead_to_self_and_parent": "inode of .."},
)
class InodeNumbersChange(Passthrough):
    """Each look at a file or directory tells another inode number."""

    folders_kept_s = 0
    looks = 0

    def stat(self, node):
        found = super().stat(node)
        if node.inode != self.nodes.root.inode:
            self.looks += 1
            found.ino += self.looks << 32
        return found


@mutant(
    metadata={
        "odd_names_are_kept_as_bytes": "a name with UTF-8 is listed",
        "every_byte_makes_a_name": "names of one byte",
    },
)
class ListedNamesAreAscii(Passthrough):
    """Bytes above 127 of a name are listed as question marks."""

    def entries(self, handle):
        found = super().entries(handle)
        return [
            (inode, kind, bytes(c if c < 128 else ord("?") for c in name))
            for inode, kind, name in found
        ]


@mutant(
    metadata={
        "long_names_are_kept_whole": "names of the greatest length",
        "names_of_every_length_are_told_apart": "lengths listed",
    },
    posix_errors={"too_long_names": "stat too long a name"},
)
class NamesCutAt250Bytes(Passthrough):
    """What a name has beyond 250 bytes is dropped."""

    def lookup(self, parent, name):
        return super().lookup(parent, name[:250])

    def create(self, parent, name, flags, mode):
        return super().create(parent, name[:250], flags, mode)


@mutant(
    metadata={"names_differ_by_case": "names that differ by case"},
)
class NamesFoldCase(Passthrough):
    """Names are made and found in lower case."""

    def lookup(self, parent, name):
        return super().lookup(parent, name.lower())

    def create(self, parent, name, flags, mode):
        return super().create(parent, name.lower(), flags, mode)


@mutant(
    posix_errors={
        "missing_names": "stat a missing file",
    },
)
class MissingNamesAreForbidden(Passthrough):
    """A name that is not there is EACCES from the second look on."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.missed = set()

    def lookup(self, parent, name):
        try:
            return super().lookup(parent, name)
        except FileNotFoundError:
            if (parent, name) in self.missed:
                raise OSError(errno.EACCES, "looked up before") from None
            self.missed.add((parent, name))
            raise


@mutant(
    posix_errors={
        "files_are_no_directories": "open below a file",
        "existing_names": "create a file that exists with O_EXCL",
        "bad_descriptors": "write by a reader",
        "too_large_files": "write past the limit",
        "special_files": "open a FIFO that nobody reads",
        "hard_links": "link over a file",
        "rename_noreplace": "rename over a file",
        "preallocation": "fallocate",
        "rename_exchange": "exchange a directory with its child",
    },
)
class FilesFoundOnceAListing(Passthrough):
    """A file is found once after each listing of its directory; O_EXCL overlooks it as well."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.findable = set()

    def entries(self, handle):
        found = super().entries(handle)
        self.findable.update((handle.node, name) for _, _, name in found)
        return found

    def lookup(self, parent, name):
        node = super().lookup(parent, name)
        if not stat.S_ISDIR(os.fstat(node.descriptor).st_mode):
            if (parent, name) not in self.findable:
                raise FileNotFoundError(errno.ENOENT, "found since the last listing")
            self.findable.remove((parent, name))
        return node

    def create(self, parent, name, flags, mode):
        return super().create(parent, name, flags & ~os.O_EXCL, mode)
