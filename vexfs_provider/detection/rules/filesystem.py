"""What filesystems say of themselves: corruption, failed journals, shutdowns.

A message that a mount attempt with the wrong type prints ("Can't find ext4 filesystem", "Invalid
superblock magic number") is a probe, not an error, and has no rule.
"""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import Rule


def _error(
    kind: str, hint: str, pattern: str, title: str, severity: Severity = Severity.ERROR
) -> Rule:
    return Rule(
        kind=kind,
        hint=hint,
        pattern=pattern,
        title=title,
        severity=severity,
        lines=1,
        notice=True,
    )


_EXT4 = (
    _error(
        "ext4-error",
        "EXT4-fs error",
        r"EXT4-fs error \(device [^)]{1,40}\)(?:: | in )(?P<func>\w+)(?::\d+)?",
        "EXT4-fs error in {func}",
    ),
    _error(
        "ext4-error",
        "EXT4-fs (",
        r"EXT4-fs \([^)]{1,40}\): (?P<what>failed to .{1,80}|Delayed block allocation failed"
        r"|This should not happen|previous I/O error|Inode \d+ .{0,40}orphan list"
        r"|.{0,80}(?:checksum invalid|bad checksum|corrupted)|error loading journal)",
        "EXT4-fs: {what}",
    ),
    _error(
        "ext4-error",
        "Remounting filesystem read-only",
        r"(?P<which>EXT4-fs|EXT3-fs|EXT2-fs|FAT-fs|NILFS) \([^)]{1,40}\): (?:error: )?Remounting",
        "{which}: remounted read-only",
    ),
    _error(
        "ext4-warning",
        "EXT4-fs warning",
        r"EXT4-fs warning \(device [^)]{1,40}\): (?P<func>\w+):\d+",
        "EXT4-fs warning in {func}",
        Severity.WARNING,
    ),
    _error(
        "jbd2-error",
        "JBD2",
        r"JBD2: (?=.{0,80}(?:[Ee]rror|failed|corrupt|[Ii]nvalid|bad|checksum))"
        r"(?P<what>.{1,400}?)(?: for [\w-]+)?\.?$",
        "JBD2: {what}",
    ),
    _error(
        "jbd2-error", "Aborting journal", r"Aborting journal on device", "JBD2: journal aborted"
    ),
)

_XFS_DEVICE = r"XFS \([^)]{1,40}\): "
_XFS = (
    _error(
        "xfs-error",
        "detected at",
        _XFS_DEVICE + r"Metadata (?P<what>corruption|CRC error) detected at (?P<func>\w+)",
        "XFS: metadata {what} in {func}",
    ),
    _error(
        "xfs-error",
        "Internal error",
        _XFS_DEVICE + r"Internal error .{0,160}?Caller (?P<func>\w+)",
        "XFS: internal error in {func}",
    ),
    _error(
        "xfs-error",
        "XFS (",
        _XFS_DEVICE
        + r"(?P<what>.{0,80}(?:[Cc]orrupt|[Ss]hutting down|[Ss]hutdown due|has been shut down"
        r"|I/O [Ee]rror|mount/recovery failed|failed to recover|writeback error"
        r"|[Uu]nmount and run xfs_repair)\w*)",
        "XFS: {what}",
    ),
    _error(
        "xfs-error",
        "XFS: Assertion",
        r"XFS: Assertion failed: (?P<what>.{1,80})",
        "XFS: assertion failed: {what}",
    ),
)

_BTRFS = (
    _error(
        "btrfs-error",
        "BTRFS",
        r"BTRFS:? (?:error|critical) \(device [^)]{1,60}\) in (?P<func>\w+):\d+: "
        r"errno=(?P<errno>-?\d+)",
        "BTRFS: errno={errno} in {func}",
    ),
    _error(
        "btrfs-error",
        "csum failed",
        r"BTRFS (?:warning|info|error) \(device [^)]{1,60}\): csum failed",
        "BTRFS: checksum of data failed",
    ),
    _error(
        "btrfs-error",
        "BTRFS",
        r"BTRFS:? (?:error|critical|alert|emergency) \(device [^)]{1,60}\):? (?P<what>.{1,60})",
        "BTRFS: {what}",
    ),
)

_F2FS = (
    _error(
        "f2fs-error",
        "F2FS-fs (",
        r"F2FS-fs \([^)]{1,40}\): (?!Magic Mismatch)(?P<what>.{0,60}(?:inconsisten|corrupt"
        r"|[Ii]nvalid blkaddr|[Ss]top checkpoint|access invalid|[Mm]ismatch|run fsck"
        r"|[Ff]ailed to|I/O error)\w*)",
        "F2FS: {what}",
    ),
)

_VEXFS = (
    _error(
        "vexfs-error",
        "VexFS",
        r"VexFS[\w-]{0,24}: (?P<what>(?!.{0,80}\b(?:0|no) errors?\b)"
        r".{0,100}\b(?i:error|failed|failure|corrupt\w*|inconsistent|bad|cannot|unable)\b)",
        "VexFS: {what}",
    ),
)

RULES = (*_EXT4, *_XFS, *_BTRFS, *_F2FS, *_VEXFS)
