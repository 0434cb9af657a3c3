"""A store of heavy artefacts, keyed by the content that shapes them.

An artefact is a folder ``<root>/<kind>/<key>/``. It is built in a hidden folder beside its final
place and renamed when complete, so a reader never sees half of one, and a lock file a key makes two
processes that want the same artefact build it once. ``artefact.json`` inside says how it was made.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vexfs_provider.errors import BuildError, VexfsError
from vexfs_provider.paths import cache_root
from vexfs_provider.progress import Progress

MANIFEST = "artefact.json"

Builder = Callable[[Path], dict[str, Any] | None]
"""Fills the folder it is given; what it returns is added to the manifest."""


def content_key(*parts: object) -> str:
    """A short stable digest of ``parts`` (JSON values, bytes, or files given as ``Path``)."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            piece = part.read_bytes()
        elif isinstance(part, bytes):
            piece = part
        else:
            piece = json.dumps(part, sort_keys=True).encode()
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold an advisory lock on ``path`` (made if missing); freed by the kernel if we die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a file so that a reader sees the old or the new content, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if isinstance(data, str):
            temporary.write_text(data)
        else:
            temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


class Store:
    """The artefacts under one root folder (by default the user's cache)."""

    def __init__(self, root: Path | None = None):
        self.root = root or cache_root()

    def path(self, kind: str, key: str) -> Path:
        return self.root / kind / key

    def find(self, kind: str, key: str) -> Path | None:
        """The artefact's folder if it is complete, else None."""
        path = self.path(kind, key)
        return path if (path / MANIFEST).is_file() else None

    def manifest(self, kind: str, key: str) -> dict[str, Any]:
        return json.loads((self.path(kind, key) / MANIFEST).read_text())

    def keys(self, kind: str) -> list[str]:
        """Keys of the complete artefacts of a kind, newest first."""
        found = list((self.root / kind).glob(f"*/{MANIFEST}"))
        return [m.parent.name for m in sorted(found, key=lambda m: m.stat().st_mtime, reverse=True)]

    def get(
        self, kind: str, key: str, builder: Builder, *, progress: Progress, label: str = ""
    ) -> Path:
        """The artefact's folder, built first if it is missing.

        Raises ``BuildError`` when the builder fails; what it had written is removed.
        """
        found = self.find(kind, key)
        if found:
            return found
        with locked(self.root / kind / f".{key}.lock"):
            found = self.find(kind, key)  # another process may have built it while we waited
            return found or self._build(kind, key, builder, progress, label or f"{kind} {key}")

    def _build(self, kind: str, key: str, builder: Builder, progress: Progress, label: str) -> Path:
        final = self.path(kind, key)
        work = final.parent / f".{key}.building"
        self._discard(work)  # left by a builder that was killed; we hold its lock
        self._discard(final)
        started = time.monotonic()
        try:
            work.mkdir(parents=True)
            with progress.task(f"building {label}"):
                extra = builder(work) or {}
            seconds = round(time.monotonic() - started, 2)
            manifest = {"kind": kind, "key": key, "label": label, "build_s": seconds, **extra}
            write_atomically(work / MANIFEST, json.dumps(manifest, indent=1))
            os.rename(work, final)
        except VexfsError:
            raise
        except (OSError, ValueError) as error:
            raise BuildError(f"cannot build {label} in {self.root}: {error}") from error
        finally:
            self._discard(work)
        return final

    def remove(self, kind: str, key: str) -> None:
        """Remove an artefact; one that is being built by somebody is waited for."""
        with locked(self.root / kind / f".{key}.lock"):
            self._discard(self.path(kind, key))

    @staticmethod
    def _discard(path: Path) -> None:
        if path.exists():
            shutil.rmtree(path)
