"""Registers the provider with Avocado-VT, keeps the registration fresh, and undoes it.

Avocado-VT walks a provider's tree: every ``*.cfg`` in it becomes a subtest, every folder and its
parent go on ``sys.path``, and links to folders are followed only one level below the root. So what
is registered is not the checkout but a small generated root, alone in its parent::

    <data>/vexfs/registered/provider/tests/{cfg,src}  ->  the package's own tests/{cfg,src}

Avocado-VT copies the text of the Cartesian files into ``subtests.cfg``; ``refresh`` makes that copy
again when they changed.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from virttest import bootstrap

from vexfs_provider.errors import InfrastructureError
from vexfs_provider.paths import data_dir
from vexfs_provider.runner import guest_os, vt_data
from vexfs_provider.store import content_key, locked, write_atomically

PROVIDER = "vexfs"
"""The provider's name is its ini file's name, and so the first part of every test's name."""


@dataclass
class _State:
    """What an earlier setup did, kept in ``setup.json``."""

    created: list[str] = field(default_factory=list)
    sources: str = ""


def ini_path() -> Path:
    """The file by which Avocado-VT knows the provider."""
    return vt_data.providers_dir() / f"{PROVIDER}.ini"


def register() -> list[str]:
    """Register the provider; returns what was changed, one line each (nothing: all was well).

    Raises ``InfrastructureError`` when Avocado's data directory cannot be written.
    """
    with _exclusive():
        state = _load_state()
        created = vt_data.create_missing()
        files = [path for path in created if not path.is_dir()]
        changes = [f"created {len(files)} files of Avocado-VT in {vt_data.root()}"] if files else []
        if created:
            _save_state(_State([*state.created, *map(str, created)], state.sources))
        return changes + _update()


def is_fresh() -> bool:
    """Whether Avocado-VT lists our tests as they are now."""
    return not (_links_stale() or _subtests_stale()) and guest_os.is_present()


def refresh() -> list[str]:
    """Bring an existing registration up to date; returns what was changed, as ``register``."""
    if not ini_path().exists() or is_fresh():
        return []
    with _exclusive():
        return _update()


def remove() -> list[str]:
    """Undo ``register``; returns what was changed.

    Avocado-VT's own files in the data directory go too if we made them, unless another provider
    that needs them was registered meanwhile.
    """
    if not _home().exists():
        return []
    with _exclusive():
        state = _load_state()
        ini_path().unlink(missing_ok=True)
        shutil.rmtree(_home())
        changes = [f"unregistered {PROVIDER}: removed {ini_path()} and {_home()}"]
        if state.created and not any(vt_data.providers_dir().glob("*.ini")):
            vt_data.remove_created([Path(path) for path in state.created])
            changes.append(f"removed the files of Avocado-VT that setup made in {vt_data.root()}")
        if guest_os.path().exists():
            guest_os.remove()
        if _subtests().exists():
            _write_subtests()
            changes.append(f"regenerated {_subtests()} without {PROVIDER}")
    return changes


def _update() -> list[str]:
    changes = []
    if _link_root():
        changes.append(f"registered {PROVIDER}: {ini_path()}")
    if not guest_os.is_present():
        guest_os.add()
        changes.append(f"added guest operating systems to {guest_os.path()}")
    if _subtests_stale():
        _write_subtests()
        state = _load_state()
        _save_state(_State(state.created, _sources_key()))
        changes.append(f"regenerated {_subtests()}")
    return changes


def _subtests_stale() -> bool:
    return (
        _load_state().sources != _sources_key()
        or not _subtests().exists()
        or f"- {PROVIDER}." not in _subtests().read_text()
    )


def _write_subtests() -> None:
    bootstrap.create_subtests_cfg(vt_data.VT_TYPE)


def _subtests() -> Path:
    return vt_data.cfg_dir() / "subtests.cfg"


def _links() -> dict[Path, Path]:
    tests = _root() / "tests"
    return {tests / name: data_dir("tests") / name for name in ("cfg", "src")}


def _links_stale() -> bool:
    linked = all(
        link.is_symlink() and link.readlink() == target for link, target in _links().items()
    )
    return not (linked and ini_path().exists() and ini_path().read_text() == _ini_text())


def _link_root() -> bool:
    """Make the generated root and its ini file; False if they are there already."""
    if not _links_stale():
        return False
    shutil.rmtree(_root(), ignore_errors=True)
    for link, target in _links().items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    write_atomically(ini_path(), _ini_text())
    return True


def _ini_text() -> str:
    # subdir is empty: "tests/" yields no test, "./" crashes Avocado-VT's own bootstrap.
    return f"[provider]\nuri: file://{_root()}\n[qemu]\nsubdir:\n"


def _home() -> Path:
    return vt_data.root() / "vexfs"


def _root() -> Path:
    return _home() / "registered" / "provider"


def _sources_key() -> str:
    files = sorted((data_dir("tests") / "cfg").glob("*.cfg"))
    return content_key([file.name for file in files], *files)


def _load_state() -> _State:
    path = _home() / "setup.json"
    return _State(**json.loads(path.read_text())) if path.exists() else _State()


def _save_state(state: _State) -> None:
    write_atomically(_home() / "setup.json", json.dumps(vars(state), indent=1))


@contextlib.contextmanager
def _exclusive() -> Iterator[None]:
    """Keep other setups out, and turn a data directory that refuses us into our own error."""
    try:
        with locked(_home() / "lock"):
            yield
    except OSError as error:
        raise InfrastructureError(
            f"cannot change Avocado's data directory {vt_data.root()}: {error.strerror} "
            f"({error.filename or os.fspath(_home())}); choose another with "
            "'avocado vexfs setup --data-dir DIR'"
        ) from error
