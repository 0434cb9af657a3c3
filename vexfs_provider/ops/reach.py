"""Which operations lie within what a filesystem claims or was probed to be able to do."""

from collections.abc import Iterator

from vexfs_provider.ops.fields import Handle
from vexfs_provider.ops.operations import Operation, arguments_of

Capabilities = frozenset[str] | None
"""The words of ``filesystems.capabilities``; None is all of them."""

DIRECT_BYTES = 12 * 4096  # what the block pointers in an inode of the Unix kind reach
LARGE_BYTES = 1 << 32


def able(capabilities: Capabilities, name: str) -> bool:
    return capabilities is None or name in capabilities


def within(operation: Operation, capabilities: Capabilities) -> bool:
    """Whether no capability is missing that the operation, or the end of its range, asks for."""
    end = end_of_range(operation)
    if end > LARGE_BYTES and not able(capabilities, "large_files"):
        return False
    if end > DIRECT_BYTES and not able(capabilities, "indirect_blocks"):
        return False
    return all(able(capabilities, name) for name in operation.required())


def end_of_range(operation: Operation) -> int:
    """Where in a file the operation ends at the latest, as far as itself says; in bytes."""
    length = getattr(operation, "length", 0)
    starts = ("offset", "source_offset", "target_offset", "size")
    return max(getattr(operation, name, 0) for name in starts) + length


def handles_of(operation: Operation) -> Iterator[Handle]:
    for name in arguments_of(type(operation)):
        if isinstance(value := getattr(operation, name), Handle):
            yield value
