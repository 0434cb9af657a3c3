"""The guest's checks of metadata on this host's filesystem: they pass, and see planted faults."""

import contextlib
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from vexfs_provider.paths import data_dir
from vexfs_provider.scenarios import metadata
from vexfs_provider.scenarios.metadata import CHECKS, UNLESS

MODULES = {check.name: check.module for check in CHECKS}
BY_ROOT_ONLY = {
    "chown_sets_user_and_group",
    "lchown_changes_the_symlink",
    "mknod_makes_every_type",
    "operations_change_the_times_they_should",
    "set_group_id_directory_hands_its_group_down",
    "set_id_bits_are_dropped",
}
HOST_MAY_LACK = {
    "mknod_makes_every_type",  # containers
    "rename_whiteout_leaves_a_whiteout",  # containers, overlays
    "rename_exchange_swaps_two_names",
    "read_changes_atime_only",  # noatime
    UNLESS["directory_nlink"],
    *(check.name for check in CHECKS if "user_xattr" in check.needs),
}

Action = Callable[..., Any]


@pytest.fixture(autouse=True)
def guest_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    readdir = importlib.import_module("metadata_readdir")
    monkeypatch.setattr(readdir, "STABLE", 120)
    monkeypatch.setattr(readdir, "VOLATILE", 80)


def run(name: str, folder: Path) -> dict[str, Any]:
    """What a check returns; the test is skipped if this user cannot do what it does."""
    if name in BY_ROOT_ONLY and os.geteuid() != 0:
        pytest.skip("needs root")
    module = importlib.import_module(MODULES[name])
    return getattr(module, name)(str(folder / name))


@pytest.mark.parametrize("name", MODULES)
def test_passes_here(name: str, tmp_path: Path) -> None:
    failures = run(name, tmp_path)["failures"]
    if failures and name in HOST_MAY_LACK:
        pytest.skip(f"this host's filesystem: {failures[0]}")
    assert failures == []


def test_rate_reports_its_samples(tmp_path: Path) -> None:
    metric = run("metadata_rate", tmp_path)["metrics"]["metadata_operations_per_sec"]
    assert len(metric["samples"]) >= 5
    assert min(metric["samples"]) > 0


def does_nothing(real: Action) -> Action:
    return lambda *arguments, **named: None


def copies(real: Action) -> Action:
    """rename(2) by a copy: another inode, and what was open or linked is left behind."""

    def rename(old: str, new: str) -> None:
        data = Path(old).read_bytes()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)
        Path(new).write_bytes(data)
        os.unlink(old)

    return rename


def empties(real: Action) -> Action:
    """rename(2) that first removes whatever the target is."""

    def rename(old: str, new: str) -> None:
        with contextlib.suppress(OSError):
            for name in os.listdir(new):
                os.unlink(os.path.join(new, name))
        real(old, new)

    return rename


def touches(real: Action) -> Action:
    """An operation after which the file's mtime is another."""

    def act(path: str, *arguments: Any) -> None:
        real(path, *arguments)
        os.utime(path)

    return act


def masks(real: Action) -> Action:
    return lambda path, mode: real(path, mode & 0o777)


def ignores_flags(real: Action) -> Action:
    return lambda path, name, value, flags=0: real(path, name, value)


def cuts(length: int) -> Callable[[Action], Action]:
    """A call that takes only the first bytes of the last component of its path."""

    def make(real: Action) -> Action:
        def act(path: Any, *arguments: Any, **named: Any) -> Any:
            folder, name = os.path.split(path)
            return real(os.path.join(folder, name[:length]), *arguments, **named)

        return act

    return make


def swaps(real: Action) -> Action:
    """utimensat(2) that takes each time for the other."""
    return lambda path, ns=None: real(path, ns=(ns[1], ns[0])) if ns else real(path)


def at_least_epoch(real: Action) -> Action:
    return lambda path, ns: real(path, ns=(max(0, ns[0]), max(0, ns[1])))


