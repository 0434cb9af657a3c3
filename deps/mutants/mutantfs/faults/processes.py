"""Bugs that need two processes: what one does is lost or undone by another."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


@mutant(
    concurrent={
        "files_in_one_folder_are_all_there": "no name is lost|unexpected ENOENT",
        "files_in_different_folders_are_all_there": "no name is lost|unexpected ENOENT",
    },
)
class CreateAfterAnotherProcessLost(Passthrough):
    """A name is lost if the one before was made by another process: a lost update."""

    last_maker = 0

    def create(self, parent, name, flags, mode):
        made = super().create(parent, name, flags, mode)
        if self.last_maker and self.caller.pid != self.last_maker:
            os.unlink(name, dir_fd=parent.descriptor)
        self.last_maker = self.caller.pid
        return made


@mutant(
    concurrent={
        "one_process_creates_a_name": "create: one process succeeds",
        "one_process_links_a_name": "link: one process succeeds",
    },
)
class EveryProcessWinsAName(Passthrough):
    """Who asks for a name that another process has just made does not see it, and makes it."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.makers = {}

    def lookup(self, parent, name):
        maker = self.makers.get((parent, name), self.caller.pid)
        if maker != self.caller.pid:
            raise FileNotFoundError(2, "made by another process")
        return super().lookup(parent, name)

    def create(self, parent, name, flags, mode):
        self.makers.setdefault((parent, name), self.caller.pid)
        return super().create(parent, name, flags & ~os.O_EXCL, mode)

    def link(self, node, new_parent, new_name):
        self.makers.setdefault((new_parent, new_name), self.caller.pid)
        try:
            return super().link(node, new_parent, new_name)
        except FileExistsError:
            return node
