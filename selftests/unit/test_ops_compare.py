"""What counts as a difference between the outcomes of a list, and what it is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ops_host import list_of
from ops_toy import Toy

from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.divergence import Divergence
from vexfs_provider.ops.outcome import ListOutcome, OpList, Outcome

NOTHING = Allowed()
FILE = {"kind": "file", "mode": "0644", "size": "1", "hash": "a", "mtime": "op0", "ctime": "op0"}


def outcome(*results, tree=None, after=None):
    """Results as words: an error, or the values of a success."""
    made = []
    for words in results:
        error = words if words.startswith("E") else ""
        made.append(Outcome(error, () if error else tuple(words.split())))
    return ListOutcome(tuple(made), {".": {"kind": "folder"}} if tree is None else tree, after)


def judged(lines, references, actual, allowed=NOTHING) -> list[Divergence]:
    return compare(list_of("any", *lines).operations, references, actual, allowed)


def titles(*arguments, **named) -> list[str]:
    return [one.title for one in judged(*arguments, **named)]


@pytest.mark.parametrize(
    ("line", "expected", "actual", "title"),
    [
        ("create A 0644", "", "EIO", "differential: create: EIO instead of success"),
        ("unlink A", "ENOENT", "", "differential: unlink: success instead of ENOENT"),
        ("unlink A", "ENOENT", "EPERM", "differential: unlink: EPERM instead of ENOENT"),
        ("read A 0 9", "9 abc", "9 abd", "differential: read: another content"),
        ("read A 0 9", "9 abc", "8 abd", "differential: read: another length"),
        ("readdir A", "2 abc", "2 abd", "differential: readdir: another list of names"),
        ("readlink A", "x", "y", "differential: readlink: another target"),
        ("write A 0 9 1", "9", "8", "differential: write: another length"),
        ("stat A FOLLOW", "kind=file size=1", "kind=file size=2", "a file has another size"),
        ("stat A FOLLOW", "kind=file size=1", "kind=fifo", "a FIFO instead of a file"),
        ("statx A FOLLOW", "kind=char mode=0", "kind=char mode=1", "character device has another"),
    ],
)
def test_results_that_differ(line, expected, actual, title):
    [found] = judged([line], [outcome(expected)], outcome(actual))
    assert title in found.title
    assert (found.kind, found.index, found.culprit) == ("result", 0, 0)
    assert found.expected == (expected or "success")
    assert found.actual == (actual or "success")


def test_the_first_result_that_differs_ends_the_comparison():
    lines = ["create A 0644", "unlink B", "unlink C"]
    broken = outcome("", "EIO", "EIO", tree={})
    [found] = judged(lines, [outcome("", "ENOENT", "ENOENT")], broken)
    assert found.index == 1


@pytest.mark.parametrize(
    ("expected", "actual", "title"),
    [
        ({"A": FILE}, {}, "a file is missing"),
        ({}, {"A": FILE}, "a file is there that should not be"),
        ({"A": FILE}, {"A": {"kind": "symlink"}}, "a symlink instead of a file"),
        ({"A": FILE}, {"A": FILE | {"size": "2", "hash": "b"}}, "a file has another size"),
        ({"A": FILE}, {"A": FILE | {"hash": "b"}}, "a file has another content"),
        ({"A": FILE}, {"A": FILE | {"mode": "0600"}}, "a file has another mode"),
        ({"A": FILE}, {"A": FILE | {"listed": "2"}}, "another number of entries in readdir"),
        ({"A": FILE}, {"A": FILE | {"error": "EIO"}}, "a file has another error when read"),
    ],
)
def test_trees_that_differ(expected, actual, title):
    [found] = judged([], [outcome(tree=expected)], outcome(tree=actual))
    assert title in found.title
    assert (found.kind, found.index, found.path) == ("tree", None, "A")


def test_the_weightiest_difference_stands_for_all_but_times():
    small = FILE | {"size": "0", "mode": "0600", "ctime": "op1"}
    found = judged(
        ["create A 0644", "chmod A 0600"],
        [outcome("", "", tree={"A": FILE, "B": FILE})],
        outcome("", "", tree={"A": small}),
    )
    assert [one.attribute for one in found] == ["kind", "ctime"]


def test_a_time_is_the_matter_of_the_operation_that_set_it():
    lines = ["create A 0644", "create B 0644", "chmod A 0600"]
    late = FILE | {"ctime": "op2"}
    for expected, actual in ((late, FILE), (FILE, late)):
        [found] = judged(lines, [outcome("", "", "", tree={"A": expected})],
                         outcome("", "", "", tree={"A": actual}))  # fmt: skip
        assert found.title == "differential: chmod: a file has another ctime"
        assert found.culprit == 2


def test_a_plain_time_that_differs_has_no_culprit():
    plain = [FILE | {"mtime": time} for time in ("17", "18")]
    [found] = judged([], [outcome(tree={"A": plain[0]})], outcome(tree={"A": plain[1]}))
    assert found.culprit is None
    assert found.title == "differential: a file has another mtime"


def test_times_in_the_result_of_a_stat_end_nothing():
    lines = ["create A 0644", "stat A FOLLOW", "unlink A"]
    words = ["kind=file size=0 ctime=op0", "kind=file size=0 ctime=start"]
    found = judged(lines, [outcome("", words[0], "")], outcome("", words[1], "EIO"))
    assert [one.title for one in found] == [
        "differential: unlink: EIO instead of success",
        "differential: create: a file has another ctime",
    ]


def test_what_references_do_not_agree_on_is_no_standard():
    lines = ["unlink A", "unlink B"]
    references = [outcome("ENOENT", "ENOENT"), outcome("EPERM", "ENOENT")]
    assert titles(lines, references, outcome("EIO", "EIO")) == []
    agree = [outcome("ENOENT", "ENOENT"), outcome("ENOENT", "EPERM")]
    assert titles(lines, agree, outcome("EIO", "EIO")) == [
        "differential: unlink: EIO instead of ENOENT"
    ]
    trees = [outcome(tree={"A": FILE}), outcome(tree={"A": FILE | {"mode": "0600"}})]
    assert titles([], trees, outcome(tree={"A": FILE | {"mode": "0000"}})) == []
    worse = outcome(tree={"A": FILE | {"mode": "0000", "size": "5"}})
    assert titles([], trees, worse) == ["differential: a file has another size"]


def test_a_remount_must_change_nothing():
    same = {".": {"kind": "folder"}, "A": FILE}
    changed = same | {"A": FILE | {"hash": "b", "mtime": "op9"}}
    [found] = judged([], [outcome(tree=same)], outcome(tree=same, after=changed))
    assert found.title == "differential: after a remount a file has another content"
    assert (found.kind, found.expected, found.actual) == ("persistence", "a", "b")
    assert titles([], [outcome(tree=same)], outcome(tree=same, after=same)) == []


def test_a_difference_after_a_remount_does_not_need_equal_results():
    same = {".": {"kind": "folder"}, "A": FILE}
    actual = outcome("EIO", tree=same, after={".": {"kind": "folder"}})
    assert titles(["unlink A"], [outcome("")], actual) == [
        "differential: unlink: EIO instead of success",
        "differential: after a remount a file is missing",
    ]


def test_a_folder_that_could_not_be_made_does_not_count_after_a_remount():
    nowhere = outcome("EIO", tree={".": {"error": "EIO"}}, after={".": {"error": "ENOENT"}})
    assert titles(["create A 0644"], [outcome("")], nowhere) == [
        "differential: create: EIO instead of success"
    ]


def test_only_lies_about_holes_count():
    holes = {what: {"A": FILE | {"holes": what}} for what in ("ok", "lie")} | {"none": {"A": FILE}}
    for expected, actual, count in (
        *(("ok", "none", 0), ("none", "ok", 0), ("lie", "ok", 0), ("lie", "lie", 0)),
        *(("ok", "lie", 1), ("none", "lie", 1)),
    ):
        found = judged([], [outcome(tree=holes[expected])], outcome(tree=holes[actual]))
        assert len(found) == count, (expected, actual)


LINES = st.sampled_from(
    [
        *("mkdir A 0755", "create f 0644", "create g 0600", "append f 10 1", "append g 3 2"),
        *("truncate f 5", "rename f g PLAIN", "unlink f", "chmod g 0600", "stat f FOLLOW"),
        "read g 0 100",
    ]
)


@given(st.lists(LINES, max_size=30), st.integers(1, 3))
def test_a_filesystem_does_not_differ_from_itself(lines, references):
    one = OpList("any", list_of("any", *lines).operations)
    standard = [Toy().run(one) for _ in range(references)]
    assert compare(one.operations, standard, Toy().run(one), NOTHING) == []
