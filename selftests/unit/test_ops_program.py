"""Programs for the executor: how lists are cut and put together."""

from hypothesis import given
from hypothesis import strategies as st
from ops_host import list_of

from vexfs_provider.ops.operations import Remount, SyncAll
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.program import MOST_OPERATIONS, MOST_PARTS, Part, batches, cut, program


def test_a_list_is_one_part():
    one = list_of("one", "mkdir A 0755", "unlink B/%20")
    assert program(cut(one, tree=True)).splitlines() == [
        "begin one",
        "mkdir A 0755",
        "unlink B/%20",
        "tree",
        "leave",
    ]
    assert program(cut(one, tree=False)).splitlines()[-2:] == ["unlink B/%20", "leave"]


def test_a_remount_cuts():
    one = list_of("one", "sync", "remount", "remount", "syncfs")
    first, second, third = cut(one, tree=True)
    assert (first.start, len(first.operations), first.end, first.tree) == (0, 1, 1, False)
    assert (second.start, second.operations, second.end, second.tree) == (2, (), 2, False)
    assert (third.start, len(third.operations), third.end, third.tree) == (3, 1, 4, True)


def test_a_part_that_comes_back_says_where_and_as_whom():
    one = list_of("one", "sync")
    part = Part(one, 7, one.operations, tree=False, fresh=False, user=1000)
    assert program([part]).splitlines() == ["resume one 7 1000", "sync", "leave"]


@given(st.lists(st.sampled_from([SyncAll(), Remount()])), st.booleans())
def test_parts_are_the_list_without_what_the_host_runs(operations, tree):
    parts = cut(OpList("one", tuple(operations)), tree=tree)
    assert [part.tree for part in parts] == [*[False] * (len(parts) - 1), tree]
    assert parts[-1].end == len(operations)
    numbers = [number for part in parts for number in range(part.start, part.end)]
    assert numbers == [number for number, one in enumerate(operations) if one == SyncAll()]


@given(st.lists(st.integers(0, 2 * MOST_OPERATIONS), max_size=30))
def test_batches_keep_order_and_bounds(lengths):
    syncs = (SyncAll(),) * (2 * MOST_OPERATIONS)
    parts = [
        Part(OpList(f"l{number}", ()), 0, syncs[:length], tree=False)
        for number, length in enumerate(lengths)
    ]
    groups = list(batches(parts))
    assert [part for group in groups for part in group] == parts
    for group in groups:
        assert len(group) == 1 or sum(len(p.operations) for p in group) <= MOST_OPERATIONS


def test_many_short_lists_share_a_batch():
    parts = [Part(OpList(f"l{n}", ()), 0, (), tree=True) for n in range(MOST_PARTS + 1)]
    assert [len(group) for group in batches(parts)] == [MOST_PARTS, 1]
