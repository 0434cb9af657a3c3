"""Bugs of time stamps."""

import os

from mutantfs.passthrough import Passthrough
from mutantfs.registry import mutant

SECOND = 1_000_000_000


@mutant(
    metadata={"operations_change_the_times_they_should": "times that write changes"},
)
class WritesKeepTheMtime(Passthrough):
    """A write leaves the mtime as it was."""

    def write(self, handle, offset, data):
        before = os.fstat(handle.descriptor)
        written = super().write(handle, offset, data)
        os.utime(handle.node.path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return written


@mutant(
    metadata={
        "operations_change_the_times_they_should": "times that chmod changes",
        "links_change_the_times_they_should": "times that link changes",
    },
)
class CtimeIsTheMtime(Passthrough):
    """The ctime changes with the content only."""

    def stat(self, node):
        found = super().stat(node)
        found.ctime = found.mtime
        return found


@mutant(
    metadata={"read_changes_atime_only": "atime moves on"},
)
class ReadsKeepTheAtime(Passthrough):
    """Reading never changes the atime."""

    def open(self, node, flags):
        return super().open(node, flags | os.O_NOATIME)


@mutant(metadata={"utimensat_sets_the_times_given": "atime and mtime of a file"})
class UtimensatSwapsTheTimes(Passthrough):
    """utimensat sets the mtime to the atime given, and the other way round."""

    def set_times(self, node, atime, mtime):
        super().set_times(node, mtime, atime)


@mutant(
    metadata={"utimensat_sets_the_times_given": "times of a file are kept to the second"},
)
class TimesCutToMinutes(Passthrough):
    """utimensat keeps whole minutes."""

    def set_times(self, node, atime, mtime):
        super().set_times(node, *(time // (60 * SECOND) * 60 * SECOND for time in (atime, mtime)))


@mutant(
    metadata={"times_before_1970_are_kept": "times of 1969-12-31"},
)
class TimesBeforeTheEpochLost(Passthrough):
    """Times before 1970 become 1970."""

    def set_times(self, node, atime, mtime):
        super().set_times(node, max(0, atime), max(0, mtime))


@mutant(
    metadata={"times_after_2038_are_kept": "times of 2038-01-19"},
)
class TimesWrapIn2038(Passthrough):
    """Times are kept in 31 bits."""

    def set_times(self, node, atime, mtime):
        super().set_times(node, atime % (SECOND << 31), mtime % (SECOND << 31))
