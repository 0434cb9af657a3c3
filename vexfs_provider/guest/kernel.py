"""Kernels for the guest, as artefacts of the store: the one door to them.

An artefact holds what Debian's image package holds (``boot/``, ``lib/modules/``, after depmod),
what ``kernel_headers`` builds modules with, and ``modules.img``, a read-only file system with the
modules.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.errors import UsageError
from vexfs_provider.guest import kernel_tree
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.kernel_modules import ModuleIndex
from vexfs_provider.guest.kernel_modules_image import make_modules_image
from vexfs_provider.guest.kernel_package import unpack_kernel
from vexfs_provider.guest.kernel_recipe import (
    KernelRecipe,
    PackageRecipe,
    SourceRecipe,
    load_recipe,
)
from vexfs_provider.guest.kernel_source import BUILD_TREE, compile_kernel
from vexfs_provider.guest.kernel_tree import find_trees
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KIND = "kernels"

_BUILDER_VERSION = 1


@dataclass(frozen=True)
class Kernel:
    """A built kernel: ``release`` as in ``uname -r``, ``version`` the package's.

    ``digest`` changes with the content of the kernel or of its modules' image. ``memory_mib`` (MiB)
    is the least that a guest needs for it, 0 where any will do, and ``arguments`` belong on its
    command line.
    """

    name: str
    release: str
    version: str
    folder: Path
    digest: str
    memory_mib: int = 0
    arguments: tuple[str, ...] = ()

    @property
    def vmlinuz(self) -> Path:
        return self.folder / "boot" / f"vmlinuz-{self.release}"

    @property
    def config(self) -> Path:
        """The configuration it was built with."""
        return self.folder / "boot" / f"config-{self.release}"

    @property
    def module_tree(self) -> Path:
        """A folder that holds ``lib/modules/<release>``."""
        return self.folder

    @property
    def modules_image(self) -> Path:
        """An ext4 image without journal, to be mounted read-only at ``/lib/modules``."""
        return self.folder / "modules.img"

    @property
    def header_packages(self) -> list[Path]:
        """The packages to build modules with, of the same version as the kernel."""
        return sorted((self.folder / "headers").glob("*.deb"))

    @property
    def build_tree(self) -> Path | None:
        """The folder to build modules in, of a kernel that was compiled here."""
        tree = self.folder / BUILD_TREE
        return tree if tree.is_dir() else None

    def boot_modules(self, names: Sequence[str]) -> list[tuple[str, bytes]]:
        """File name and decompressed content of modules and what they need, in load order.

        Modules that are built in are left out. Raises ``BuildError`` for an unknown one.
        """
        return ModuleIndex(self.module_tree / "lib" / "modules" / self.release).load_list(names)


def list_kernels() -> list[str]:
    """The names of the recipes."""
    return sorted(path.stem for path in (data_dir("deps") / "kernels").glob("*.toml"))


def recipe_of_release(release: str) -> str | None:
    """The recipe that makes kernels such as this one (``uname -r``), for advice to people."""
    recipes = {name: load_recipe(_recipe_path(name)) for name in list_kernels()}
    for name, recipe in recipes.items():
        if isinstance(recipe, SourceRecipe) and release.endswith(recipe.suffix):
            return name
    flavour = "cloud" if "-cloud-" in release else "generic"
    for name, recipe in recipes.items():
        series = f"{name.partition('-')[0]}."
        same = isinstance(recipe, PackageRecipe) and recipe.flavour == flavour
        if same and release.startswith(series):
            return name
    return None


def get_kernel(name: str, *, store: Store, progress: Progress) -> Kernel:
    """The kernel of a recipe, built when it is missing.

    Raises ``UsageError`` for an unknown name and ``BuildError`` when it cannot be built.
    """
    recipe, key = _identify(name)

    def build(folder: Path) -> dict[str, Any]:
        if isinstance(recipe, SourceRecipe):
            made = compile_kernel(recipe, key, folder, store, progress)
        else:
            made = unpack_kernel(recipe, folder, store, progress)
        return {**made, "digest": _complete(folder, made["release"])}

    folder = store.get(KIND, key, build, progress=progress, label=f"kernel {name}")
    if isinstance(recipe, SourceRecipe) and key in find_trees(store):
        store.remove(kernel_tree.KIND, key)
    return _kernel(name, recipe, folder, store.manifest(KIND, key))


def find_kernel(name: str, store: Store) -> Kernel | None:
    """The kernel of a recipe if it is built. Raises ``UsageError`` for an unknown name."""
    recipe, key = _identify(name)
    folder = store.find(KIND, key)
    return _kernel(name, recipe, folder, store.manifest(KIND, key)) if folder else None


def require_kernel(name: str, store: Store) -> None:
    """Raises ``UsageError`` if the kernel takes many minutes to build and has not been built."""
    if isinstance(_identify(name)[0], SourceRecipe) and find_kernel(name, store) is None:
        raise UsageError(
            f"kernel {name!r} is compiled here, which takes about half an hour; do it before: "
            f"avocado vexfs guest build --kernel {name}"
        )


def kernel_keys() -> list[str]:
    """The store's keys of all recipes' kernels."""
    return [_identify(name)[1] for name in list_kernels()]


def _recipe_path(name: str) -> Path:
    if name not in list_kernels():
        raise UsageError(f"kernel {name!r} is not known; allowed: {', '.join(list_kernels())}")
    return data_dir("deps") / "kernels" / f"{name}.toml"


def _identify(name: str) -> tuple[KernelRecipe, str]:
    """A recipe and the store's key of its kernel."""
    path = _recipe_path(name)
    recipe = load_recipe(path)
    return recipe, content_key(path, _BUILDER_VERSION, *recipe.inputs())


def _kernel(name: str, recipe: KernelRecipe, folder: Path, manifest: dict[str, Any]) -> Kernel:
    return Kernel(
        name,
        manifest["release"],
        manifest["version"],
        folder,
        manifest["digest"],
        recipe.memory_mib,
        recipe.arguments,
    )


def _complete(folder: Path, release: str) -> str:
    """Index the modules and make their image; returns the kernel's digest."""
    run_tool(["depmod", "-b", folder, release])
    modules_image = folder / "modules.img"
    make_modules_image(folder / "lib" / "modules", modules_image)
    parts = [folder / "boot" / f"vmlinuz-{release}", modules_image]
    return content_key(*(_sha256(part) for part in parts))


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
