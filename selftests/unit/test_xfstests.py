"""Trees of xfstests: their lists of groups, what check says, which tests a variant becomes."""

import subprocess
import types

import pytest
from fake_bench import FakeBench
from fake_xfstests import make_tree
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.detection import Verdict, verdict
from vexfs_provider.errors import InfrastructureError, NotApplicable, UsageError
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.known_failures import load_known_failures
from vexfs_provider.guest.disks import block_nodes
from vexfs_provider.guest.shape import Disk
from vexfs_provider.params import read_arguments
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import SILENT
from vexfs_provider.scenarios import xfstests
from vexfs_provider.store import Store
from vexfs_provider.workloads.xfstests_result import End, Result, evidence, judge
from vexfs_provider.workloads.xfstests_tree import (
    check_tree,
    choose_tests,
    list_tests,
    parse_groups,
    tree_image,
)

PASSED = """FSTYP         -- ext4
PLATFORM      -- Linux/x86_64 vexfs-guest 6.1.0

generic/001        9s
Ran: generic/001
Passed all 1 tests

"""
NOT_RUN = """FSTYP         -- ext4

generic/004       [not run] xfs_io flink failed
Ran: generic/004
Not run: generic/004
Passed all 1 tests
"""
FAILED = """FSTYP         -- ext4

generic/003       - output mismatch (see /r/generic/003.out.bad)
    --- tests/generic/003.out
    +++ /r/generic/003.out.bad
    -Silence is golden
    +ERROR: atime has changed
    (Run 'diff -u ...'  to see the entire diff)
Ran: generic/003
Failures: generic/003
Failed 1 of 1 tests
"""
DAMAGED = """generic/013 _check_generic_filesystem: filesystem on /dev/vdc is inconsistent
(see /r/generic/013.full for details)
Ran: generic/013
Failures: generic/013
Failed 1 of 1 tests
"""


def test_groups_are_read_in_their_order():
    text = "# QA groups\n\n002 rw auto quick\n001 auto # quick\n017-named auto\nREADME x\n"
    groups = parse_groups(text)
    assert list(groups) == ["002", "001", "017-named"]
    assert groups["002"] == {"rw", "auto", "quick"} and groups["001"] == {"auto"}


@given(st.text())
def test_no_text_breaks_the_reading_of_groups(text):
    for name in parse_groups(text):
        assert name[:3].isdigit()


def test_old_trees_have_lists_of_another_name(tmp_path):
    tree = make_tree(tmp_path)
    folder = tree / "tests/generic"
    (folder / "group.list").rename(folder / "group")
    assert "generic/001" in list_tests(tree, "ext4")


def test_tests_of_the_type_of_the_filesystem_belong_to_it(tmp_path):
    tree = make_tree(tmp_path)
    (tree / "tests/xfs").mkdir()
    (tree / "tests/xfs/group.list").write_text("001 quick\n")
    assert "xfs/001" in list_tests(tree, "xfs")
    assert "xfs/001" not in list_tests(tree, "ext4")


def test_the_group_chooses_unless_tests_are_named(tmp_path):
    tests = list_tests(make_tree(tmp_path), "ext4")
    quick = [f"generic/00{number}" for number in range(1, 6)]
    assert choose_tests(tests, ["quick"], []) == quick
    assert choose_tests(tests, ["slow", "dangerous"], []) == ["generic/004", "generic/006"]
    assert choose_tests(tests, ["all"], []) == list(tests)
    assert choose_tests(tests, ["quick"], ["generic/006"]) == ["generic/006"]
    with pytest.raises(UsageError, match="no test 'generic/099'"):
        choose_tests(tests, [], ["generic/099"])
    with pytest.raises(UsageError, match="no group 'quik'"):
        choose_tests(tests, ["quik"], [])


def test_what_is_no_tree_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no file 'check'"):
        check_tree(tmp_path)
    (tmp_path / "check").write_text("")
    with pytest.raises(UsageError, match=r"has a group\.list; build"):
        check_tree(tmp_path)
    check_tree(make_tree(tmp_path))


