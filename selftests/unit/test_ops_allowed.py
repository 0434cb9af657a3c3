"""The table of allowed differences: what it lets pass, and that it lets pass no more."""

from pathlib import Path

import pytest
from ops_host import list_of

from vexfs_provider.filesystems.catalogue import load_profiles
from vexfs_provider.filesystems.differences import DIFFERENCES
from vexfs_provider.ops.allowances import (
    Doubt,
    EndingErrors,
    FactLeftOut,
    Judgement,
    SameErrors,
    TimeLeftOpen,
)
from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.allowed_table import NOT_LOOKED_AT, TABLE
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.facts import KINDS, TIMES, differences
from vexfs_provider.ops.operations import OPERATIONS
from vexfs_provider.ops.outcome import ListOutcome, Outcome


def operation(line):
    return list_of("any", line).operations[0]


def judged(line, expected, actual, allowed=None):
    allowed = allowed or Allowed()
    return allowed.judge(operation(line), Outcome(*expected), Outcome(*actual))


def test_each_entry_has_a_name_and_a_reason():
    names = [one.name for one in TABLE]
    assert len(set(names)) == len(names)
    assert all(one.reason for one in TABLE)
    assert all(NOT_LOOKED_AT.values())


def test_the_document_has_the_table():
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    rows = [(name, reason) for name, reason in NOT_LOOKED_AT.items()]
    rows += [(one.name, one.reason) for one in TABLE]
    assert [f"| {name} | {reason} |" in text for name, reason in rows] == [True] * len(rows)


def test_entries_speak_the_vocabulary():
    for one in TABLE:
        if isinstance(one, SameErrors):
            assert one.keywords <= OPERATIONS.keys()
            assert len(one.errors) > 1
        if isinstance(one, FactLeftOut):
            assert one.difference in DIFFERENCES


def test_the_profiles_differences_are_used():
    named = {one.difference for one in TABLE if isinstance(one, FactLeftOut)}
    claimed = {name for one in load_profiles().values() for name in one.expected_differences}
    assert named <= claimed


@pytest.mark.parametrize(
    ("line", "expected", "actual", "judgement"),
    [
        ("rename A B PLAIN", "EEXIST", "ENOTEMPTY", Judgement.SAME),
        ("rmdir A", "ENOTEMPTY", "EEXIST", Judgement.SAME),
        ("rmdir A", "ENOTEMPTY", "EBUSY", Judgement.OTHER),
        ("create A 0644", "EEXIST", "ENOTEMPTY", Judgement.OTHER),
        ("rename A B PLAIN", "", "ENOTEMPTY", Judgement.OTHER),
        ("append A 10 1", "", "ENOSPC", Judgement.DOUBTFUL),
        ("append A 10 1", "ENOSPC", "", Judgement.DOUBTFUL),
        ("append A 10 1", "ENOSPC", "ENOSPC", Judgement.SAME),
        ("clone A B", "", "EOPNOTSUPP", Judgement.CUT),
        ("rename A B EXCHANGE", "ENOSYS", "", Judgement.CUT),
        ("rename A B PLAIN", "", "ENOSYS", Judgement.OTHER),
        ("append A 10 1", "", "EOPNOTSUPP", Judgement.OTHER),
    ],
)
def test_errors(line, expected, actual, judgement):
    assert judged(line, (expected,), (actual,)) is judgement


def test_where_holes_are_is_nobodys_business_but_they_must_not_lie():
    line = "seek A 0 DATA"
    assert judged(line, ("", ()), ("", ("lie",))) is Judgement.OTHER
    assert judged(line, ("", ("lie",)), ("", ())) is Judgement.SAME
    assert judged(line, ("ENXIO",), ("", ())) is Judgement.OTHER
    known = Allowed(["hole_reports"])
    assert judged(line, ("", ()), ("", ("lie",)), known) is Judgement.SAME
    assert judged(line, ("", ()), ("", ("lie",)), Allowed([], ["hole_reports"])) is Judgement.OTHER