def only_31_bits(real: Action) -> Action:
    most = (2**31 - 1) * 1_000_000_000
    return lambda path, ns: real(path, ns=(min(most, ns[0]), min(most, ns[1])))


def skips_names(real: Action) -> Action:
    return lambda *arguments: real(*arguments)[1:]


def doubles_names(real: Action) -> Action:
    return lambda *arguments: [entry for entry in real(*arguments) for _ in range(2)]


def lies_about_type(real: Action) -> Action:
    def read(descriptor: int) -> list[Any]:
        entries = real(descriptor)
        for entry in entries:
            entry.kind = 2  # DT_CHR
        return entries

    return read


def replaces(real: Action) -> Action:
    """renameat2(2) that knows no flag."""
    return lambda old, new, flags: os.rename(old, new)


def forgets_unlinked(real: Action) -> Action:
    def unlink(path: str) -> None:
        os.truncate(path, 0)
        real(path)

    return unlink


class Fault(NamedTuple):
    """What ``plant`` makes of the function ``target`` fails an operation of a check."""

    check: str
    target: str
    plant: Callable[[Action], Action]
    operation: str


FAULTS = (
    (
        "mkdir_makes_an_empty_directory",
        "os.mkdir",
        lambda real: lambda p, mode=0: real(p),
        "mode of",
    ),
    ("rmdir_removes_empty_directories_only", "os.rmdir", does_nothing, "stat of what was removed"),
    ("removed_directory_stays_open_and_empty", "os.rmdir", does_nothing, "create a file in a"),
    ("deep_trees_keep_their_levels", "os.rmdir", does_nothing, "names when the tree is removed"),
    ("rename_gives_a_file_another_name", "os.rename", copies, "inode after rename"),
    ("rename_over_a_file_replaces_it", "os.rename", copies, "inode of the name replaced"),
    ("rename_keeps_open_descriptors_valid", "os.rename", copies, "write to the renamed file"),
    ("rename_moves_a_file_across_directories", "os.rename", does_nothing, "the old directory has"),
    ("rename_moves_a_directory_with_its_content", "os.rename", does_nothing, "names left behind"),
    ("rename_over_a_directory_needs_it_empty", "os.rename", empties, "rename over a full"),
    ("rename_into_itself_is_refused", "os.rename", does_nothing, "rename into a descendant"),
    ("rename_does_not_mix_files_and_directories", "os.rename", does_nothing, "rename a file over"),
    ("rename_onto_own_hard_link_changes_nothing", "os.rename", copies, "names after rename onto"),
    ("rename_moves_the_symlink_not_its_target", "os.rename", copies, "unexpected EINVAL"),
    ("repeated_rename_leaves_one_name", "os.rename", lambda real: os.link, "unexpected EEXIST"),
    ("rename_noreplace_never_replaces", "metadata_rename.renameat2", replaces, "rename to an"),
    ("rename_exchange_swaps_two_names", "metadata_rename.renameat2", replaces, "unexpected ENOENT"),
    (
        "rename_whiteout_leaves_a_whiteout",
        "metadata_rename.renameat2",
        replaces,
        "unexpected ENOENT",
    ),
    ("link_gives_a_file_a_second_name", "os.link", lambda real: os.symlink, "links of the file"),
    ("link_refuses_what_it_must", "os.link", does_nothing, "link of a directory"),
    ("symlink_loops_are_refused", "os.readlink", lambda real: lambda p: "x", "target of a loop"),
    (
        "symlink_holds_its_target",
        "os.symlink",
        lambda real: lambda t, p: real(t[:60], p),
        "size with",
    ),
    (
        "unlinked_file_lives_until_it_is_closed",
        "os.unlink",
        forgets_unlinked,
        "content when unlinked",
    ),
    ("chmod_sets_all_mode_bits", "os.chmod", masks, "mode of a file set to 4755"),
    ("umask_limits_the_mode_of_what_is_made", "os.umask", does_nothing, "modes of file"),
    ("chown_sets_user_and_group", "os.chown", does_nothing, "owner after chown to 1:2"),
    ("lchown_changes_the_symlink", "os.lchown", lambda real: os.chown, "owner of its target"),
    ("set_id_bits_are_dropped", "os.chown", does_nothing, "mode after chown"),
    ("set_group_id_directory_hands_its_group_down", "os.chmod", masks, "a directory in it has the"),
    ("odd_names_are_kept_as_bytes", "metadata_names.write_file", cuts(4), "a name with UTF-8"),
    ("long_names_are_kept_whole", "metadata_names.write_file", cuts(254), "names of the greatest"),
    (
        "names_of_every_length_are_told_apart",
        "metadata_names.write_file",
        cuts(128),
        "lengths listed",
    ),
    ("operations_change_the_times_they_should", "os.chmod", touches, "times that chmod changes"),
    ("operations_change_the_times_they_should", "os.truncate", does_nothing, "times that truncate"),
    ("utimensat_sets_the_times_given", "os.utime", swaps, "atime and mtime of a file"),
    ("times_before_1970_are_kept", "os.utime", at_least_epoch, "times of 1969-12-31"),
    ("times_after_2038_are_kept", "os.utime", only_31_bits, "times of 2038-01-19"),
    ("xattr_flags_are_obeyed", "os.setxattr", ignores_flags, "replace a missing one"),
    ("xattr_keeps_its_value", "os.removexattr", does_nothing, "names after removal"),
    ("xattr_values_are_whole_or_refused", "os.setxattr", does_nothing, "unexpected ENODATA"),
    (
        "readdir_lists_stable_names_once_amid_changes",
        "metadata_readdir.read_entries",
        skips_names,
        "stable names not listed",
    ),
    (
        "readdir_lists_stable_names_once_amid_changes",
        "metadata_readdir.read_entries",
        doubles_names,
        "names listed twice",
    ),
    (
        "readdir_lets_a_reader_remove_what_it_sees",
        "metadata_readdir.read_entries",
        skips_names,
        "names left",
    ),
    ("readdir_goes_on_after_seek", "os.lseek", does_nothing, "there are entries after a seek"),
    (
        "directory_entries_have_the_type_of_their_file",
        "metadata_readdir.read_entries",
        lies_about_type,
        "d_type of file",
    ),
)


