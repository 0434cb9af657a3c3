"""The recipes of kernels, ``deps/kernels/<name>.toml``, in two forms.

One names a package of Debian that holds the kernel, the other a package with its source and how to
configure it. Fragments and patches lie beside the recipe.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.guest.kernel_config import asked_for

_MAKE_TARGET = re.compile(r"[a-z0-9_]+(_def|\.)config")

_LISTS = ("configs", "patches", "arguments")


@dataclass(frozen=True)
class PackageRecipe:
    """Debian's package (or meta package) and its flavour.

    ``headers`` is the package for kbuild, ``{release}`` in it the kernel's release.
    """

    description: str
    image: str
    headers: str
    flavour: str

    memory_mib = 0
    arguments = ()

    def inputs(self) -> Iterator[Path]:
        """The files that shape the kernel beside the recipe itself."""
        yield from ()


@dataclass(frozen=True)
class SourceRecipe:
    """A kernel that is compiled here from Debian's ``source`` package.

    ``configs``, in their order: make's own targets such as ``x86_64_defconfig``, then fragments,
    which win over what stands before them. ``objects`` is about how many files are compiled,
    ``memory_mib`` (MiB) the least that a guest needs, ``arguments`` belong on its command line.
    """

    description: str
    source: str
    configs: tuple[str, ...]
    patches: tuple[str, ...]
    objects: int
    memory_mib: int
    arguments: tuple[str, ...]
    folder: Path

    @property
    def fragments(self) -> list[Path]:
        """The fragments beside the recipe, in their order."""
        paths = (self.folder / name for name in self.configs)
        return [path for path in paths if path.is_file()]

    @property
    def targets(self) -> list[str]:
        """The targets that the kernel's own Makefile has."""
        return [name for name in self.configs if not (self.folder / name).is_file()]

    @property
    def suffix(self) -> str:
        """The end of the kernel's release."""
        return asked_for(self.fragments).get("CONFIG_LOCALVERSION", "").strip('"')

    @property
    def patch_files(self) -> list[Path]:
        return [self.folder / name for name in self.patches]

    def inputs(self) -> Iterator[Path]:
        """The files that shape the kernel beside the recipe itself."""
        yield from self.fragments
        yield from self.patch_files


KernelRecipe = PackageRecipe | SourceRecipe


def load_recipe(path: Path) -> KernelRecipe:
    """The recipe in a file. Raises ``UsageError`` that names the key and what is allowed."""
    values = tomllib.loads(path.read_text())
    form = SourceRecipe if "source" in values else PackageRecipe
    wanted = {field.name for field in fields(form)} - {"folder"}
    if set(values) != wanted:
        raise UsageError(
            f"{path}: has the keys {sorted(values)}, must have exactly {sorted(wanted)}"
        )
    if form is PackageRecipe:
        return PackageRecipe(**values)
    return _source_recipe(path, values)


def _source_recipe(path: Path, values: dict[str, Any]) -> SourceRecipe:
    for key in ("objects", "memory_mib"):
        if not isinstance(values[key], int) or values[key] <= 0:
            raise UsageError(f"{path}: {key} = {values[key]!r}; allowed: a whole number above 0")
    for key in _LISTS:
        names = values[key]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UsageError(f"{path}: {key} = {names!r}; allowed: a list of strings")
    lists = {key: tuple(values[key]) for key in _LISTS}
    recipe = SourceRecipe(**{**values, **lists}, folder=path.parent)
    _check_configs(path, recipe)
    for patch in recipe.patch_files:
        if not patch.is_file():
            raise UsageError(f"{path}: no patch {patch.name!r} beside it")
    return recipe


def _check_configs(path: Path, recipe: SourceRecipe) -> None:
    """Targets come first: what a fragment says would be lost under a target behind it."""
    for name in recipe.targets:
        if not _MAKE_TARGET.fullmatch(name) or name == recipe.configs[-1]:
            raise UsageError(
                f"{path}: configs has {name!r}, which is neither a file beside it nor a target "
                "such as x86_64_defconfig with fragments behind it"
            )
    if [*recipe.targets, *(fragment.name for fragment in recipe.fragments)] != [*recipe.configs]:
        raise UsageError(f"{path}: in configs a fragment stands before a target of make")
