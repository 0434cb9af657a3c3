"""The vocabulary of expected differences: where a sound filesystem may differ from most others.

A profile names those that apply under ``[expected_differences]``, each with its reason; scenarios
then leave out, or weaken, the comparison.
"""

from collections.abc import Mapping
from types import MappingProxyType

DIFFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "acknowledged_at_abort": "the last fsync(2) before the first that fails may be untrue",
        "directory_entry_inodes": "readdir gives other inode numbers than stat does",
        "directory_nlink": "a directory's link count is not 2 and one for each subdirectory",
        "free_blocks": "statfs(2) shows other free blocks after a remount, with nothing changed",
        "free_inodes": "statfs(2) shows other free inodes after a remount, with nothing changed",
        "busy_hole_reports": "the same as hole_reports, but only while others write as well",
        "hole_reports": "lseek(2) with SEEK_DATA may pass over data",
        "mapped_times": "a store to a mapping sets times only when the page is written back",
        "one_user": "only the user who mounted it may use it",
        "times_after_2038": "times after January 2038 cannot be stored",
        "times_before_1970": "times before 1970 cannot be stored",
        "whiteout_group": "a whiteout in a renamed file's place has the group of another folder",
    }
)
