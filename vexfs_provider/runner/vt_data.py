"""Avocado-VT's data directory: what ``avocado vt-bootstrap`` would make there, offline.

Only what is missing is made, so a file that somebody edited is never touched. The stock command is
not used for it: it overwrites edited files, asks for programs that listing tests does not need, and
leaves ``downloads/`` missing, without which Avocado-VT refuses to load.
"""

import filecmp
import shutil
from collections.abc import Callable
from pathlib import Path

from virttest import bootstrap, data_dir

VT_TYPE = "qemu"
FOLDERS = ("images", "isos", "steps_data", "gpg", "downloads")


def root() -> Path:
    """Avocado-VT's part of Avocado's data directory."""
    return Path(data_dir.get_data_dir())


def providers_dir() -> Path:
    """Where the ``.ini`` files of the test providers lie."""
    return Path(data_dir.get_test_providers_dir())


def cfg_dir() -> Path:
    """Where the generated and copied Cartesian files of the QEMU backend lie."""
    return Path(data_dir.get_local_backend_dir()) / VT_TYPE / "cfg"


def create_missing() -> list[Path]:
    """Make what is missing; returns the new files and folders, a folder before its content."""
    created: list[Path] = []
    for folder in [root() / name for name in FOLDERS] + [cfg_dir()]:
        created += _make_folder(folder)
    # Avocado-VT takes an empty folder for "not bootstrapped".
    downloads = providers_dir() / "downloads"
    created += _make_folder(downloads)
    if not any(downloads.iterdir()):
        (downloads / ".keep").touch()
        created.append(downloads / ".keep")
    for target, source in stock_files().items():
        if not target.exists():
            shutil.copyfile(source, target)
            created.append(target)
    generators: dict[str, Callable[[], None]] = {
        "host.cfg": lambda: bootstrap.create_host_os_cfg({"vt.type": VT_TYPE}),
        "guest-os.cfg": lambda: bootstrap.create_guest_os_cfg(VT_TYPE),
        "subtests.cfg": lambda: bootstrap.create_subtests_cfg(VT_TYPE),
    }
    for name, generate in generators.items():
        if not (cfg_dir() / name).exists():
            generate()
            created.append(cfg_dir() / name)
    return created


def remove_created(created: list[Path]) -> None:
    """Remove what ``create_missing`` returned, except copies edited since and folders in use."""
    sources = stock_files()
    for path in reversed(created):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in sources or filecmp.cmp(path, sources[path], shallow=False):
            path.unlink(missing_ok=True)
    if not any(root().iterdir()):
        root().rmdir()


def stock_files() -> dict[Path, Path]:
    """The Cartesian files that Avocado-VT ships and wants copied: target to source."""
    shared = Path(data_dir.get_shared_dir()) / "cfg"
    backend = Path(data_dir.get_base_backend_dir()) / VT_TYPE / "cfg"
    # The backend's own file wins over a shared one of the same name.
    sources = [*sorted(shared.glob("*.cfg")), *sorted(backend.glob("*.cfg"))]
    return {cfg_dir() / source.name: source for source in sources}


def _make_folder(folder: Path) -> list[Path]:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]
