"""Debian's kernels for the guest, as artefacts of the store.

An artefact holds what the image package holds (``boot/``, ``lib/modules/``, after depmod), the
packages that ``kernel_headers`` unpacks to build modules, and ``modules.img``, a read-only file
system with the modules.
"""

import hashlib
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.guest.debian import fetch_debs
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.kernel_modules import ModuleIndex
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KIND = "kernels"

_BUILDER_VERSION = 1
_MIB = 1 << 20
_HEADER_PACKAGES = ("linux-headers-", "linux-kbuild-")


@dataclass(frozen=True)
class KernelRecipe:
    """``deps/kernels/<name>.toml``: Debian's package (or meta package) and its flavour.

    ``headers`` is the package for kbuild, ``{release}`` in it the kernel's release.
    """

    description: str
    image: str
    headers: str
    flavour: str


@dataclass(frozen=True)
class Kernel:
    """A built kernel: ``release`` as in ``uname -r``, ``version`` the package's.

    ``digest`` changes with the content of the kernel or of its modules' image.
    """

    name: str
    release: str
    version: str
    folder: Path
    digest: str

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
    flavour = "cloud" if "-cloud-" in release else "generic"
    for name in list_kernels():
        series = name.partition("-")[0]
        recipe = _load_recipe(_recipe_path(name))
        if release.startswith(f"{series}.") and recipe.flavour == flavour:
            return name
    return None


def get_kernel(name: str, *, store: Store, progress: Progress) -> Kernel:
    """The kernel of a recipe, built when it is missing.

    Raises ``UsageError`` for an unknown name and ``BuildError`` when it cannot be built.
    """
    path = _recipe_path(name)
    recipe = _load_recipe(path)
    key = _key(path)

    def build(folder: Path) -> dict[str, Any]:
        return _build(recipe, folder, store, progress)

    folder = store.get(KIND, key, build, progress=progress, label=f"kernel {name}")
    return _kernel(name, folder, store.manifest(KIND, key))


def find_kernel(name: str, store: Store) -> Kernel | None:
    """The kernel of a recipe if it is built. Raises ``UsageError`` for an unknown name."""
    key = _key(_recipe_path(name))
    folder = store.find(KIND, key)
    return _kernel(name, folder, store.manifest(KIND, key)) if folder else None


def _recipe_path(name: str) -> Path:
    if name not in list_kernels():
        raise UsageError(f"kernel {name!r} is not known; allowed: {', '.join(list_kernels())}")
    return data_dir("deps") / "kernels" / f"{name}.toml"


def _load_recipe(path: Path) -> KernelRecipe:
    values = tomllib.loads(path.read_text())
    wanted = {field.name for field in fields(KernelRecipe)}
    if set(values) != wanted:
        raise UsageError(
            f"{path}: has the keys {sorted(values)}, must have exactly {sorted(wanted)}"
        )
    return KernelRecipe(**values)


def _key(recipe: Path) -> str:
    return content_key(recipe, _BUILDER_VERSION)


def _kernel(name: str, folder: Path, manifest: dict[str, Any]) -> Kernel:
    return Kernel(name, manifest["release"], manifest["version"], folder, manifest["digest"])


def _build(recipe: KernelRecipe, folder: Path, store: Store, progress: Progress) -> dict[str, Any]:
    packages = folder / "packages"
    [image] = fetch_debs([recipe.image], packages, store=store, progress=progress)
    release = image.name.removeprefix("linux-image-").removesuffix("-unsigned")
    run_tool(["dpkg-deb", "-x", image.path, folder])
    for superfluous in (packages, folder / "usr"):
        shutil.rmtree(superfluous)
    run_tool(["depmod", "-b", folder, release])
    modules_image = folder / "modules.img"
    make_modules_image(folder / "lib" / "modules", modules_image)
    headers = f"{recipe.headers.format(release=release)}={image.version}"
    _fetch_headers(headers, folder / "headers", store, progress)
    parts = [folder / "boot" / f"vmlinuz-{release}", modules_image]
    return {
        "package": image.name,
        "release": release,
        "version": image.version,
        "digest": content_key(*(_sha256(part) for part in parts)),
    }


def _fetch_headers(package: str, into: Path, store: Store, progress: Progress) -> None:
    """Fetch what kbuild needs now: the archive drops a version when a newer one comes."""
    [deb] = fetch_debs([package], into, store=store, progress=progress)
    depends = run_tool(["dpkg-deb", "-f", deb.path, "Depends"]).split(",")
    needed = [item.split()[0] for item in depends if item.strip().startswith(_HEADER_PACKAGES)]
    fetch_debs([f"{name}={deb.version}" for name in needed], into, store=store, progress=progress)


def make_modules_image(tree: Path, image: Path) -> None:
    """Make a read-only ext4 image of a folder, just large enough for it.

    Its size allows for whole blocks of 4096 bytes, 256 bytes an inode and one eighth for
    directories and tables.
    """
    paths = list(tree.rglob("*"))
    content = sum(4096 * -(-path.lstat().st_size // 4096) + 256 for path in paths)
    size_mib = (content * 9 // 8) // _MIB + 4
    features = ["-O", "^has_journal,^resize_inode", "-E", "root_owner=0:0"]
    geometry = ["-b", "4096", "-m", "0", "-N", str(len(paths) + 64)]
    content_of = ["-L", "modules", "-d", str(tree), str(image), f"{size_mib}M"]
    try:
        run_tool(["mke2fs", "-q", "-t", "ext4", *features, *geometry, *content_of])
    except BuildError as error:
        raise BuildError(f"modules' image of {size_mib} MiB for {tree}: {error}") from error


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
