"""The commands of a filesystem's profile as lines of a shell script."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from vexfs_provider.filesystems.profile import Kind, Profile, expand
from vexfs_provider.guest.disks import OLD_DATA

DEVICE, MOUNTPOINT = "$device", "$mountpoint"


@dataclass(frozen=True)
class ShellCommands:
    """Lines of a POSIX shell script with the variables ``$device`` and ``$mountpoint``.

    ``mkfs`` has before its command what gives the device the old data that test disks have.
    ``daemon`` says that ``mount`` is a program in the foreground, which serves the filesystem.
    """

    load: tuple[str, ...]
    mkfs: tuple[str, ...]
    mount: str
    unmount: str
    daemon: bool = False


def shell_commands(
    profile: Profile,
    *,
    size_mib: int | None = None,
    old_data_mib: int = 0,
    options: Sequence[str] = (),
) -> ShellCommands:
    """How a filesystem is loaded, made, mounted with its own ``options`` and these, and unmounted.

    ``size_mib`` is that of the device, ``old_data_mib`` what of it is no zeros before.
    """
    size = profile.min_size_mib if size_mib is None else size_mib
    values = {"device": DEVICE, "mountpoint": MOUNTPOINT, "size_mib": size}
    every = ",".join([*profile.mount_options, *options])
    words = ["-o", every] if every else []
    if profile.daemon:
        mount = [*profile.daemon, *words]
    else:
        source = profile.type if profile.kind is Kind.MEMORY else "{device}"
        mount = ["mount", "-t", profile.type, *words, source, "{mountpoint}"]
    return ShellCommands(
        load=(*(f"modprobe {_quoted(name)}" for name in profile.load), *_insert(profile)),
        mkfs=(*_use(old_data_mib), _line(profile.mkfs, values)) if profile.mkfs else (),
        mount=_line(mount, values),
        unmount=_line(profile.unmount, values),
        daemon=profile.daemon is not None,
    )


def _use(size_mib: int) -> list[str]:
    """Leave old data on the device; one that is smaller is written full."""
    if not size_mib:
        return []
    fill = f"tr '\\0' '\\{OLD_DATA:o}' </dev/zero"
    to = f'dd of="{DEVICE}" bs=1M count={size_mib} iflag=fullblock conv=notrunc,fsync'
    return [f"{fill} 2>/dev/null | {to} 2>/dev/null || true"]


def _insert(profile: Profile) -> list[str]:
    module = profile.module
    if module is None or not module.object:
        return []
    command = _line(["insmod", module.object, *module.params], {})
    return [f"grep -qw {_quoted(profile.type)} /proc/filesystems || {command}"]


def _line(words: Sequence[str], values: dict[str, object]) -> str:
    return " ".join(_quoted(word) for word in expand(words, values))


def _quoted(word: str) -> str:
    """A word for the shell; only our own variables are left for it to replace."""
    pieces = re.split(rf"({re.escape(DEVICE)}|{re.escape(MOUNTPOINT)})", word)
    if len(pieces) == 1:
        return shlex.quote(word)
    return "".join(f'"{one}"' if one in (DEVICE, MOUNTPOINT) else _plain(one) for one in pieces)


def _plain(piece: str) -> str:
    return shlex.quote(piece) if piece else ""
