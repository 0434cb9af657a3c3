"""The tree that a kernel is compiled in. It outlives a build that was cut off, so the next one goes
on: unpacked and configured once, and ``make`` knows which objects are done.

A tree is ``<store>/kernel-builds/<key of the kernel>/``; its lock is held while somebody builds.
"""

import datetime
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.debian import fetch_debs
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.kernel_config import check_config
from vexfs_provider.guest.kernel_recipe import SourceRecipe
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, write_atomically

KIND = "kernel-builds"

ROOM_MIB = 6144
"""For the source, its objects and the artefact."""

# What a developer of kernels may have set for other trees, and an outer make's options.
_NOT_OURS = ("CROSS_COMPILE", "KBUILD_OUTPUT", "KCFLAGS", "LOCALVERSION")
_OF_MAKE = ("GNUMAKEFLAGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")


class WorkTree:
    """The tree of one kernel. Its user holds the lock ``<store>/kernel-builds/.<key>.lock``."""

    def __init__(self, store: Store, key: str):
        self._store = store
        self.root = store.path(KIND, key)
        self.linux = self.root / "linux"
        self._unpacked = self.root / "source.json"
        self._configured = self.root / "configured"

    @property
    def version(self) -> str:
        """The version of the source package."""
        return str(json.loads(self._unpacked.read_text())["version"])

    @property
    def release(self) -> str:
        """As ``uname -r`` will print it, once the tree has been configured."""
        return run_tool(
            ["make", "-s", "kernelrelease"], cwd=self.linux, env=self.environment()
        ).strip()

    def environment(self) -> Mapping[str, str]:
        """What ``make`` gets: nothing of this machine or this hour enters the kernel."""
        packed = (self.linux / "Makefile").stat().st_mtime
        made = datetime.datetime.fromtimestamp(packed, datetime.UTC)
        return {
            **dict.fromkeys((*_NOT_OURS, *_OF_MAKE), ""),
            "ARCH": "x86",
            "KBUILD_BUILD_USER": "vexfs",
            "KBUILD_BUILD_HOST": "vexfs",
            "KBUILD_BUILD_TIMESTAMP": made.strftime("%a %b %d %H:%M:%S UTC %Y"),
        }

    def prepare(self, recipe: SourceRecipe, progress: Progress) -> None:
        """Unpack, patch and configure what is not yet. Raises ``BuildError``."""
        if not self._unpacked.is_file():
            self._unpack(recipe, progress)
        if not self._configured.is_file():
            with progress.task("configuring the kernel"):
                self._configure(recipe)

    def _unpack(self, recipe: SourceRecipe, progress: Progress) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        free = shutil.disk_usage(self.root).free >> 20
        if free < ROOM_MIB:
            raise BuildError(
                f"{free} MiB are free for {self.root}, {ROOM_MIB} MiB are needed to compile a "
                "kernel; avocado vexfs guest prune makes room"
            )
        package = self.root / "package"
        [deb] = fetch_debs([recipe.source], package, store=self._store, progress=progress)
        with progress.task(f"unpacking {deb.name} {deb.version}"):
            run_tool(["dpkg-deb", "-x", deb.path, package])
            [archive] = package.glob("usr/src/*.tar.xz")
            self.linux.mkdir()
            extract = ["tar", "-x", "--no-same-owner", "--strip-components=1", "-f"]
            run_tool([*extract, archive], cwd=self.linux)
            for patch in recipe.patch_files:
                run_tool(["patch", "-p1", "--batch", "--forward", "-i", patch], cwd=self.linux)
        shutil.rmtree(package)
        write_atomically(self._unpacked, json.dumps({"source": deb.name, "version": deb.version}))

    def _configure(self, recipe: SourceRecipe) -> None:
        environment = self.environment()
        run_tool(["make", *recipe.targets], cwd=self.linux, env=environment)
        merge = ["sh", "scripts/kconfig/merge_config.sh", "-m", ".config"]
        run_tool([*merge, *recipe.fragments], cwd=self.linux, env=environment)
        run_tool(["make", "olddefconfig"], cwd=self.linux, env=environment)
        check_config((self.linux / ".config").read_text(), recipe.fragments)
        self._configured.touch()


def find_trees(store: Store) -> dict[str, Path]:
    """The trees of builds that were cut off, or that run now, by key."""
    return {path.name: path for path in sorted((store.root / KIND).glob("[!.]*"))}
