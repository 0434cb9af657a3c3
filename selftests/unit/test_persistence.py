"""The tree of the scenario persistence: made and described here, and what differs is named."""

import copy
import errno
import importlib
import os
import time
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios.persistence import PARTS
from vexfs_provider.scenarios.tree import differences

ANY_USER = [
    part for part in PARTS if part.name not in ("attributes", "special_files", "top_folder")
]


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    return importlib.import_module("persistence")


def describe(root: str, parts: list[str]) -> dict[str, Any]:
    return importlib.import_module("tree").describe(root, parts)


def make(code: ModuleType, root: Path, *names: str) -> dict[str, Any]:
    for name in names:
        assert getattr(code, name)(str(root / name))["failures"] == []
    return describe(str(root), list(names))


@pytest.mark.parametrize("part", ANY_USER, ids=lambda part: part.name)
def test_a_part_is_described_alike_twice(code, tmp_path, part):
    function = getattr(importlib.import_module(part.module), part.name)
    result = function(str(tmp_path / part.name))
    if any(failure["actual"] == "EOPNOTSUPP" for failure in result["failures"]):
        pytest.skip("this host's filesystem lacks it")
    assert result["failures"] == []
    first = describe(str(tmp_path), [part.name])
    assert len(first) > 1
    assert first == describe(str(tmp_path), [part.name])


def test_a_step_that_fails_does_not_end_its_part(code, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "truncate", refuse)
    failures = code.contents(str(tmp_path / "contents"))["failures"]
    operations = [(failure["operation"], failure["actual"]) for failure in failures]
    wanted = ["write a file to be cut", "write a file to be extended"]
    assert operations == [(operation, "ENOSPC") for operation in wanted]
    assert (tmp_path / "contents" / "synced").exists()


def spoil_byte(root: Path) -> None:
    with open(root / "contents" / "size_40000", "r+b") as file:
        file.seek(30_000)
        file.write(b"!")


def part_links(root: Path) -> None:
    data = (root / "hard_links" / "two").read_bytes()
    (root / "hard_links" / "two").unlink()
    (root / "hard_links" / "two").write_bytes(data)


@pytest.mark.parametrize(
    ("part", "spoil", "named"),
    [
        ("contents", spoil_byte, "file has another content"),
        (
            "contents",
            lambda r: os.truncate(r / "contents" / "cut", 10_000),
            "file has another size",
        ),
        ("contents", lambda r: os.utime(r / "contents" / "cut", (1, 1)), "file has another mtime"),
        ("contents", lambda r: os.chmod(r / "contents" / "cut", 0o600), "file has another mode"),
        ("contents", lambda r: os.unlink(r / "contents" / "cut"), "file is missing"),
        ("folders", lambda r: (r / "folders" / "empty" / "new").touch(), "file has appeared"),
        ("hard_links", part_links, "file has another same file as"),
    ],
)
def test_a_change_is_named(code, tmp_path, part, spoil, named):
    before = make(code, tmp_path, part)
    spoil(tmp_path)
    found = list(differences(before, describe(str(tmp_path), [part])))
    assert named in {f"{one.kind} {one.problem}" for one in found}
    assert {one.part for one in found} == {part}


def set_mtime(path: Path, time_ns: int) -> None:
    os.utime(path, ns=(time_ns, time_ns))


def test_another_second_of_the_same_day_is_not_told_apart(code, tmp_path):
    """Else chance would say whether two changes are of the same second."""
    before = make(code, tmp_path, "folders")
    second_ns = 10**9
    for path in (tmp_path / "folders" / "empty", tmp_path / "folders" / "deep" / "file"):
        set_mtime(path, path.stat().st_mtime_ns - second_ns)
    assert list(differences(before, describe(str(tmp_path), ["folders"]))) == []


@pytest.mark.parametrize("forgotten", ["what was set", "what a change made of it"])
def test_a_time_that_is_forgotten_is_named(code, tmp_path, forgotten):
    module = importlib.import_module("persistence_times")
    before = make(module, tmp_path, "times")
    kept = {name for name, _, change in module.ENTRIES if change is module.keep}
    entries = [entry[0] for entry in module.ENTRIES]
    if forgotten == "what was set":
        names, then = sorted(kept), time.time_ns()
    else:
        names, then = sorted(set(entries) - kept), module.OLD_NS
    for name in names:
        set_mtime(tmp_path / "times" / name, then)
    found = list(differences(before, describe(str(tmp_path), ["times"])))
    assert [one.path for one in found] == [f"times/{name}" for name in names]
    assert {one.problem for one in found} == {"has another mtime"}
    assert {one.kind for one in found} == {"file", "folder"}


def test_a_retargeted_symbolic_link_is_named(code, tmp_path):
    before = make(code, tmp_path, "symbolic_links")
    after = copy.deepcopy(before)
    after["symbolic_links/short"]["target"] = "other"
    (found,) = differences(before, after)
    assert (found.kind, found.problem, found.actual) == (
        "symbolic link",
        "has another target",
        "other",
    )


def test_of_a_lost_folder_only_its_top_is_named(code, tmp_path):
    before = make(code, tmp_path, "folders")
    after = {path: facts for path, facts in before.items() if not path.startswith("folders/deep")}
    assert [one.path for one in differences(before, after)] == ["folders/deep"]
    assert [one.path for one in differences(before, {})] == ["folders"]


def test_what_can_no_longer_be_read_is_named():
    before = {"a": {"kind": "file", "size": 1, "content": "x"}}
    after = {"a": {"kind": "file", "size": 1, "error": "EIO"}}
    (found,) = differences(before, after)
    assert (found.problem, found.actual) == ("cannot be read", "an error: EIO")


FACTS = st.fixed_dictionaries({"kind": st.sampled_from(["file", "folder"]), "size": st.integers()})
TREES = st.dictionaries(st.sampled_from(["a", "a/b", "a/b/c", "d", "d/e"]), FACTS)


def above(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."]


@given(TREES, TREES)
def test_two_trees_differ_unless_they_are_the_same(before, after):
    # Every path of a description has its folder in it too.
    whole = [
        {path: facts for path, facts in tree.items() if all(up in tree for up in above(path))}
        for tree in (before, after)
    ]
    assert bool(list(differences(*whole))) == (whole[0] != whole[1])
