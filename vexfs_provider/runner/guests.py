"""What ``avocado vexfs guest`` does: what guests are started from, and what it leaves behind."""

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.guest import image, kernel, kernel_tree, snapshot
from vexfs_provider.guest.accelerator import resolve_accelerator
from vexfs_provider.guest.launch import GuestSpec, GuestStart, start_guest
from vexfs_provider.guest.recipe import list_recipes
from vexfs_provider.guest.shape import Shape
from vexfs_provider.isolation.runs import running
from vexfs_provider.progress import Progress
from vexfs_provider.settings import Settings
from vexfs_provider.store import MANIFEST, Store
from vexfs_provider.workloads import xfstests_tree


@dataclass(frozen=True)
class Artefact:
    """One thing in the store; ``size_mib`` is what it takes on disk, holes not counted."""

    kind: str
    key: str
    label: str
    size_mib: int
    build_s: float


def build(
    recipe: str, kernel_name: str, *, settings: Settings, store: Store, progress: Progress
) -> GuestStart:
    """Build image, kernel and warm snapshot of the default machine; returns how a fork came up.

    Raises ``UsageError`` for an unknown name, ``BuildError`` and ``GuestError`` as they come.
    """
    accelerator = resolve_accelerator("auto", store=store, progress=progress)
    spec = GuestSpec(
        recipe=recipe,
        kernel=kernel_name,
        shape=Shape(accelerator=accelerator),
        start="warm",
        recipes=settings.recipe_folder,
    )
    with running() as run, tempfile.TemporaryDirectory(prefix="vexfs-build-") as folder:
        guest, start = start_guest(
            spec, run, Path(folder), name="build", store=store, progress=progress
        )
        guest.close()
    return start


def listing(store: Store) -> list[Artefact]:
    """Everything that is built, by kind, newest first, and kernels that are compiled in part."""
    kinds = sorted({path.parts[-3] for path in store.root.glob(f"*/*/{MANIFEST}")})
    built = [_describe(store, kind, key) for kind in kinds for key in store.keys(kind)]
    return built + _trees(store)


def _trees(store: Store) -> list[Artefact]:
    return [
        Artefact(kernel_tree.KIND, key, f"partly compiled kernel {key}", _size(tree) >> 20, 0.0)
        for key, tree in kernel_tree.find_trees(store).items()
    ]


def stale(*, settings: Settings, store: Store) -> list[Artefact]:
    """Images and kernels that no recipe leads to any more, and all but the newest snapshots.

    Kernels that are compiled in part are among them, and all but the newest image of an xfstests
    tree. A snapshot's successor is one of the same guest, kernel and machine.
    """
    images = [
        image.find_image(name, store=store, recipes=settings.recipe_folder)
        for name in list_recipes(settings.recipe_folder)
    ]
    keys = set(kernel.kernel_keys())
    wanted = {
        image.KIND: {found.key for found in images if found},
        kernel.KIND: keys,
        snapshot.KIND: _newest_snapshots(store),
        xfstests_tree.KIND: set(store.keys(xfstests_tree.KIND)[:1]),
    }
    built = [
        _describe(store, kind, key)
        for kind, keys in wanted.items()
        for key in store.keys(kind)
        if key not in keys
    ]
    return built + [tree for tree in _trees(store) if tree.key not in wanted[kernel.KIND]]


def table(artefacts: list[Artefact], store: Store) -> str:
    """The list for people."""
    lines = [f"{a.label:<56} {a.size_mib:>7} MiB  built in {a.build_s:>6.1f} s" for a in artefacts]
    free = shutil.disk_usage(store.root if store.root.exists() else Path.home()).free >> 20
    total = sum(artefact.size_mib for artefact in artefacts)
    return "\n".join([*lines, f"{total} MiB in {store.root}, {free} MiB free there"])


def _newest_snapshots(store: Store) -> set[str]:
    newest: dict[str, str] = {}
    for manifest in snapshot.list_snapshots(store):  # newest first
        what = str([manifest.get("recipe"), manifest.get("kernel"), manifest.get("shape")])
        newest.setdefault(what, manifest["key"])
    return set(newest.values())


def _describe(store: Store, kind: str, key: str) -> Artefact:
    manifest = store.manifest(kind, key)
    size = _size(store.path(kind, key))
    label = _snapshot_label(manifest) if kind == snapshot.KIND else manifest["label"]
    return Artefact(kind, key, label, size >> 20, manifest["build_s"])


def _size(folder: Path) -> int:
    """The bytes that a folder takes on disk; files can go while they are counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
    return total


def _snapshot_label(manifest: dict[str, Any]) -> str:
    shape = manifest["shape"]
    machine = f"{shape['memory_mib']} MiB, {shape['smp']} CPUs, {shape['accelerator']}"
    return f"warm {manifest.get('recipe')}, kernel {manifest.get('kernel')}, {machine}"