def test_the_image_is_made_anew_when_the_tree_changes(tmp_path):
    tree, store = make_tree(tmp_path), Store(tmp_path / "store")
    first = tree_image(tree, store, SILENT)
    assert tree_image(tree, store, SILENT) == first and first.stat().st_size > 1 << 20
    (tree / "tests/generic/001").write_text("exit 1\n")
    assert tree_image(tree, store, SILENT) != first


def test_a_disk_to_read_is_that_in_all_its_nodes(tmp_path):
    disk = Disk("tree", path=tmp_path / "tree.img")
    assert all("read-only" not in node for node in block_nodes(disk))
    protected = Disk("tree", path=tmp_path / "tree.img", read_only=True)
    assert all(node["read-only"] is True for node in block_nodes(protected))


def test_what_check_says_is_judged():
    assert judge("generic/001", PASSED, {}) == Result(End.PASSED)
    assert judge("generic/004", NOT_RUN, {}).reason == "xfs_io flink failed"
    assert judge("generic/004", NOT_RUN, {"notrun": "no O_TMPFILE\n"}).reason == "no O_TMPFILE"
    failed = judge("generic/003", FAILED, {})
    assert failed.end is End.FAILED
    assert failed.reason.startswith("generic/003       - output mismatch")
    assert "atime has changed" in failed.reason and "Failures" not in failed.reason


def test_damage_is_shown_with_the_check_of_the_filesystem():
    result = judge("generic/013", DAMAGED, {})
    assert result.end is End.FAILED
    assert "Inode 12" in evidence(result, {"full": "*** fsck output\nInode 12 is bad\n"})


def test_what_did_not_run_is_never_a_pass():
    with pytest.raises(NotApplicable, match="bc is not there"):
        judge("generic/001", "bc not found\n", {})
    with pytest.raises(InfrastructureError, match="no such test"):
        judge("generic/001", "generic/001 - no such test?\nRan:\nPassed all 0 tests\n", {})
    with pytest.raises(InfrastructureError, match="without a result"):
        judge("generic/001", "", {})
    with pytest.raises(InfrastructureError):
        judge("generic/002", PASSED, {})
    unfit = judge("generic/001", "check: failed to mount $SCRATCH_DEV using specified options", {})
    assert unfit.end is End.NOT_STARTED


@pytest.fixture
def bench(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    yield FakeBench(tmp_path, events)
    events.close()


def report(bench, end, known=""):
    xfstests._report(bench, "generic/001", Result(end, "why"), "what", known)
    return verdict(bench.record.findings)


def test_each_end_has_its_verdict(bench):
    assert report(bench, End.PASSED) is Verdict.PASS
    with pytest.raises(NotApplicable, match="cannot run: why"):
        report(bench, End.NOT_RUN)
    assert report(bench, End.FAILED, "as ever") is Verdict.WARN
    assert report(bench, End.NOT_STARTED, "as ever") is Verdict.FAIL


def test_a_failure_that_nobody_knows_fails(bench):
    assert report(bench, End.FAILED) is Verdict.FAIL


def test_a_pass_that_nobody_expected_warns(bench):
    assert report(bench, End.PASSED, "as ever") is Verdict.WARN


def values(**given):
    return read_arguments(xfstests.run, given)


def test_without_a_tree_it_does_not_apply():
    with pytest.raises(NotApplicable, match="no tree of xfstests is named"):
        xfstests.require_tree(get_profile("ext4"), **values())


def test_what_was_not_made_into_single_tests_is_refused(tmp_path):
    tree = str(make_tree(tmp_path))
    with pytest.raises(UsageError, match="these are 5 tests"):
        xfstests.require_tree(get_profile("ext4"), **values(xfstests_dir=tree))
    one = values(xfstests_dir=tree, xfstests_tests="generic/002")
    xfstests.require_tree(get_profile("ext4"), **one)
    with pytest.raises(NotApplicable, match="a device to mount"):
        xfstests.require_tree(get_profile("tmpfs"), **one)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("xfstests_dir", "relative/tree"),
        ("xfstests_tests", "generic/../001"),
        ("xfstests_tests", "001"),
        ("xfstests_group", "a;b"),
    ],
)
def test_a_bad_value_is_named(name, value):
    with pytest.raises(UsageError, match=f"parameter {name} = "):
        values(**{name: value})


