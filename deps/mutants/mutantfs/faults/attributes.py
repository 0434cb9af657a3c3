"""Bugs of extended attributes."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant


@mutant(
    metadata={"xattr_keeps_its_value": "value of 256 bytes on a file"},
)
class LongValuesLoseTheirLastByte(Passthrough):
    """A value of more than 100 bytes loses its last one."""

    def setxattr(self, node, name, value, flags):
        super().setxattr(node, name, value[:-1] if len(value) > 100 else value, flags)


@mutant(
    metadata={"xattr_flags_are_obeyed": "create an existing one"},
    posix_errors={"extended_attributes": "replace a missing attribute"},
)
class AttributeFlagsIgnored(Passthrough):
    """XATTR_CREATE and XATTR_REPLACE have no effect."""

    def setxattr(self, node, name, value, flags):
        super().setxattr(node, name, value, 0)


@mutant(
    metadata={"xattr_values_are_whole_or_refused": "value after setting 2000 bytes"},
)
class LargeValuesCut(Passthrough):
    """Of a value, 1500 bytes are kept."""

    def setxattr(self, node, name, value, flags):
        super().setxattr(node, name, value[:1500], flags)


@mutant(
    metadata={"xattr_names_are_told_apart": "names on the file"},
)
class OneAttributeNotListed(Passthrough):
    """Of many attributes the last one is not listed."""

    def listxattr(self, node):
        found = super().listxattr(node)
        return found[:-1] if len(found) > 5 else found


@mutant(
    metadata={"xattr_belongs_to_the_inode": "unexpected ENODATA"},
)
class RenameDropsAttributes(Passthrough):
    """A renamed file has no attributes any more."""

    def rename(self, parent, name, new_parent, new_name, flags):
        path = self.nodes.find(parent, name).path
        super().rename(parent, name, new_parent, new_name, flags)
        for attribute in os.listxattr(path):
            os.removexattr(path, attribute)


@mutant(
    metadata={"xattr_keeps_its_value": "names after removal on a file"},
    capabilities={"claimed but absent": "user_xattr$"},
)
class RemovexattrIgnored(Passthrough):
    """removexattr succeeds and the attribute stays."""

    def removexattr(self, node, name):
        self.getxattr(node, name)


@mutant(
    metadata={"xattr_keeps_its_value": "value of 64 bytes on a file"},
)
class ShorterAttributesKeepTheirTail(Passthrough):
    """A value of 20 bytes or more that replaces a longer one has the end of that one behind it."""

    def setxattr(self, node, name, value, flags):
        try:
            before = os.getxattr(node.path, name)
        except OSError:
            before = b""
        tail = before[len(value) :] if len(value) >= 20 else b""
        super().setxattr(node, name, value + tail, flags)