@pytest.mark.parametrize("fault", [Fault(*row) for row in FAULTS], ids=lambda f: f.check)
def test_sees_a_planted_fault(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, attribute = fault.target.split(".")
    module = importlib.import_module(holder)
    monkeypatch.setattr(module, attribute, fault.plant(getattr(module, attribute)))
    failures = run(fault.check, tmp_path)["failures"]
    monkeypatch.undo()
    if failures and "EOPNOTSUPP" in failures[0]["operation"]:
        pytest.skip("this host's filesystem has no such thing")
    seen = [failure["operation"] for failure in failures]
    assert any(operation.startswith(fault.operation) for operation in seen), seen


def test_directory_links_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "rmdir", lambda path: None)
    failures = run(UNLESS["directory_nlink"], tmp_path)["failures"]
    assert "links after rmdir in it" in [failure["operation"] for failure in failures]


def test_all_checks_have_names_of_their_own() -> None:
    assert len(MODULES) == len(CHECKS)  # a check's folder has its name
    assert set(UNLESS.values()) <= set(MODULES)


def test_an_expected_difference_leaves_its_check_out(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    notes: list[str] = []
    monkeypatch.setattr(
        metadata, "run_checks", lambda bench, checks: given.extend(one.name for one in checks)
    )
    profile = SimpleNamespace(expected_differences={"directory_nlink": "always 1"})
    metadata.run(SimpleNamespace(profile=profile, unsupported=notes.append))  # type: ignore[arg-type]
    assert set(MODULES) - set(given) == {UNLESS["directory_nlink"]}
    assert notes == [f"{UNLESS['directory_nlink']}: always 1"]
