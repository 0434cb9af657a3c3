"""Guest recipes: TOML files that say how a root filesystem is made.

Two kinds. ``mmdebstrap`` names packages of Debian 12, in addition to those of another such recipe
if it has one as its ``base``; ``tarball`` names any root filesystem archive and its SHA-256.
A guest needs python3 and nothing else: init and agent are ours.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.paths import data_dir

KEYS: dict[str, dict[str, type]] = {
    "mmdebstrap": {"variant": str, "packages": list},
    "tarball": {"tarball": str, "sha256": str},
}


@dataclass(frozen=True)
class Recipe:
    """A checked recipe. ``source`` is the TOML file; relative paths in it start at its folder."""

    name: str
    kind: str
    source: Path
    values: dict[str, Any]

    @property
    def tarball(self) -> Path:
        return (self.source.parent / self.values["tarball"]).expanduser()


def recipe_folders(own: Path | None = None) -> list[Path]:
    """Where recipes are looked for: the user's folder first, then the shipped one."""
    return [folder for folder in (own, data_dir("deps") / "guests") if folder is not None]


def list_recipes(own: Path | None = None) -> dict[str, Path]:
    """Names and files of all recipes; the user's win."""
    found: dict[str, Path] = {}
    for folder in reversed(recipe_folders(own)):
        found.update({path.stem: path for path in sorted(folder.glob("*.toml"))})
    return found


def load_recipe(name: str, own: Path | None = None) -> Recipe:
    """The recipe ``name``. Raises ``UsageError`` naming file, key, value and what is allowed."""
    source, values = _read(name, own)
    if "base" in values:
        values = _with_base(source, values, own)
    kind = values.pop("kind", None)
    if kind not in KEYS:
        raise UsageError(f"{source}: kind = {kind!r}; allowed: {', '.join(KEYS)}")
    _check_values(source, kind, values)
    return Recipe(name, kind, source, values)


def _read(name: str, own: Path | None) -> tuple[Path, dict[str, Any]]:
    recipes = list_recipes(own)
    if name not in recipes:
        raise UsageError(
            f"guest recipe {name!r} does not exist; there are: {', '.join(sorted(recipes))}"
        )
    source = recipes[name]
    try:
        return source, tomllib.loads(source.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{source}: not valid TOML: {error}") from error


def _with_base(source: Path, values: dict[str, Any], own: Path | None) -> dict[str, Any]:
    """``values`` on top of those of their base, which has none itself; packages of both."""
    name = values.pop("base")
    _, below = _read(str(name), own)
    both = values.get("kind") == below.get("kind") == "mmdebstrap"
    if not both or "base" in below:
        allowed = "a recipe of kind mmdebstrap that has no base, for another of that kind"
        raise UsageError(f"{source}: base = {name!r}; must be {allowed}")
    lists = (below.get("packages", []), values.get("packages", []))
    if not all(isinstance(packages, list) for packages in lists):
        return {**below, **values}  # which is refused as any other wrong value is
    return {**below, **values, "packages": [*lists[0], *lists[1]]}


def _check_values(source: Path, kind: str, values: dict[str, Any]) -> None:
    wanted = KEYS[kind]
    for key, value in values.items():
        if key not in wanted:
            raise UsageError(f"{source}: unknown key {key!r}; allowed: kind, {', '.join(wanted)}")
        if not isinstance(value, wanted[key]):
            allowed = wanted[key].__name__
            raise UsageError(f"{source}: {key} = {value!r}; must be a {allowed}")
    missing = [key for key in wanted if key not in values]
    if missing:
        raise UsageError(f"{source}: missing {', '.join(missing)}")
    packages = values.get("packages", [])
    wrong = [name for name in packages if not isinstance(name, str) or not name.strip()]
    if wrong:
        raise UsageError(f"{source}: packages holds {wrong[0]!r}; each must be a package name")


def verify_tarball(recipe: Recipe) -> None:
    """Raise ``UsageError`` unless the tarball is there with the declared SHA-256."""
    try:
        with open(recipe.tarball, "rb") as archive:
            found = hashlib.file_digest(archive, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{recipe.source}: tarball: {error}") from error
    if found != recipe.values["sha256"].lower():
        declared = recipe.values["sha256"]
        raise UsageError(
            f"{recipe.source}: sha256 = {declared!r}, but {recipe.tarball} has {found}"
        )
