"""What the tests need of this machine: found, missing or not proved, and what mends it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from vexfs_provider.errors import InfrastructureError, VexfsError
from vexfs_provider.filesystems.catalogue import load_profiles
from vexfs_provider.guest.accelerator import probe
from vexfs_provider.guest.hosttool import tool_environment
from vexfs_provider.guest.image import build_room, find_image
from vexfs_provider.guest.kernel import find_kernel
from vexfs_provider.guest.module import build_command, list_modules
from vexfs_provider.guest.snapshot import list_snapshots
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import SILENT
from vexfs_provider.runner import registration
from vexfs_provider.settings import load_settings
from vexfs_provider.store import Store

FOUND, MISSING, UNPROVED = "found", "missing", "unproved"
SETUP, BUILD = "avocado vexfs setup", "avocado vexfs guest build"
MEMORY_MIB = 1024
"""For one guest of 512 MiB, its QEMU and the test's own process."""
DISK_MIB = 4096
"""For an image, two kernels with headers and a snapshot."""

PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "depmod": "kmod",
    "busybox": "busybox-static",
    "gcc": "gcc",
    "make": "make",
    "patch": "patch",
    "as": "binutils",
    # Avocado-VT asks for these whatever a test does.
    "tcpdump": "tcpdump",
    "nc": "netcat-openbsd",
    "ip": "iproute2",
    "arping": "iputils-arping",
    "diff": "diffutils",
    "xz": "xz-utils",
}
"""Program to the Debian package that holds it."""


@dataclass(frozen=True)
class Need:
    """One need; ``mend`` is a command, empty where all is well or a person must decide."""

    name: str
    state: str
    detail: str
    mend: str = ""
    required: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(store: Store | None = None) -> list[Need]:
    """Every need, in the order in which they are to be mended. Takes seconds on the first run."""
    store = store or Store()
    checks: list[Callable[[Store], Iterator[Need]]] = [
        _programs,
        _accelerator,
        _memory,
        _room,
        _registration,
        _guest,
        _modules,
    ]
    return [need for check in checks for need in check(store)]


def exit_code(needs: list[Need]) -> int:
    """0, or the code of missing infrastructure if a required need is not found."""
    lacking = any(need.required and need.state != FOUND for need in needs)
    return InfrastructureError.exit_code if lacking else 0


def table(needs: list[Need]) -> str:
    """The needs for people, a line each, with the mending command below."""
    lines = []
    for need in needs:
        lines.append(f"{need.state:<9} {need.name:<22} {need.detail}")
        if need.mend and need.state != FOUND:
            lines.append(f"{'':<9} {'':<22} -> {need.mend}")
    return "\n".join(lines)


def _programs(_store: Store) -> Iterator[Need]:
    path = tool_environment()["PATH"]
    for program, package in PROGRAMS.items():
        found = shutil.which(program, path=path)
        state = FOUND if found else MISSING
        yield Need(program, state, found or f"package {package}", f"apt-get install {package}")


def _accelerator(store: Store) -> Iterator[Need]:
    try:
        proofs = probe(store=store, progress=SILENT)
    except VexfsError as error:
        yield Need("accelerator", UNPROVED, str(error), str(data_dir("deps") / "install-host.sh"))
        return
    for proof in proofs:
        detail = "proved by booting" if proof.works else proof.detail
        required = proof.accelerator == "tcg"  # KVM only makes it faster
        state = FOUND if proof.works else MISSING
        yield Need(f"accelerator {proof.accelerator}", state, detail, required=required)


def _memory(_store: Store) -> Iterator[Need]:
    free = psutil.virtual_memory().available >> 20
    detail = f"{free} MiB available; a guest needs {MEMORY_MIB} MiB"
    yield Need("memory", FOUND if free >= MEMORY_MIB else MISSING, detail)


def _room(store: Store) -> Iterator[Need]:
    for name, place in (("disk room", store.root), ("room to build in", build_room())):
        free = shutil.disk_usage(_existing(place)).free >> 20
        detail = f"{free} MiB free for {place}; {DISK_MIB} MiB are enough"
        mend = (
            "avocado vexfs guest prune" if place == store.root else "set TMPDIR to a larger place"
        )
        yield Need(name, FOUND if free >= DISK_MIB else MISSING, detail, mend)


def _registration(_store: Store) -> Iterator[Need]:
    if registration.is_fresh():
        yield Need("registration", FOUND, str(registration.ini_path()))
    else:
        yield Need("registration", MISSING, "Avocado-VT does not list our tests as they are", SETUP)


def _guest(store: Store) -> Iterator[Need]:
    settings = load_settings()
    image = find_image("debian12", store=store, recipes=settings.recipe_folder)
    state = FOUND if image else MISSING
    yield Need("guest image debian12", state, str(image.root) if image else "not built", BUILD)
    for name, required in (("6.1", True), ("6.12", False), ("debug", False)):
        kernel = find_kernel(name, store)
        state, detail = (FOUND, kernel.release) if kernel else (MISSING, "not built")
        yield Need(f"kernel {name}", state, detail, f"{BUILD} --kernel {name}", required)
    snapshots = list_snapshots(store)
    state = FOUND if snapshots else MISSING
    detail = f"{len(snapshots)} saved" if snapshots else "the first test of each kind boots cold"
    yield Need("warm snapshots", state, detail, BUILD, required=False)


def _modules(store: Store) -> Iterator[Need]:
    built = list_modules(store)
    for module in built:
        yield Need(f"module {module.name}", FOUND, f"for kernel {module.kernel_release}")
    names = {module.name for module in built}
    for profile in load_profiles(load_settings().profile_folders).values():
        if profile.module and profile.module.name not in names:
            mend = build_command(profile.module.name, "6.1", profile.module.tools)
            detail = f"no module {profile.module.name!r}: its tests are cancelled"
            yield Need(f"filesystem {profile.name}", MISSING, detail, mend, required=False)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
