"""Bugs of modes and owners."""

import os
import stat

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


def mode_of(node):
    return os.fstat(node.descriptor).st_mode


@mutant(
    metadata={"chmod_sets_all_mode_bits": "mode of a file set to 1777"},
)
class StickyBitDropped(Passthrough):
    """chmod does not set the sticky bit."""

    def chmod(self, node, mode):
        super().chmod(node, mode & ~stat.S_ISVTX)


@mutant(
    metadata={"umask_limits_the_mode_of_what_is_made": "modes of file, directory, chmod"},
)
class CreateIgnoresTheMode(Passthrough):
    """Every file is made with the mode 0666."""

    def create(self, parent, name, flags, mode):
        return super().create(parent, name, flags, 0o666)


@mutant(
    metadata={"chown_sets_user_and_group": "owner after chown"},
)
class WideIdentifiersCut(Passthrough):
    """chown keeps 16 bits of a user and a group."""

    def chown(self, node, uid, gid):
        super().chown(node, uid if uid < 0 else uid & 0xFFFF, gid if gid < 0 else gid & 0xFFFF)


@mutant(
    metadata={"lchown_changes_the_symlink": "owner of a symlink"},
)
class LchownIgnored(Passthrough):
    """lchown of a symlink succeeds and changes nothing."""

    def chown(self, node, uid, gid):
        if not stat.S_ISLNK(mode_of(node)):
            super().chown(node, uid, gid)


@mutant(
    metadata={"set_id_bits_are_dropped": "mode after chown"},
)
class SetIdBitsStay(Passthrough):
    """Set-user-ID and set-group-ID bits outlive a chown and a write."""

    def chmod(self, node, mode):
        kept = mode_of(node) & (stat.S_ISUID | stat.S_ISGID)
        super().chmod(node, mode | kept)

    def chown(self, node, uid, gid):
        mode = mode_of(node)
        super().chown(node, uid, gid)
        super().chmod(node, mode)


@mutant(
    metadata={"set_group_id_directory_hands_its_group_down": "group of a file in it"},
)
class GroupNotHandedDown(Passthrough):
    """What is made has the group of its maker, in a set-group-ID directory as well."""

    def made(self, parent, name):
        made = super().made(parent, name)
        self.chown(made, -1, self.caller.gid)
        return made


@mutant(posix_errors={"other_users": "open another's secret"})
class EverybodyMayReadAndWrite(Passthrough):
    """Every file lets all read and write, whatever its mode was set to."""

    def stat(self, node):
        found = super().stat(node)
        if stat.S_ISREG(found.mode):
            found.mode |= 0o666
        return found
