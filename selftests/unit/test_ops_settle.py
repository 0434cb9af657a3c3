"""Which operation made a difference, and whether it counts: on a filesystem that is a toy."""

from ops_host import list_of
from ops_toy import ToyLaboratory

from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.operations import Append, ChangeMode, Read, Truncate
from vexfs_provider.ops.settle import MOST_DOUBTFUL, MOST_OF_A_TITLE, settle
from vexfs_provider.ops.trial import Case

NOTHING = Allowed()


def cases_of(laboratory, *lists):
    found = []
    for one in lists:
        trial = laboratory.trial(one)
        compared = compare(one.operations, trial.references, trial.actual, NOTHING)
        found += [Case(one, each) for each in compared]
    return found


def settled(laboratory, *lists):
    return settle(cases_of(laboratory, *lists), laboratory, NOTHING)


def only(cases):
    [case] = cases
    return case


def chmod_loses_content(operation, there, now):
    if isinstance(operation, ChangeMode) and operation.path in there:
        there[operation.path]["hash"] = "lost"


def chmod_keeps_ctime(operation, there, now):
    if isinstance(operation, ChangeMode) and operation.path in there:
        there[operation.path]["ctime"] = "start"


def truncate_keeps_mtime(operation, there, now):
    if isinstance(operation, Truncate) and operation.target in there:
        there[operation.target]["mtime"] = "start"


def read_fails(operation, there, now):
    return "EIO" if isinstance(operation, Read) else None


def append_is_full(operation, there, now):
    return "ENOSPC" if isinstance(operation, Append) else None


LONG = list_of(
    "long",
    "create f 0644",
    "create g 0644",
    "append f 10 1",
    "chmod f 0600",
    "append g 10 2",
    "mkdir d 0755",
    "read f 0 10",
    "unlink g",
)


def test_a_wrong_tree_is_traced_to_the_operation_that_made_it():
    case = only(settled(ToyLaboratory(chmod_loses_content), list_of("short", *LINES)))
    assert case.divergence.title == "differential: chmod: a file has another content"
    assert case.divergence.culprit == 3
    assert case.list.operations == LONG.operations[:4]


LINES = ["create f 0644", "create g 0644", "append f 10 1", "chmod f 0600", "append g 10 2"]


def test_a_wrong_result_is_traced_to_what_made_the_state_wrong_before():
    case = only(settled(ToyLaboratory(chmod_loses_content), LONG))
    assert case.divergence.title == "differential: chmod: a file has another content"
    assert case.divergence.kind == "tree"
    assert case.list.operations == LONG.operations[:4]


def test_a_wrong_result_with_a_right_state_before_it_stands():
    case = only(settled(ToyLaboratory(read_fails), LONG))
    assert case.divergence.title == "differential: read: EIO instead of success"
    assert (case.divergence.index, case.divergence.culprit) == (6, 6)
    assert case.list.operations == LONG.operations[:7]


def test_a_time_is_confirmed_where_it_was_set():
    case = only(settled(ToyLaboratory(chmod_keeps_ctime), LONG))
    assert case.divergence.title == "differential: chmod: a file has another ctime"
    assert case.list.operations == LONG.operations[:4]


def test_a_time_in_a_stat_is_confirmed_in_the_tree():
    one = list_of("any", "create f 0644", "chmod f 0600", "stat f FOLLOW", "unlink f")
    case = only(settled(ToyLaboratory(chmod_keeps_ctime), one))
    assert case.divergence.title == "differential: chmod: a file has another ctime"
    assert case.divergence.kind == "tree"
    assert case.list.operations == one.operations[:2]


