"""The probes of capabilities, on this host's filesystem: each sees a planted absence."""

import errno
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vexfs_provider.filesystems.capabilities import CAPABILITIES, NOT_PROBED
from vexfs_provider.filesystems.catalogue import load_profiles
from vexfs_provider.paths import data_dir

Plant = Callable[..., Any]


@pytest.fixture(autouse=True)
def guest_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))


def code(name: str) -> ModuleType:
    return importlib.import_module(name)


def probe(folder: Path, name: str) -> dict[str, Any]:
    return code("capabilities").probe(str(folder), [name])[name]


def present_here(tmp_path: Path, name: str) -> None:
    """Skip the test where this host's own filesystem, or user, cannot do it."""
    seen = probe(tmp_path / "control", name)
    if not seen["present"]:
        pytest.skip(f"this host: {seen['detail']}")


def test_each_capability_is_probed_or_explained():
    assert code("capabilities").PROBES.keys() | NOT_PROBED.keys() == CAPABILITIES.keys()
    assert not code("capabilities").PROBES.keys() & NOT_PROBED.keys()


def test_built_in_profiles_claim_what_every_probe_needs():
    """A filesystem that claims a mode of fallocate without fallocate itself is a slip."""
    modes = {"punch_hole", "zero_range", "collapse_range", "insert_range"}
    for profile in load_profiles().values():
        assert "fallocate" in profile.capabilities or not modes & profile.capabilities


def test_a_failing_call_is_named_by_its_errno(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "refused")

    monkeypatch.setattr(os, "symlink", refuse)
    seen = probe(tmp_path, "symlink")
    assert seen == {"present": False, "detail": "EPERM (Operation not permitted)"}


def test_a_bug_of_a_probe_is_not_an_absence(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "symlink", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        probe(tmp_path, "symlink")


def copy(source: str, target: str) -> None:
    Path(target).write_bytes(Path(source).read_bytes())


def rename(old: str, new: str, flags: int) -> None:
    os.rename(old, new)


def nothing(*_: object, **__: object) -> None:
    return None


@pytest.mark.parametrize(
    ("name", "planted", "detail"),
    [
        ("symlink", ("os", "symlink", lambda _, link: Path(link).touch()), "EINVAL"),
        ("hardlink", ("os", "link", copy), "different files"),
        ("user_xattr", ("os", "removexattr", nothing), "still there after removexattr"),
        ("unlinked_open", ("os", "unlink", nothing), "the name is still there"),
        (
            "rename_noreplace",
            ("syscalls", "renameat2", rename),
            "replaced",
        ),
        ("rename_exchange", ("syscalls", "renameat2", nothing), "not exchanged"),
        ("rename_whiteout", ("syscalls", "renameat2", rename), "whiteout"),
        ("o_tmpfile", ("syscalls", "link_descriptor", nothing), "ENOENT"),
        ("statx_btime", ("syscalls", "birth_time_ns", nothing), "no time of birth"),
        ("fallocate", ("syscalls", "fallocate", nothing), "the size is 0"),
        ("punch_hole", ("syscalls", "fallocate", nothing), "read from the cache"),
        ("zero_range", ("syscalls", "fallocate", nothing), "read from the cache"),
        ("collapse_range", ("syscalls", "fallocate", nothing), "the size is 24576, expected 16384"),
        ("insert_range", ("syscalls", "fallocate", nothing), "the size is 24576, expected 32768"),
        ("large_files", ("os", "pread", lambda *_: b""), "4 GiB apart"),
        ("indirect_blocks", ("os", "pread", lambda *_: b"short"), "5 bytes are read of 1048576"),
        ("inode_flags", ("syscalls", "set_flags", nothing), "an immutable file is opened"),
    ],
)
def test_a_call_without_its_effect_is_an_absence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    planted: tuple[str, str, Plant],
    detail: str,
) -> None:
    if name not in ("fallocate", "collapse_range", "insert_range", "zero_range", "inode_flags"):
        present_here(tmp_path, name)
    if name == "inode_flags":
        monkeypatch.setattr(code("syscalls"), "get_flags", lambda _: 0)
    module, call, plant = planted
    monkeypatch.setattr(code(module), call, plant)
    seen = probe(tmp_path / "planted", name)
    assert not seen["present"]
    assert detail in seen["detail"]


def test_a_filled_hole_is_not_sparse(tmp_path, monkeypatch):
    present_here(tmp_path, "sparse")
    write = os.pwrite

    def fill(descriptor: int, data: bytes, offset: int) -> int:
        return write(descriptor, bytes(offset) + data, 0) - offset

    monkeypatch.setattr(os, "pwrite", fill)
    assert "bytes are taken by a hole" in probe(tmp_path / "planted", "sparse")["detail"]


def test_a_hole_only_at_the_end_is_no_seek_hole(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "lseek", lambda descriptor, *_: os.fstat(descriptor).st_size)
    assert "SEEK_HOLE gives 40963" in probe(tmp_path, "seek_hole")["detail"]
