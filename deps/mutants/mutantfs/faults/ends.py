"""Bugs that end the filesystem, or a process that uses it."""

import os
import signal

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


@mutant(
    hang={"hang": "in request_wait_answer|in fuse"},
)
class RenameNeverReturns(Passthrough):
    """rename hangs for ever, and with it everybody who uses the filesystem."""

    def rename(self, parent, name, new_parent, new_name, flags):
        while True:
            signal.pause()


@mutant(
    crash={"rename_gives_a_file_another_name": "unexpected ECONNABORTED|unexpected ENOTCONN"},
)
class RenameKillsTheDaemon(Passthrough):
    """The daemon dies of a rename; the mount is dead from then on."""

    def rename(self, parent, name, new_parent, new_name, flags):
        os._exit(1)
