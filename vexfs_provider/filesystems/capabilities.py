"""The vocabulary of what a filesystem can claim in its profile.

A claim is what the filesystem says of itself; scenarios probe before they rely on it. The probes
run in the guest: ``deps/guest/code/capabilities.py``.
"""

from collections.abc import Mapping
from types import MappingProxyType

CAPABILITIES: Mapping[str, str] = MappingProxyType(
    {
        "acl": "POSIX access control lists (system.posix_acl_*)",
        "collapse_range": "fallocate(FALLOC_FL_COLLAPSE_RANGE)",
        "durable_fsync": "what fsync(2) acknowledged is there after a power cut",
        "durable_rename": "rename(2) is atomic across a power cut",
        "fallocate": "fallocate(2) reserves blocks",
        "freeze": "FIFREEZE and FITHAW",
        "hardlink": "link(2)",
        "idmapped_mounts": "mount_setattr(MOUNT_ATTR_IDMAP)",
        "indirect_blocks": "files larger than the blocks that an inode names itself",
        "inode_flags": "FS_IOC_SETFLAGS: immutable and append-only",
        "insert_range": "fallocate(FALLOC_FL_INSERT_RANGE)",
        "large_files": "files and offsets beyond 4 GiB",
        "mknod": "device nodes, FIFOs and sockets",
        "mmap_write": "writable shared mappings",
        "o_direct": "open(O_DIRECT)",
        "o_tmpfile": "open(O_TMPFILE)",
        "overlay_upper": "the upper layer of overlayfs",
        "persistent": "content outlives an unmount",
        "punch_hole": "fallocate(FALLOC_FL_PUNCH_HOLE)",
        "quota": "user and group quota",
        "reflink": "FICLONE and FICLONERANGE",
        "rename_exchange": "renameat2(RENAME_EXCHANGE)",
        "rename_noreplace": "renameat2(RENAME_NOREPLACE)",
        "rename_whiteout": "renameat2(RENAME_WHITEOUT)",
        "resize_grow": "grows while mounted",
        "seek_hole": "lseek(SEEK_HOLE) finds real holes, not just the end of the file",
        "snapshot": "writable snapshots of a subtree",
        "sparse": "holes take no blocks",
        "statx_btime": "statx(2) reports the time of birth",
        "symlink": "symlink(2)",
        "trim": "FITRIM discards free blocks",
        "unlinked_open": "an unlinked file lives until its last descriptor is closed",
        "user_xattr": "extended attributes user.*",
        "zero_range": "fallocate(FALLOC_FL_ZERO_RANGE)",
    }
)

NOT_PROBED: Mapping[str, str] = MappingProxyType(
    {
        "durable_fsync": "shows after a power cut only",
        "durable_rename": "shows after a power cut only",
        "idmapped_mounts": "needs a mount of its own",
        "overlay_upper": "needs a mount of its own",
        "persistent": "shows after an unmount only",
        "quota": "needs a filesystem that was made or mounted for it",
        "resize_grow": "needs a device that grows",
        "snapshot": "has no interface that filesystems share",
        "trim": "shows on the device only",
    }
)
"""Why a call within a mounted filesystem cannot show these; their claims are believed."""
