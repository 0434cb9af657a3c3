"""The scenario vector on a filesystem that searches vectors rightly, and on wrong ones."""

import pytest
from planted import run_planted, titles

from vexfs_provider.scenarios import vector

pytestmark = pytest.mark.usefixtures("runtime")

BAD = "bad_requests_are_refused: "
NEAREST = "nearest_vectors_are_found: "


def test_a_right_search_passes(tmp_path):
    record = run_planted(vector.run, tmp_path, "none")
    assert (record.status, titles(record)) == ("PASS", [])
    assert record.unsupported[0] == "vectors_outlive_a_remount: needs persistent"


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("search", "claimed but not reachable: vector ioctl search"),
        ("constant", NEAREST + "distances by euclidean grow from result to result"),
        ("unsorted", NEAREST + "the nearest by manhattan, nearest first"),
        ("unsorted", "an_equal_vector_comes_first: the nearest to itself by euclidean"),
        ("mixed", "dimensions_do_not_mix: results of the query's dimension"),
        ("shared", "files_keep_their_own_vectors: results in the first file"),
        ("label", "labels_come_back: labels"),
        ("behind", "k_bounds_the_results: nothing is written behind the results"),
        ("dimension", BAD + "add of dimension 0"),
        ("pointer", BAD + "add with components at the kernel's memory"),
        ("metric", BAD + "search by an unknown metric"),
        ("unknown", BAD + "an ioctl of another size"),
    ],
)
def test_a_wrong_search_is_found(tmp_path, fault, title):
    record = run_planted(vector.run, tmp_path, fault)
    assert record.status == "FAIL", record.reason
    assert title in titles(record)


def test_vectors_that_a_remount_loses_are_found(tmp_path):
    record = run_planted(vector.run, tmp_path, "none", claims="'persistent'")
    assert record.status == "FAIL", record.reason
    assert titles(record) == ["vectors_outlive_a_remount: vectors found after a remount"]


def test_a_filesystem_without_vector_ioctls_is_not_applicable(perform):
    outcome = perform(vector.run, "tmpfs")
    assert outcome.record.status == "CANCEL"
    assert "no table [vector]" in outcome.record.reason
