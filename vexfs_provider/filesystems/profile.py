"""Filesystem profiles: what a filesystem is and how it is loaded, made, mounted and checked.

``profile_file`` reads one from TOML and ``catalogue`` finds those that there are.
"""

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vexfs_provider.filesystems.mount_options import MountOptions
from vexfs_provider.filesystems.on_disk import Purpose, Superblock
from vexfs_provider.guest.kernel_modules import module_name

PLACEHOLDERS = ("device", "label", "mountpoint", "size_mib")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Kind(enum.Enum):
    """Where the code of a filesystem lives."""

    KERNEL = "kernel"  # in the guest's kernel or its modules
    MODULE = "module"  # in an out-of-tree module
    FUSE = "fuse"  # in a daemon
    MEMORY = "memory"  # in the kernel, without a device


@dataclass(frozen=True)
class ModuleSpec:
    """The out-of-tree build that a filesystem comes from.

    ``name`` is the name given to ``avocado vexfs module build``; ``object`` the file to insert
    (empty for a FUSE daemon), ``params`` its parameters, ``tools`` the commands it must bring.
    """

    name: str
    object: str = ""
    params: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    @property
    def kernel_name(self) -> str:
        """The name under which the kernel lists it; empty without ``object``."""
        return module_name(self.object)


@dataclass(frozen=True)
class Profile:
    """One filesystem. Commands are argv tuples with the placeholders of ``PLACEHOLDERS``.

    ``load`` lists modules to modprobe, ``needs_kernel`` options that the kernel's configuration
    must have (as ``CONFIG_F2FS_FS``), ``check_ok`` the exit statuses of a check that found nothing,
    ``min_size_mib`` the smallest device, ``grow`` the command that makes the mounted filesystem as
    large as its device has become. An absent command is None. ``vector`` is the table that
    ``vector_interface`` describes, ``documented_options`` what ``mount_options`` does, and
    ``superblock`` and ``made_for`` what ``on_disk`` does. ``xfstests_failures`` are those that
    ``known_failures`` describes. ``expected_differences`` maps a
    difference from the reference filesystem to its reason; ``log_prefix`` starts the filesystem's
    lines in the kernel's log.
    """

    name: str
    description: str
    kind: Kind
    type: str
    load: tuple[str, ...] = ()
    module: ModuleSpec | None = None
    mkfs: tuple[str, ...] | None = None
    mount_options: tuple[str, ...] = ()
    daemon: tuple[str, ...] | None = None
    unmount: tuple[str, ...] = ("umount", "{mountpoint}")
    check: tuple[str, ...] | None = None
    check_ok: tuple[int, ...] = (0,)
    grow: tuple[str, ...] | None = None
    needs_kernel: tuple[str, ...] = ()
    min_size_mib: int = 16
    capabilities: frozenset[str] = frozenset()
    vector: Mapping[str, int | str] = field(default_factory=dict)
    expected_differences: Mapping[str, str] = field(default_factory=dict)
    xfstests_failures: Mapping[str, str] = field(default_factory=dict)
    log_prefix: str = ""
    documented_options: MountOptions | None = None
    superblock: Superblock | None = None
    made_for: Mapping[str, Purpose] = field(default_factory=dict)

    def missing_config(self, kernel_config: str) -> list[str]:
        """The options of ``needs_kernel`` that a kernel's configuration has not set to y or m."""
        enabled = set(re.findall(r"^(CONFIG_\w+)=[ym]$", kernel_config, re.MULTILINE))
        return [option for option in self.needs_kernel if option not in enabled]

    def can(self, capability: str) -> bool:
        """Whether the filesystem claims a capability of ``capabilities.CAPABILITIES``."""
        return capability in self.capabilities


def expand(words: Sequence[str], values: Mapping[str, object]) -> list[str]:
    """Replace the placeholders; every word stays one word whatever its value holds."""
    return [_PLACEHOLDER.sub(lambda found: str(values[found[1]]), word) for word in words]


def unknown_placeholders(word: str) -> list[str]:
    """The names in braces that are no placeholders."""
    return [name for name in _PLACEHOLDER.findall(word) if name not in PLACEHOLDERS]