def test_a_time_is_excused_where_nothing_else_changed():
    laboratory = ToyLaboratory(truncate_keeps_mtime)
    same = list_of("same", "create f 0644", "truncate f 0", "create g 0644")
    other = list_of("other", "create f 0644", "truncate f 5", "create g 0644")
    assert cases_of(laboratory, same)[0].divergence.doubtful
    # The toy's own truncate changes the content's hash from "0" to the same.
    assert settled(laboratory, same) == []
    case = only(settled(laboratory, other))
    assert case.divergence.title == "differential: truncate: a file has another mtime"
    assert not case.divergence.doubtful
    assert len(case.list.operations) == 2


def test_a_time_of_unknown_origin_is_traced_by_its_values():
    def chmod_sets_a_plain_time(operation, there, now):
        if isinstance(operation, ChangeMode) and operation.path in there:
            there[operation.path]["mtime"] = "17"

    one = list_of("any", "create f 0644", "append f 1 1", "chmod f 0600", "create g 0644")
    case = only(settled(ToyLaboratory(chmod_sets_a_plain_time), one))
    assert case.divergence.title == "differential: chmod: a file has another mtime"
    assert case.divergence.culprit == 2


def test_one_wrong_state_is_one_finding_whatever_times_are_wrong_as_well():
    def chmod_is_mad(operation, there, now):
        if isinstance(operation, ChangeMode) and operation.path in there:
            there[operation.path] |= {"hash": "lost", "mtime": now, "ctime": "start"}

    case = only(settled(ToyLaboratory(chmod_is_mad), list_of("any", *LINES)))
    assert case.divergence.attribute == "hash"


def test_both_times_of_a_file_are_one_finding():
    def chmod_sets_both(operation, there, now):
        if isinstance(operation, ChangeMode) and operation.path in there:
            there[operation.path] |= {"mtime": now, "ctime": "start"}

    case = only(settled(ToyLaboratory(chmod_sets_both), list_of("any", *LINES)))
    assert case.divergence.attribute == "mtime"


def test_lack_of_room_counts_on_an_empty_filesystem_only():
    one = list_of("any", "create f 0644", "append f 1 1", "create g 0644")
    laboratory = ToyLaboratory(append_is_full)
    case = only(settled(laboratory, one))
    assert case.divergence.title == "differential: append: ENOSPC instead of success"
    assert not case.divergence.doubtful
    assert [len(each.operations) for each in laboratory.alone] == [2]

    found = cases_of(ToyLaboratory(append_is_full), one)
    assert settle(found, ToyLaboratory(), NOTHING) == []


def test_what_differs_after_a_remount_stands_as_it_is():
    laboratory = ToyLaboratory()
    trial = laboratory.trial(LONG)
    lost = {".": {"kind": "folder"}}
    actual = type(trial.actual)(trial.actual.results, trial.actual.tree, lost)
    found = compare(LONG.operations, trial.references, actual, NOTHING)
    case = only(settle([Case(LONG, one) for one in found], laboratory, NOTHING))
    assert case.list == LONG
    assert not case.by_reference


def test_all_lists_are_looked_into_side_by_side():
    lists = [list_of(f"list{n}", *LINES, *["create h 0644"] * n) for n in range(20)]
    laboratory = ToyLaboratory(chmod_loses_content)
    found = settled(laboratory, *lists)
    assert len(found) == 20
    assert {len(case.list.operations) for case in found} == {4}
    assert laboratory.calls <= 6  # rounds of bisection of the longest, not of each


def test_only_some_lists_of_a_title_are_looked_into():
    lists = [list_of(f"list{n}", *LINES) for n in range(200)]
    found = settled(ToyLaboratory(chmod_loses_content), *lists)
    assert 0 < len(found) <= MOST_OF_A_TITLE
    doubtful = [list_of(f"list{n}", "create f 0644", "truncate f 0") for n in range(100)]
    laboratory = ToyLaboratory(truncate_keeps_mtime)
    assert settled(laboratory, *doubtful) == []
    looked_into = {one.name for one in laboratory._actual.runs if "-to-" in one.name}
    assert 0 < len(looked_into) <= 2 * MOST_DOUBTFUL