def test_link_counts_of_folders_are_left_out_where_either_side_names_it():
    for allowed, left_out in (
        (Allowed(), False),
        (Allowed(["directory_nlink"]), True),
        (Allowed([], ["directory_nlink"]), True),
    ):
        assert ("nlink" in allowed.left_out.get("folder", ())) is left_out
        assert "nlink" not in allowed.left_out.get("file", ())


def test_the_group_of_a_whiteout_is_left_out_and_of_no_other_device():
    allowed = Allowed([], ["whiteout_group"]).left_out
    whiteout = {"kind": "char", "device": "0:0", "group": "0", "mode": "0000"}
    for other, found in (
        ({"group": "7"}, []),
        ({"mode": "0644"}, ["mode"]),
        ({"device": "1:3", "group": "7"}, ["device", "group"]),
    ):
        differ = differences([whiteout], whiteout | other, allowed)
        assert [one.fact for one in differ] == found
    assert [one.fact for one in differences([whiteout], whiteout | {"group": "7"}, {})] == ["group"]


def excused(line, path, before, after, time="mtime"):
    rule = Allowed().rule_for_times(operation(line))
    return rule is not None and rule.excuses(Doubt(operation(line), path, time, before, after))


BEFORE = {"A/f": {"kind": "file", "size": "9", "hash": "x", "mtime": "op1", "ctime": "op1"}}
TOUCHED = {"A/f": BEFORE["A/f"] | {"mtime": "op5", "ctime": "op5"}}
CHANGED = {"A/f": TOUCHED["A/f"] | {"size": "10", "hash": "y"}}


@pytest.mark.parametrize(
    "line", ["truncate A/f 9", "fallocate A/f KEEP_SIZE|PUNCH_HOLE 0 9", "setxattr A/f a 1 1 ANY"]
)
def test_times_are_left_open_where_nothing_else_changes(line):
    assert excused(line, "A/f", BEFORE, TOUCHED)
    assert not excused(line, "A/f", BEFORE, CHANGED)


@pytest.mark.parametrize("line", ["append A/f 0 1", "chmod A/f 0644", "unlink A/f"])
def test_times_of_other_operations_are_never_left_open(line):
    assert Allowed().rule_for_times(operation(line)) is None


@pytest.mark.parametrize(
    ("path", "open_"),
    [("A/f", True), ("B/g", True), ("C/h", True), ("A", False), ("B", False), (".", True)],
)
def test_an_exchange_leaves_open_the_times_of_all_but_the_parents(path, open_):
    assert excused("rename A/f B/g EXCHANGE", path, BEFORE, TOUCHED) is open_


def test_the_parent_of_a_name_without_a_folder_is_the_top():
    assert not excused("rename f B/g EXCHANGE", ".", BEFORE, TOUCHED)


def test_a_folder_that_moves_may_have_a_new_mtime():
    after = {path: {"kind": kind} for path, kind in (("A/f", "file"), ("B/D", "folder"))}
    assert excused("rename A/C B/D PLAIN", "B/D", {}, after)
    assert excused("rename A/C B/./D NOREPLACE", "B/D", {}, after)
    assert not excused("rename A/C B/D PLAIN", "B/D", {}, after, time="ctime")
    assert not excused("rename A/C B/E PLAIN", "B/D", {}, after)
    assert not excused("rename A/g A/f PLAIN", "A/f", {}, after)


def test_what_is_cut_is_not_compared_further():
    lines = list_of("any", "clone A B", "unlink A").operations
    tree = {".": {"kind": "folder"}}
    reference = ListOutcome((Outcome(""), Outcome("")), tree)
    actual = ListOutcome((Outcome("ENOTTY"), Outcome("EIO")), {})
    assert compare(lines, [reference], actual, Allowed()) == []


def test_every_kind_of_entry_is_used():
    kinds = {type(one) for one in TABLE}
    assert kinds == {SameErrors, EndingErrors, FactLeftOut, TimeLeftOpen}


def test_times_can_be_left_out_of_every_kind():
    left_out = Allowed(times=False).left_out
    for kind in KINDS:
        assert left_out[kind] >= set(TIMES)
        assert left_out[kind] - set(TIMES) == Allowed().left_out.get(kind, frozenset())
