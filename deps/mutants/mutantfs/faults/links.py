"""Bugs of links and of unlink."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


@mutant(
    metadata={"link_gives_a_file_a_second_name": "inodes of both names"},
    capabilities={"claimed but absent": "hardlink$"},
)
class LinkCopies(Passthrough):
    """link makes a new file with the same content."""

    def link(self, node, new_parent, new_name):
        copy = os.open(new_name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=new_parent.descriptor)
        with open(copy, "wb") as target, open(node.path, "rb") as source:
            target.write(source.read())
        return self.nodes.find(new_parent, new_name)


@mutant(
    metadata={"symlink_holds_its_target": "target of 61 bytes"},
)
class SymlinkTargetsCutAt60Bytes(Passthrough):
    """A symlink keeps 60 bytes of its target."""

    def symlink(self, parent, name, target):
        return super().symlink(parent, name, target[:60])


@mutant(
    metadata={
        "rename_moves_the_symlink_not_its_target": "target of the link",
        "symlinks_are_followed": "unexpected ENOENT",
        "symlink_loops_are_refused": "target of a loop|open the loop self",
        "dangling_symlinks_lead_nowhere": "unexpected ENOENT",
    },
    posix_errors={"symbolic_links": "circle of links"},
    capabilities={"claimed but absent": "symlink$"},
)
class ReadlinkDropsTheLastByte(Passthrough):
    """A symlink leads to its target's name without the last byte."""

    def readlink(self, node):
        return super().readlink(node)[:-1]


@mutant(
    metadata={"unlinked_file_lives_until_it_is_closed": "content when unlinked"},
)
class UnlinkEmptiesTheFile(Passthrough):
    """A file loses its content with its last name, though it is open."""

    def unlink(self, parent, name):
        node = self.nodes.find(parent, name)
        if os.fstat(node.descriptor).st_nlink == 1 and node.handles:
            os.truncate(node.path, 0)
        super().unlink(parent, name)


@mutant(
    metadata={"metadata_rate": "names left"},
    space={"names_can_be_made_again_and_again": "unexpected EEXIST|inodes in use|names left"},
)
class EveryFiftiethUnlinkForgotten(Passthrough):
    """Every fiftieth unlink succeeds and leaves the name."""

    unlinked = 0

    def unlink(self, parent, name):
        self.unlinked += 1
        if self.unlinked % 50:
            super().unlink(parent, name)
