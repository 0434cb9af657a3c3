"""Root filesystem images, built from recipes and kept in the store by content."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.debian import SUITE, apt_sources
from vexfs_provider.guest.hosttool import run_tool, stop_tool, tool_environment
from vexfs_provider.guest.recipe import Recipe, load_recipe, verify_tarball
from vexfs_provider.isolation.runs import running
from vexfs_provider.isolation.sandbox import die_with_parent
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KIND = "images"
BUILDER_VERSION = 1  # raise it when the same recipe gives a different image
ROOM_MIB = 3072  # for the archive and the extracted tree
LEFT_OUT = (
    "./dev/*",
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/locale/*",
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
)
# Extracted and packed in one shell, so that fakeroot remembers owners when we are not root.
# 64 MiB and a quarter of slack: ext4's own tables, and room for a writable mount of the image.
PACK = """
set -e
mkdir tree
tar -C tree -xf "$1" {exclusions}
mkdir -p tree/dev tree/proc tree/sys tree/run tree/tmp tree/mnt tree/root tree/lib/modules
megabytes=$(du -sm --apparent-size tree | cut -f1)
mke2fs -q -F -t ext4 -O ^has_journal -m 0 -L vexfs-root -d tree "$2" \
    $((megabytes * 5 / 4 + 64))M
"""


@dataclass(frozen=True)
class Image:
    """A built root filesystem. ``digest`` is the SHA-256 of the image file."""

    recipe: str
    key: str
    folder: Path
    digest: str
    packages: tuple[str, ...]

    @property
    def root(self) -> Path:
        return self.folder / "root.img"


def image_key(recipe: Recipe) -> str:
    """The store's key of a recipe's image."""
    return content_key(recipe.kind, recipe.values, BUILDER_VERSION)


def find_image(name: str, *, store: Store, recipes: Path | None = None) -> Image | None:
    """The image of recipe ``name`` if it is built and up to date."""
    recipe = load_recipe(name, recipes)
    key = image_key(recipe)
    return _describe(recipe, key, store) if store.find(KIND, key) else None


def get_image(name: str, *, store: Store, progress: Progress, recipes: Path | None = None) -> Image:
    """The image of recipe ``name``, built when missing or when the recipe has changed.

    Raises ``UsageError`` for a bad recipe and ``BuildError`` with the tool's last words.
    """
    recipe = load_recipe(name, recipes)
    key = image_key(recipe)
    label = f"guest image {name}"
    store.get(
        KIND, key, lambda folder: _build(recipe, folder, progress), progress=progress, label=label
    )
    return _describe(recipe, key, store)


def _describe(recipe: Recipe, key: str, store: Store) -> Image:
    manifest = store.manifest(KIND, key)
    packages = tuple(manifest["packages"])
    return Image(recipe.name, key, store.path(KIND, key), manifest["sha256"], packages)


def _build(recipe: Recipe, folder: Path, progress: Progress) -> dict[str, Any]:
    with (
        running() as run,
        tempfile.TemporaryDirectory(prefix="vexfs-image-", dir=build_room()) as work,
    ):
        run.adopt_folder(Path(work))
        os.chmod(work, 0o755)  # unprivileged, mmdebstrap works there as another of our user ids
        if recipe.kind == "tarball":
            verify_tarball(recipe)
            archive = recipe.tarball.resolve()
        else:
            archive = Path(work) / "root.tar"
            _mmdebstrap(recipe, archive, progress)
        packages = _pack(archive, folder / "root.img", Path(work))
    with open(folder / "root.img", "rb") as image:
        digest = hashlib.file_digest(image, "sha256").hexdigest()
    return {"recipe": recipe.name, "sha256": digest, "packages": packages}


def build_room() -> Path:
    """Where trees are laid out: TMPDIR if set, else memory if it has room, else the temp folder."""
    if os.environ.get("TMPDIR"):
        return Path(os.environ["TMPDIR"])
    shm = Path("/dev/shm")
    if shm.is_dir() and shutil.disk_usage(shm).free > ROOM_MIB << 20:
        return shm
    return Path(tempfile.gettempdir())


def _mmdebstrap(recipe: Recipe, archive: Path, progress: Progress) -> None:
    values = recipe.values
    # As root it mounts /proc and more into its tree; in namespaces of its own these and all its
    # processes go with it, however it ends. Unprivileged it makes such namespaces itself.
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--"]
    private = namespaces if os.geteuid() == 0 else []
    sources = archive.with_name("sources.list")
    sources.write_text(apt_sources())
    command = [
        *private,
        "mmdebstrap",
        f"--variant={values['variant']}",
        f"--include={','.join(values['packages'])}",
        SUITE,
        str(archive),
        str(sources),
    ]
    environment = tool_environment({"TMPDIR": str(archive.parent)})
    process = subprocess.Popen(
        die_with_parent(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,  # Ctrl-C goes to us; we stop it in order
    )
    try:
        words = _follow(process.stderr, progress)
        status = process.wait()
    except BaseException:
        stop_tool(process)  # mmdebstrap unmounts and removes its chroot first
        raise
    if status != 0:
        raise BuildError(f"mmdebstrap ended with status {status}: {' | '.join(words[-8:])}")


def _follow(stream: Any, progress: Progress) -> list[str]:
    """Show mmdebstrap's stages as they come; returns all its lines."""
    lines = []
    for raw in stream:
        line = raw.strip()
        lines.append(line)
        if line.startswith("I: "):
            progress.say(f"  {line[3:]}")
    return lines


def _pack(archive: Path, image: Path, work: Path) -> list[str]:
    exclusions = " ".join(f"--exclude='{pattern}'" for pattern in LEFT_OUT)
    script = PACK.replace("{exclusions}", exclusions)
    (work / "pack.sh").write_text(script)
    prefix = [] if os.geteuid() == 0 else ["fakeroot", "--"]
    run_tool([*prefix, "sh", "pack.sh", archive, image.resolve()], cwd=work)
    status = work / "tree/var/lib/dpkg/status"
    return _installed(status.read_text()) if status.is_file() else []


def _installed(status: str) -> list[str]:
    """``name=version`` of every package in a dpkg status file."""
    packages = []
    for block in status.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "Package" in fields:
            packages.append(f"{fields['Package']}={fields.get('Version', '')}")
    return packages
