"""The user's settings: ``$XDG_CONFIG_HOME/vexfs-provider/settings.toml``, or ``$VEXFS_SETTINGS``.

    profile_folders = ["~/vexfs/filesystems"]   # own profiles, win over the built-in ones
    recipe_folder = "~/vexfs/guests"            # own guest recipes

Relative paths start at the file's folder. No file means no settings.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError

VARIABLE = "VEXFS_SETTINGS"


@dataclass(frozen=True)
class Settings:
    """What a user has set; the defaults need nothing."""

    profile_folders: tuple[Path, ...] = ()
    recipe_folder: Path | None = None


def settings_path() -> Path:
    """Where the settings are read from, whether the file is there or not."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "vexfs-provider" / "settings.toml"


def load_settings() -> Settings:
    """The settings. Raises ``UsageError`` naming file, key, value and what is allowed."""
    path = settings_path()
    if not path.exists() and VARIABLE not in os.environ:
        return Settings()
    try:
        values = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"settings {path}: {error}") from error
    unknown = sorted(set(values) - {"profile_folders", "recipe_folder"})
    if unknown:
        allowed = "profile_folders, recipe_folder"
        raise UsageError(f"settings {path}: unknown key {unknown[0]!r}; allowed: {allowed}")
    folders = values.get("profile_folders", [])
    if not isinstance(folders, list):
        raise UsageError(
            f"settings {path}: profile_folders = {folders!r}; must be a list of folders"
        )
    profiles = tuple(_folder(path, "profile_folders", folder) for folder in folders)
    recipe = values.get("recipe_folder")
    return Settings(profiles, None if recipe is None else _folder(path, "recipe_folder", recipe))


def _folder(file: Path, key: str, value: Any) -> Path:
    folder = file.parent / Path(value).expanduser() if isinstance(value, str) else None
    if folder is None or not folder.is_dir():
        raise UsageError(f"settings {file}: {key} = {value!r}; must name an existing folder")
    return folder
