"""A kernel that Debian has compiled: unpacked from its package, with what modules need."""

import shutil
from pathlib import Path
from typing import Any

from vexfs_provider.guest.debian import fetch_debs
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.kernel_recipe import PackageRecipe
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

_HEADER_PACKAGES = ("linux-headers-", "linux-kbuild-")


def unpack_kernel(
    recipe: PackageRecipe, folder: Path, store: Store, progress: Progress
) -> dict[str, Any]:
    """Fill ``folder`` with ``boot/``, ``lib/modules/`` and ``headers/``; the manifest's values."""
    packages = folder / "packages"
    [image] = fetch_debs([recipe.image], packages, store=store, progress=progress)
    release = image.name.removeprefix("linux-image-").removesuffix("-unsigned")
    run_tool(["dpkg-deb", "-x", image.path, folder])
    for superfluous in (packages, folder / "usr"):
        shutil.rmtree(superfluous)
    headers = f"{recipe.headers.format(release=release)}={image.version}"
    _fetch_headers(headers, folder / "headers", store, progress)
    return {"package": image.name, "release": release, "version": image.version}


def _fetch_headers(package: str, into: Path, store: Store, progress: Progress) -> None:
    """Fetch what kbuild needs now: the archive drops a version when a newer one comes."""
    [deb] = fetch_debs([package], into, store=store, progress=progress)
    depends = run_tool(["dpkg-deb", "-f", deb.path, "Depends"]).split(",")
    needed = [item.split()[0] for item in depends if item.strip().startswith(_HEADER_PACKAGES)]
    fetch_debs([f"{name}={deb.version}" for name in needed], into, store=store, progress=progress)
