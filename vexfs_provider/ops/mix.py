"""How often random lists have which operation: weights by keyword, to be changed at will.

A mix of one's own is another mapping, as ``{**DEFAULT_MIX, "rename": 60}``; 0 leaves out.
"""

from collections.abc import Mapping
from types import MappingProxyType

from vexfs_provider.ops.fields import FallocateMode, OpenFlags, RenameFlags, XattrFlags

DEFAULT_MIX: Mapping[str, int] = MappingProxyType(
    {
        "write": 20,
        "writev": 4,
        "append": 8,
        "read": 10,
        "truncate": 7,
        "fallocate": 9,
        "mmap_store": 4,
        "mmap_load": 4,
        "seek": 2,
        "copy_range": 4,
        "clone": 2,
        "create": 8,
        "open": 8,
        "close": 4,
        "tmpfile": 2,
        "linkfd": 2,
        "rename": 12,
        "link": 6,
        "symlink": 4,
        "readlink": 2,
        "mknod": 2,
        "mkdir": 6,
        "rmdir": 4,
        "unlink": 9,
        "readdir": 4,
        "stat": 6,
        "statx": 2,
        "chmod": 4,
        "chown": 3,
        "utimens": 3,
        "setxattr": 5,
        "getxattr": 3,
        "removexattr": 2,
        "listxattr": 2,
        "lock": 2,
        "user": 1,
    }
)
"""Nothing that waits for the device; those below make a list slower by far."""

WITH_ENVIRONMENT: Mapping[str, int] = MappingProxyType(
    {
        **DEFAULT_MIX,
        "fsync": 3,
        "fdatasync": 2,
        "syncfs": 1,
        "sync": 1,
        "drop_caches": 1,
        "freeze": 1,
        "remount": 1,
    }
)
"""With what happens around the operations. Crash points are set by who cuts the power."""

OPEN_FLAGS = {
    OpenFlags.RDWR: 10,
    OpenFlags.RDWR | OpenFlags.CREAT: 8,
    OpenFlags.RDWR | OpenFlags.CREAT | OpenFlags.TRUNC: 4,
    OpenFlags.RDWR | OpenFlags.CREAT | OpenFlags.EXCL: 3,
    OpenFlags.RDWR | OpenFlags.TRUNC: 2,
    OpenFlags.RDWR | OpenFlags.APPEND: 3,
    OpenFlags.RDWR | OpenFlags.DIRECT: 4,
    OpenFlags.RDWR | OpenFlags.SYNC: 1,
    OpenFlags.RDWR | OpenFlags.NOFOLLOW: 1,
    OpenFlags.WRONLY: 2,
    OpenFlags.WRONLY | OpenFlags.APPEND | OpenFlags.CREAT: 3,
    OpenFlags.RDONLY: 4,
    OpenFlags.RDONLY | OpenFlags.DIRECTORY: 2,
}
RENAME_FLAGS = {
    RenameFlags.PLAIN: 70,
    RenameFlags.NOREPLACE: 10,
    RenameFlags.EXCHANGE: 12,
    RenameFlags.WHITEOUT: 8,
}
FALLOCATE_MODES = {
    FallocateMode.ALLOCATE: 4,
    FallocateMode.KEEP_SIZE: 2,
    FallocateMode.PUNCH_HOLE | FallocateMode.KEEP_SIZE: 5,
    FallocateMode.ZERO_RANGE: 3,
    FallocateMode.ZERO_RANGE | FallocateMode.KEEP_SIZE: 2,
    FallocateMode.COLLAPSE_RANGE: 3,
    FallocateMode.INSERT_RANGE: 3,
}
XATTR_FLAGS = {XattrFlags.ANY: 8, XattrFlags.CREATE: 1, XattrFlags.REPLACE: 1}
"""Of one operation with flags; a list leaves out what the filesystem cannot do."""
