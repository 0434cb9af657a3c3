"""Tables of documented mount options, and the mounts that cover all pairs of them."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.catalogue import load_profiles
from vexfs_provider.filesystems.covering import Covering
from vexfs_provider.filesystems.mount_options import MountOptions, read_mount_options
from vexfs_provider.filesystems.profile_file import read_profile

PROFILE = 'name = "mine"\ndescription = "My own"\nkind = "kernel"\ntype = "mine"\n'
TABLE = '[documented_options]\nsource = "a book"\nchoices = [["a", "b"], ["c=1"]]\n'
DOCUMENTED = {name: p.documented_options for name, p in load_profiles().items()}
SMALL = MountOptions(
    "a book",
    (("a", "b"), ("c",), ("d=1", "d=2"), ("e",)),
    frozenset({frozenset(("a", "c")), frozenset(("b", "d=2"))}),
    {"e": ("ro", "c")},
)


def values_of(options):
    return [value for choice in options.all_choices for value in choice]


def rows_of(covering):
    rows = []
    while row := covering.next_row():
        rows.append(row)
        covering.done(row)
    return rows


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("source = ''", "source names where"),
        ("choices = [[]]", "choices are lists"),
        ("choices = [['a b']]", "as after mount -o, not 'a b'"),
        ("choices = [['a'], ['a']]", "each value once, not 'a'"),
        ("choices = [['noatime']]", "each value once, not 'noatime'"),
        ("conflicts = [['a', 'x']]", "values of its choices, not 'x'"),
        ("conflicts = [['a', 'a']]", "pairs of different values"),
        ("needs = {a = ['x']}", "values of its choices, not 'x'"),
        ("needs = {a = ['b']}", "no value by its own needs, as 'a'"),
        ("needs_kernel = {a = 'QUOTA'}", "needs_kernel say for a"),
        ("untested = {z = ''}", "untested say for z"),
        ("values = 1", "some of the keys source, choices"),
    ],
)
def test_a_mistake_in_the_table_is_one_clear_error(tmp_path, line, says):
    path = tmp_path / "mine.toml"
    key = line.partition(" ")[0]
    kept = "".join(f"{one}\n" for one in TABLE.splitlines() if not one.startswith(f"{key} "))
    path.write_text(f"{PROFILE}{kept}{line}\n")
    with pytest.raises(UsageError, match=f"documented_options = .*{says}"):
        read_profile(path)


@pytest.mark.parametrize("name", [name for name, options in DOCUMENTED.items() if options])
def test_what_profiles_document_is_valid_by_itself(name):
    options = DOCUMENTED[name]
    assert options.source
    assert all(options.valid([value]) for value in values_of(options))
    words = {value.partition("=")[0] for value in values_of(options)}
    assert not words & options.untested.keys() - {"dax", "space_cache"}


def test_needs_come_along_and_conflicts_are_invalid():
    assert SMALL.with_needs(["e"]) == ("ro", "c", "e")
    assert SMALL.valid(["e", "b"])
    assert not SMALL.valid(["e", "a"]), "e needs c, which rules a out"
    assert not SMALL.valid(["e", "rw"]), "e needs ro"
    assert not SMALL.valid(["a", "b"]), "of one choice"


@st.composite
def tables(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=5))
    names = iter("abcdefghijklmnopqrstuvwxyz")
    choices = [[next(names) for _ in range(size)] for size in sizes]
    values = [value for choice in choices for value in choice]
    pairs = draw(st.lists(st.sampled_from(list(combinations([*values, "ro"], 2))), max_size=5))
    table = {"source": "drawn", "choices": choices, "conflicts": [list(pair) for pair in pairs]}
    return read_mount_options(table)


@settings(max_examples=50, deadline=None)
@given(tables())
def test_each_valid_pair_is_in_a_row_and_no_other(options):
    values = values_of(options)
    covering = Covering(options, values)
    rows = rows_of(covering)
    assert all(options.valid(row) for row in rows)
    wanted = {p for p in map(frozenset, combinations(values, 2)) if options.valid(p)}
    tried = {frozenset(pair) for row in rows for pair in combinations(row, 2)}
    assert tried == wanted
    assert covering.tried == covering.total == len(wanted)


def test_rows_are_few_and_always_the_same():
    options = DOCUMENTED["xfs"]
    first, again = (rows_of(Covering(options, values_of(options))) for _ in range(2))
    assert first == again
    assert len(first) < 40


def test_needs_are_covered_too_and_a_refused_pair_is_not_tried_again():
    covering = Covering(SMALL, values_of(SMALL))
    rows = []
    while row := covering.next_row():
        rows.append(row)
        if {"b", "c"} <= set(row):
            covering.refuse(("b", "c"))
        else:
            covering.done(row)
    assert sum({"b", "c"} <= set(row) for row in rows) == 1
    assert any({"e", "noatime"} <= set(row) for row in rows)


def test_options_that_the_kernel_lacks_are_in_no_row():
    rows = rows_of(Covering(SMALL, ["a", "d=1", "ro"]))
    assert {value for row in rows for value in row} == {"a", "d=1", "ro"}
