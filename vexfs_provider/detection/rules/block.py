"""The block layer could not do what was asked (block/blk-core.c, fs/buffer.c, drivers)."""

from vexfs_provider.detection.finding import Severity
from vexfs_provider.detection.rule import Rule


def _block(hint: str, pattern: str, title: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(
        kind="block-io",
        hint=hint,
        pattern=pattern,
        title=title,
        severity=severity,
        lines=1,
        notice=True,
    )


RULES = (
    _block(
        ", dev ",
        r"(?:blk_update_request: |print_req_error: |end_request: )?"
        r"(?:\w+: )?(?P<what>I/O|critical (?:target|nexus|medium|space allocation)"
        r"|timeout|recoverable transport|protection|device resource|zone resource"
        r"|invalid|operation not supported) error, dev \w",
        "block layer: {what} error",
    ),
    _block(
        "uffer I/O error on",
        r"Buffer I/O error on dev(?:ice)? [\w-]+, logical block \d+, (?P<what>[\w ]{1,80})",
        "Buffer I/O error: {what}",
    ),
    _block(
        "uffer I/O error on",
        r"Buffer I/O error on dev(?:ice)? [\w-]+, logical block \d",
        "Buffer I/O error: read",
    ),
    _block(
        "timeout",
        r"nvme \S+: (?:I/O (?:tag )?\d+ .{0,80}timeout|.{0,80}timeout, (?:reset|abort))",
        "nvme: I/O timeout",
    ),
    _block("reset", r"nvme \S+: .{0,40}resetting controller", "nvme: controller reset"),
    _block(
        "resetting link",
        r"ata\d+(?:\.\d+)?: (?P<how>hard|soft) resetting link",
        "ata: {how} reset",
        Severity.WARNING,
    ),
    _block("exception Emask", r"ata\d+(?:\.\d+)?: exception Emask", "ata: exception"),
)
