"""Read a profile from TOML, strictly: a wrong key or value is one error that says what is right."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.capabilities import CAPABILITIES
from vexfs_provider.filesystems.differences import DIFFERENCES
from vexfs_provider.filesystems.known_failures import read_known_failures
from vexfs_provider.filesystems.mount_options import read_mount_options
from vexfs_provider.filesystems.on_disk import read_purposes, read_superblock
from vexfs_provider.filesystems.profile import (
    PLACEHOLDERS,
    Kind,
    ModuleSpec,
    Profile,
    unknown_placeholders,
)
from vexfs_provider.filesystems.vector_interface import read_vector_interface

Reader = Callable[[Any], Any]
"""Turns a value of TOML into one of the profile; raises ``ValueError`` with what is allowed."""

_EXIT_STATUS_MAX = 255


def read_profile(path: Path) -> Profile:
    """The profile in a file.

    Raises ``UsageError`` naming the file, the key, its value and what is allowed.
    """
    try:
        table = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not TOML: {error}") from error
    values = _read_table(str(path), table, _PROFILE)
    if "module" in values:
        values["module"] = ModuleSpec(
            **_read_table(f"{path}: [module]", values["module"], _MODULE, required=("name",))
        )
    profile = Profile(**values)
    for problem in _contradictions(profile):
        raise UsageError(f"{path}: {problem}")
    return profile


def _read_table(
    where: str,
    table: Mapping[str, Any],
    readers: Mapping[str, Reader],
    required: tuple[str, ...] = ("name", "description", "kind", "type"),
) -> dict[str, Any]:
    values = {}
    for key, value in table.items():
        if key not in readers:
            allowed = ", ".join(readers)
            raise UsageError(f"{where}: unknown key {key!r} = {value!r}; allowed: {allowed}")
        try:
            values[key] = readers[key](value)
        except ValueError as error:
            raise UsageError(f"{where}: {key} = {value!r}: must be {error}") from error
    for key in required:
        if key not in values:
            raise UsageError(f"{where}: the key {key!r} is missing")
    return values


def _contradictions(profile: Profile) -> Iterator[str]:
    """What single values cannot show."""
    kind = f"kind = {profile.kind.value!r}"
    if profile.kind is Kind.MODULE and not (profile.module and profile.module.object):
        yield f"{kind} needs a table [module] with the keys name and object"
    if (profile.kind is Kind.FUSE) != (profile.daemon is not None):
        yield f"{kind}: the key daemon belongs to kind = 'fuse', which needs it"
    if profile.kind in (Kind.KERNEL, Kind.MEMORY) and profile.module:
        yield f"{kind}: a table [module] belongs to the kinds 'module' and 'fuse'"
    if profile.grow and not profile.can("resize_grow"):
        yield f"grow = {list(profile.grow)}: needs resize_grow among the capabilities"
    commands = {"mkfs": profile.mkfs, "check": profile.check}
    for key, command in commands.items():
        if command and "{mountpoint}" in " ".join(command):
            yield f"{key} = {list(command)}: runs unmounted, {{mountpoint}} means nothing there"
        if command and profile.kind is Kind.MEMORY:
            yield f"{kind} has no device, so no key {key}"


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text that is not empty")
    return value


def _matching(pattern: str, allowed: str) -> Reader:
    expression = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or not expression.fullmatch(value):
            raise ValueError(allowed)
        return value

    return read


def _list_of(reader: Reader) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("a list")
        try:
            return tuple(reader(item) for item in value)
        except ValueError as error:
            raise ValueError(f"a list; each item {error}") from error

    return read


def _number(least: int, most: int) -> Reader:
    def read(value: Any) -> int:
        # TOML's true is a Python int
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return value

    return read


def _kind(value: Any) -> Kind:
    if value not in [kind.value for kind in Kind]:
        raise ValueError(f"one of {', '.join(kind.value for kind in Kind)}")
    return Kind(value)


def _templated(value: Any) -> str:
    unknown = unknown_placeholders(_text(value))
    if unknown:
        raise ValueError(f"free of {{{unknown[0]}}}; placeholders are {', '.join(PLACEHOLDERS)}")
    return value


def _command(value: Any) -> tuple[str, ...]:
    words = _list_of(_templated)(value)
    if not words:
        raise ValueError("a command as a list of words, not empty")
    return words


def _capability(value: Any) -> str:
    if value not in CAPABILITIES:
        raise ValueError(f"one of {', '.join(CAPABILITIES)}")
    return value


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a table")
    return value


def _vector(value: Any) -> Mapping[str, int | str]:
    table = _table(value)
    read_vector_interface(table)
    return table


def _reasons(value: Any) -> Mapping[str, str]:
    table = _table(value)
    known = all(name in DIFFERENCES for name in table)
    if not known or not all(isinstance(reason, str) and reason for reason in table.values()):
        allowed = ", ".join(DIFFERENCES)
        raise ValueError(f"a table of the reason, a text, for some of: {allowed}")
    return table


_NAME = _matching(r"[a-z0-9][a-z0-9_]*", "lower-case letters, digits and _")
_FILE = _matching(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", "a file name without a folder")
_CONFIG = _matching(r"CONFIG_\w+", "an option of the kernel's configuration, as CONFIG_F2FS_FS")

_MODULE: Mapping[str, Reader] = {
    "name": _matching(r"[a-z0-9][a-z0-9_.-]*", "lower-case letters, digits, _ . and -"),
    "object": _matching(r"[A-Za-z0-9_-]+\.ko", "a file name that ends in .ko"),
    "params": _list_of(_matching(r"\w+(=.*)?", "as in NAME=VALUE")),
    "tools": _list_of(_FILE),
}

_PROFILE: Mapping[str, Reader] = {
    "name": _NAME,
    "description": _text,
    "kind": _kind,
    "type": _matching(r"[A-Za-z0-9_.-]+", "a type as in /proc/filesystems"),
    "load": _list_of(_matching(r"[A-Za-z0-9_-]+", "the name of a kernel module")),
    "module": _table,
    "mkfs": _command,
    "mount_options": _list_of(_templated),
    "daemon": _command,
    "unmount": _command,
    "check": _command,
    "grow": _command,
    "check_ok": _list_of(_number(0, _EXIT_STATUS_MAX)),
    "needs_kernel": _list_of(_CONFIG),
    "min_size_mib": _number(1, 1 << 20),
    "capabilities": lambda value: frozenset(_list_of(_capability)(value)),
    "vector": _vector,
    "expected_differences": _reasons,
    "xfstests_failures": read_known_failures,
    "log_prefix": _text,
    "documented_options": read_mount_options,
    "superblock": read_superblock,
    "made_for": read_purposes,
}
