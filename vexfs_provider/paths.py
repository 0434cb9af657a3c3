"""Where things lie: the shipped data (checkout or wheel) and the cache of heavy artefacts."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """The shipped folder ``name`` (``deps``, ``shared`` or ``tests``).

    In a checkout these stand beside the package; a wheel carries them as package data.
    """
    for base in (_PACKAGE / "data", _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(
        f"the package is incomplete: no folder {name!r} in or beside {_PACKAGE}"
    )


def cache_root() -> Path:
    """``$XDG_CACHE_HOME/vexfs-provider``: images, kernels, snapshots, modules; safe to delete."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vexfs-provider"


def runtime_root() -> Path:
    """A folder for sockets and run records; short, since a UNIX socket's path has 107 bytes."""
    base = os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/vexfs-{os.getuid()}"
    return Path(base) / "vexfs"
