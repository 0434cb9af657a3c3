"""A kernel that is compiled here, from Debian's source and fragments of our own."""

import shutil
from pathlib import Path
from typing import Any

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import run_tool, tool_environment
from vexfs_provider.guest.kernel_build_tree import copy_build_tree
from vexfs_provider.guest.kernel_make import compile_tree
from vexfs_provider.guest.kernel_recipe import SourceRecipe
from vexfs_provider.guest.kernel_tree import KIND, WorkTree
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, locked

BUILD_TREE = "build"
"""The folder of an artefact that modules are built in."""

_PROGRAMS = {
    "bc": "bc",
    "bison": "bison",
    "flex": "flex",
    "gcc": "gcc",
    "ld": "binutils",
    "make": "make",
    "patch": "patch",
    "perl": "perl",
    "xz": "xz-utils",
}
_HEADERS = {"gelf.h": "libelf-dev"}


def compile_kernel(
    recipe: SourceRecipe, key: str, folder: Path, store: Store, progress: Progress
) -> dict[str, Any]:
    """Fill ``folder`` with ``boot/``, ``lib/modules/`` and ``build/``; the manifest's values.

    Goes on where an earlier attempt was cut off. Raises ``BuildError``.
    """
    check_host()
    with locked(store.root / KIND / f".{key}.lock"):
        tree = WorkTree(store, key)
        tree.prepare(recipe, progress)
        environment, objects = tree.environment(), recipe.objects
        targets = ["bzImage", "modules"]
        compile_tree(tree.linux, targets, env=environment, objects=objects, progress=progress)
        _install(tree, folder)
        return {"package": recipe.source, "release": tree.release, "version": tree.version}


def check_host() -> None:
    """Raises ``BuildError`` that names the packages which this host lacks, all at once."""
    path = tool_environment()["PATH"]
    missing = [package for tool, package in _PROGRAMS.items() if not shutil.which(tool, path=path)]
    if "gcc" not in missing:
        missing += [package for header, package in _HEADERS.items() if not _has_header(header)]
    if missing:
        packages = " ".join(missing)
        raise BuildError(
            "this host lacks what a kernel is compiled with; install it: "
            f"apt-get install {packages}"
        )


def _has_header(name: str) -> bool:
    try:
        run_tool(["gcc", "-x", "c", "-E", "-include", name, "/dev/null"])
    except BuildError:
        return False
    return True


def _install(tree: WorkTree, folder: Path) -> None:
    boot = folder / "boot"
    boot.mkdir()
    release = tree.release
    for made, name in (
        ("arch/x86/boot/bzImage", "vmlinuz"),
        (".config", "config"),
        ("System.map", "System.map"),
    ):
        shutil.copyfile(tree.linux / made, boot / f"{name}-{release}")
    into = [f"INSTALL_MOD_PATH={folder}", "INSTALL_MOD_STRIP=1"]
    run_tool(["make", *into, "modules_install"], cwd=tree.linux, env=tree.environment())
    for link in ("build", "source"):  # they lead to the tree, which goes
        (folder / "lib" / "modules" / release / link).unlink(missing_ok=True)
    copy_build_tree(tree.linux, folder / BUILD_TREE)