def test_lists_of_known_failures_are_strict(tmp_path):
    path = tmp_path / "known.toml"
    path.write_text('"generic/004" = "no O_TMPFILE"\n')
    assert load_known_failures(path) == {"generic/004": "no O_TMPFILE"}
    for wrong in ('"004" = "x"', '"generic/004" = ""', "generic"):
        path.write_text(wrong)
        with pytest.raises(UsageError, match=r"known\.toml"):
            load_known_failures(path)


def runnable(**params):
    from avocado.core.nrunner.runnable import Runnable

    return Runnable("avocado-vt", "vexfs.level2.x.on_ext4", filesystem="ext4", **params)


def test_a_variant_becomes_a_test_for_each_that_is_chosen(tmp_path):
    from vexfs_provider.plugins_avocado.xfstests_resolver import expanded

    tree = str(make_tree(tmp_path))
    many = list(expanded(runnable(type="xfstests", xfstests_dir=tree, xfstests_group="quick")))
    assert [one.uri.rpartition(".")[2] for one in many] == [f"generic_00{n}" for n in range(1, 6)]
    assert many[0].kwargs["xfstests_tests"] == "generic/001"
    for params in (
        {"type": "mount_cycle", "xfstests_dir": tree},
        {"type": "xfstests", "xfstests_dir": ""},
        {"type": "xfstests", "xfstests_dir": str(tmp_path)},
    ):
        [same] = expanded(runnable(**params))
        assert same.uri == "vexfs.level2.x.on_ext4"


def test_other_references_are_left_to_avocado_vt():
    from avocado.core.resolver import ReferenceResolutionResult

    from vexfs_provider.plugins_avocado.xfstests_resolver import XfstestsResolver

    for reference, config in (("boot", {"vt.type": "qemu"}), ("vexfs.level1", {})):
        found = XfstestsResolver(config).resolve(reference)
        assert found.result is ReferenceResolutionResult.NOTFOUND


@pytest.fixture
def guest_code(tmp_path, monkeypatch):
    """The module that runs in the guest, with folders of the test's own."""
    module = types.ModuleType("xfstests")
    path = data_dir("deps") / "guest/code/xfstests.py"
    exec(compile(path.read_bytes(), path.name, "exec"), module.__dict__)
    module.SHIMS, module.RESULTS = str(tmp_path / "bin"), str(tmp_path / "results")
    monkeypatch.setenv("PATH", f"{module.SHIMS}:/usr/bin:/bin")
    return module


def test_a_type_without_a_tool_gets_the_one_of_its_profile(guest_code):
    guest_code.add_tool("mkfs.mine", ["echo", "two words", "{device}", "-f"])
    done = subprocess.run(["mkfs.mine", "-x", "/dev/y z"], capture_output=True, check=True)
    assert done.stdout == b"two words /dev/y z -f\n"
    guest_code.add_tool("mkfs.mine", ["false"])
    subprocess.run(["mkfs.mine", "/dev/y"], capture_output=True, check=True)


def test_only_files_are_read_of_what_a_test_has_left(guest_code, tmp_path):
    folder = tmp_path / "results/generic"
    folder.mkdir(parents=True)
    (folder / "001.full").write_bytes(b"long\xff")
    (folder / "001.notrun").symlink_to("/etc/passwd")
    assert guest_code.results("generic/001") == {"full": "long\ufffd"}
