"""The guest's table of errnos on this host's filesystem: it holds, and planted faults are seen."""

import importlib
import os
import resource
import tempfile
from collections.abc import Iterator
from errno import EACCES, EEXIST, EIO, ENOENT, ENOSPC
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import pytest

from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios import posix_errors
from vexfs_provider.scenarios.posix_errors import CHECKS

BY_ROOT_ONLY = {"other_users", "other_mounts"}


@pytest.fixture(autouse=True)
def code(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    return importlib.import_module("posix_errors_rows")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that other users can get to, unlike ``tmp_path``; checks change to one in it."""
    monkeypatch.chdir("/")
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield Path(path) / "check"
        os.chdir("/")


def tables() -> dict[str, tuple[Any, ...]]:
    """Name -> rows, of all modules that have any."""
    modules = [importlib.import_module(name) for name in {check.module for check in CHECKS}]
    values = {name: value for module in modules for name, value in vars(module).items()}
    return {name: value for name, value in values.items() if name.endswith("_ROWS")}


def failures(code: ModuleType, folder: Path, *rows: tuple[Any, ...], **how: Any) -> list[Any]:
    """What one check with these rows reports."""

    def run(case: Any) -> None:
        code.run_rows(case, rows, **how)

    return importlib.import_module("checking").check(run)(str(folder))["failures"]


def function_of(check: Any) -> Any:
    return getattr(importlib.import_module(check.module), check.name)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_holds_here(check: Any, folder: Path) -> None:
    if check.name in BY_ROOT_ONLY and os.geteuid() != 0:
        pytest.skip("needs root")
    found = function_of(check)(str(folder))["failures"]
    lacking = [row for row in found if row["actual"] in ("EOPNOTSUPP", "EINVAL", "EPERM")]
    if check.needs and lacking:
        pytest.skip(f"this host's filesystem: {lacking[0]}")
    assert found == []


def test_every_row_can_fail(code: ModuleType, folder: Path) -> None:
    folder.mkdir()
    for name, rows in tables().items():
        found = failures(code, folder / name, *rows, attempt=lambda function, arguments: EIO)
        assert [failure["operation"] for failure in found] == [row[0] for row in rows]
        assert {failure["actual"] for failure in found} == {"EIO"}


def test_every_check_of_the_scenario_is_there_and_every_row_is_used() -> None:
    functions = [function_of(check).__wrapped__ for check in CHECKS]
    used = {name for function in functions for name in function.__code__.co_names}
    assert set(tables()) <= used
    assert sum(len(rows) for rows in tables().values()) >= 140


def test_success_is_a_failure_and_does_not_spoil_the_next_row(
    code: ModuleType, folder: Path
) -> None:
    found = failures(
        code,
        folder,
        ("mkdir over a file", EEXIST, "mkdir(2)", os.mkdir, "new"),
        ("mkdir again", EEXIST, "mkdir(2)", os.mkdir, "new"),
        ("unlink", (ENOENT, EIO), "unlink(2)", os.unlink, "file"),
        ("unlink again", (ENOENT, EIO), "unlink(2)", os.unlink, "file"),
    )
    assert [failure["actual"] for failure in found] == ["success"] * 4
    assert found[0]["expected"] == "EEXIST (mkdir(2))"
    assert found[2]["expected"] == "ENOENT or EIO (unlink(2))"


def remove_then_refuse(path: str) -> None:
    os.rmdir(path)
    os.mkdir("full")


def test_a_refused_call_that_changed_something_is_a_failure(code: ModuleType, folder: Path) -> None:
    row = ("mkdir over a directory", EEXIST, "mkdir(2)", remove_then_refuse, "empty")
    [found] = failures(code, folder, row)
    assert found["operation"] == "mkdir over a directory, refused"
    assert found["actual"] == "changed: ./empty"


def test_a_row_that_leaves_a_folder_nobody_can_read_is_named_and_the_next_ones_run(
    code: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lstat = os.lstat

    def hide_what_is_here() -> None:
        """From now on what this folder holds is still listed, but lstat(2) does not find it."""
        spoiled = os.getcwd()

        def missing(path: str, **how: Any) -> os.stat_result:
            if os.getcwd() == spoiled:
                raise FileNotFoundError(ENOENT, os.strerror(ENOENT), path)
            return lstat(path, **how)

        monkeypatch.setattr(os, "lstat", missing)
        raise OSError(EEXIST, "refused")

    found = failures(
        code,
        folder,
        ("hide a file", EEXIST, "mkdir(2)", hide_what_is_here),
        ("mkdir over a file", EEXIST, "mkdir(2)", os.mkdir, "file"),
        ("mkdir of a new name", EEXIST, "mkdir(2)", os.mkdir, "new"),
    )
    assert [failure["operation"] for failure in found] == [
        "hide a file: unexpected ENOENT in the check",
        "mkdir of a new name",
    ]


def test_a_row_that_cannot_be_prepared_is_named_and_the_next_ones_run(
    code: ModuleType, folder: Path
) -> None:
    results = iter((None, OSError(ENOSPC, "full"), None))

    def fill() -> None:
        code.furnish()
        if error := next(results):
            raise error

    found = failures(
        code,
        folder,
        ("mkdir of a new name", EEXIST, "mkdir(2)", os.mkdir, "new"),
        ("mkdir of another", EEXIST, "mkdir(2)", os.mkdir, "new"),
        ("mkdir of a third", EEXIST, "mkdir(2)", os.mkdir, "new"),
        fill=fill,
    )
    assert [failure["operation"] for failure in found] == [
        "mkdir of a new name",
        "mkdir of another: unexpected ENOSPC in the check",
        "mkdir of a third",
    ]


def test_other_users_are_tried_without_privileges(code: ModuleType, folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    users = importlib.import_module("posix_errors_users")
    opened = ("open a secret", EACCES, "open(2)", code.opened, "secret")
    how = {"fill": users.furnish_protected, "attempt": users.outcome_as_nobody}
    assert failures(code, folder, opened, **how) == []
    assert os.geteuid() == os.getegid() == 0
    [found] = failures(code, folder.parent / "as root", opened, fill=users.furnish_protected)
    assert found["actual"] == "success"


def test_too_large_files_leaves_the_limit_as_it_was(folder: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    importlib.import_module("posix_errors_arguments").too_large_files(str(folder))
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


@pytest.mark.parametrize("differences", [{}, {"one_user": "only its owner gets in"}])
def test_other_users_are_left_out_where_there_is_one_user(
    differences: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Any] = []
    monkeypatch.setattr(posix_errors, "run_checks", lambda bench, checks: listed.extend(checks))
    bench = Mock()
    bench.profile.expected_differences = differences
    posix_errors.run(bench)
    left_out = {check.name for check in CHECKS} - {check.name for check in listed}
    assert left_out == ({"other_users"} if differences else set())
    noted = [call.args[0] for call in bench.unsupported.call_args_list]
    assert noted == (["other_users: only its owner gets in"] if differences else [])
