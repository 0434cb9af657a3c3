"""Generated lists: all short ones, counted, and random ones, which depend on a seed alone."""

import os
import random
import subprocess
import sys
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vexfs_provider.filesystems.capabilities import CAPABILITIES
from vexfs_provider.ops import generate
from vexfs_provider.ops.dice import Dice
from vexfs_provider.ops.fields import Handle, OpenFlags, Sync
from vexfs_provider.ops.makers import MAKERS
from vexfs_provider.ops.mix import DEFAULT_MIX, WITH_ENVIRONMENT
from vexfs_provider.ops.namespace import Namespace, Type
from vexfs_provider.ops.operations import (
    OPERATIONS,
    Append,
    Clone,
    Close,
    CopyRange,
    Create,
    MapLoad,
    MapStore,
    OpenFile,
    OpenUnnamed,
    Read,
    RemoveFolder,
    RenamePath,
    StatExtended,
    Unlink,
    Write,
    WriteVector,
)
from vexfs_provider.ops.random_lists import EFFECTS, START, random_list
from vexfs_provider.ops.reach import DIRECT_BYTES, end_of_range, handles_of
from vexfs_provider.ops.text import read_text, write_line, write_text

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
POOR = frozenset({"fallocate", "mmap_write", "o_direct", "persistent", "rename_noreplace"})
ABLE = st.none() | st.frozensets(st.sampled_from(sorted(CAPABILITIES)))
SEEDS = st.integers(0, 2**40)
LISTS = st.builds(random_list, SEEDS, st.just(150), ABLE, mix=st.just(WITH_ENVIRONMENT))


def missing(operations, capabilities):
    """The operations that need what is not there."""
    return [
        write_line(one)
        for one in operations
        if capabilities is not None and not capabilities.issuperset(one.required())
    ]


def test_the_document_has_the_counts():
    single, double = (generate.exhaustive_count(length) for length in (1, 2))
    text = " ".join(DOCUMENT.read_text().split())
    assert f"has {single} core operations" in text
    assert f"{single} lists of one core operation and {double} of two" in text
    assert 150 <= single <= 300


@pytest.mark.parametrize("capabilities", [None, POOR, frozenset()])
def test_every_list_is_there_once(capabilities):
    core, start = generate.core_operations(capabilities), generate.setup(capabilities)
    for length in (1, 2):
        lists = list(generate.exhaustive(length, capabilities))
        assert len(lists) == len(core) ** length == generate.exhaustive_count(length, capabilities)
        assert [one.name for one in lists] == sorted({one.name for one in lists})
        assert all(one.operations[: len(start)] == start for one in lists)
        assert len({one.operations for one in lists}) == len(lists)


@given(ABLE)
def test_exhaustive_lists_need_no_more_than_there_is(capabilities):
    for one in generate.exhaustive(1, capabilities):
        assert missing(one.operations, capabilities) == []


@given(ABLE)
def test_the_name_of_a_list_tells_its_core_operations_everywhere(capabilities):
    everything = generate.core_operations()
    start = len(generate.setup(capabilities))
    for one in generate.exhaustive_sample(2, capabilities, 20, 1):
        first, second = (everything[int(number)] for number in one.name.split("-")[1:])
        assert one.operations[start] == first
        assert second in one.operations[start + 1 : start + 3]


def test_core_operations_are_of_every_kind():
    """All but those that only look, which the ends of lists do, and the environment's."""
    looking = {"read", "mmap_load", "seek", "readlink", "readdir", "stat", "statx", "lock"}
    looking |= {"getxattr", "listxattr"}
    environment = WITH_ENVIRONMENT.keys() - DEFAULT_MIX.keys() | {"crash_point"}
    core = [one.keyword for one in generate.core_operations()]
    assert set(core) == OPERATIONS.keys() - looking - environment
    assert len(set(generate.core_operations())) == len(core)


def list_of(line):
    """The single list of a core operation."""
    number = [write_line(one) for one in generate.core_operations()].index(line)
    return next(islice(generate.exhaustive(1), number, None)).operations


def test_lists_read_back_what_the_tree_does_not_say():
    assert MapLoad("A/f", 4096, 4096) in list_of("truncate A/f 5000")
    assert Read(Handle(0), 0, 16384) in list_of("unlink A/f")
    assert StatExtended in {type(one) for one in list_of("mkdir A/g 0755")}
    assert write_line(list_of("chmod A/f 0000")[-1]) == "chmod A/f 0000"


@pytest.mark.parametrize("length", [1, 2])
def test_no_mapping_is_read_that_may_hold_more_than_the_file(length):
    for one in generate.exhaustive_sample(length, None, 3000, 1):
        kinds = {type(operation) for operation in one.operations}
        assert not {MapStore, MapLoad} <= kinds


def test_a_sample_is_drawn_from_all_lists():
    every = {one.name: one for one in generate.exhaustive(2, POOR)}
    first = list(generate.exhaustive_sample(2, POOR, 300, 7))
    assert first == list(generate.exhaustive_sample(2, POOR, 300, 7))
    assert len({one.name for one in first}) == 300
    assert all(every[one.name] == one for one in first)
    assert first != list(generate.exhaustive_sample(2, POOR, 300, 8))
    assert {one.name for one in generate.exhaustive_sample(2, POOR, 10**6, 1)} == every.keys()
    firsts = {one.name.split("-")[1] for one in first}
    assert len(firsts) > 100, "a sample that is cut short is of all kinds"


@pytest.mark.parametrize("length", [0, 3])
def test_only_lists_of_one_and_two_are_counted(length):
    with pytest.raises(ValueError, match=r"allowed: 1 or 2"):
        generate.exhaustive_count(length)


def test_dice_fall_the_same_everywhere():
    """``random()`` from a seed is what Python keeps from one version to the next."""
    dice = Dice(1)
    assert [dice.below(1000) for _ in range(6)] == [134, 847, 763, 255, 495, 449]
    assert list(Dice(1).order(8)) == [1, 6, 0, 4, 5, 2, 7, 3]
    with pytest.raises(ValueError, match="seed = -1"):
        Dice(-1)


@given(SEEDS, st.dictionaries(st.text(), st.integers(0, 5), max_size=5))
def test_what_weighs_nothing_is_never_drawn(seed, weights):
    if sum(weights.values()) == 0:
        with pytest.raises(ValueError, match="nothing to choose"):
            Dice(seed).weighted(weights)
    else:
        assert weights[Dice(seed).weighted(weights)] > 0


def test_weights_are_how_often():
    dice, drawn = Dice(3), {"a": 0, "b": 0}
    for _ in range(4000):
        drawn[dice.weighted({"a": 3, "b": 1})] += 1
    assert 2800 < drawn["a"] < 3200


def test_a_random_list_depends_on_its_seed_alone():
    program = (
        "from vexfs_provider.ops.generate import *; from vexfs_provider.ops.text import *;"
        "print(write_text(random_list(5, 400, mix=WITH_ENVIRONMENT).operations), end='')"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        text = subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, capture_output=True
        ).stdout.decode()
        expected = random_list(5, 400, mix=WITH_ENVIRONMENT)
        assert read_text(text, "output").operations == expected.operations
    random.seed(1)
    assert random_list(5, 50).operations == random_list(5, 400).operations[:50]
    assert random_list(5, 50) != random_list(6, 50)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(0, 120), ABLE)
def test_random_lists_have_their_length_and_need_no_more_than_there_is(seed, length, capabilities):
    made = random_list(seed, length, capabilities, mix=WITH_ENVIRONMENT)
    assert len(made.operations) == length
    assert missing(made.operations, capabilities) == []
    assert read_text(write_text(made.operations), "").operations == made.operations


def test_every_operation_has_a_weight_and_comes():
    assert MAKERS.keys() == OPERATIONS.keys() - {"crash_point"} == WITH_ENVIRONMENT.keys()
    made = random_list(1, 6000, mix=WITH_ENVIRONMENT).operations
    assert {one.keyword for one in made} == WITH_ENVIRONMENT.keys()
    waiting = {"fsync", "fdatasync", "syncfs", "sync", "drop_caches", "freeze", "remount"}
    assert not waiting & DEFAULT_MIX.keys()


def test_the_default_mix_does_not_wait_for_the_device():
    made = random_list(2, 6000).operations
    assert {one.keyword for one in made} == DEFAULT_MIX.keys()
    stores = {one.sync for one in made if isinstance(one, MapStore)}
    assert stores == {Sync.NONE, Sync.ASYNC}
    assert not any(isinstance(one, OpenFile) and OpenFlags.SYNC in one.flags for one in made)
    waits = random_list(2, 6000, mix=WITH_ENVIRONMENT).operations
    assert any(isinstance(one, OpenFile) and OpenFlags.SYNC in one.flags for one in waits)


def test_a_mix_is_what_a_list_is_made_of():
    made = random_list(1, 60, mix={"create": 1, "unlink": 1}).operations
    assert made[: len(START)] == START
    assert {type(one) for one in made[len(START) :]} == {Create, Unlink}
    with pytest.raises(ValueError, match=r"mix: fly; allowed: append,"):
        random_list(1, 5, mix={"fly": 1})
    with pytest.raises(ValueError, match="nothing in it is within the capabilities"):
        random_list(1, 10, frozenset(), mix={"clone": 1, "fallocate": 1})
    with pytest.raises(ValueError, match="nothing to choose"):
        random_list(1, 10, mix={})


def test_names_collide():
    made = random_list(1, 1000).operations
    paths = [
        getattr(one, name)
        for one in made
        for name in ("path", "target", "old", "new")
        if isinstance(getattr(one, name, None), str)
    ]
    assert len(paths) > 8 * len(set(paths))


def opened_before(operations):
    """Each operation with the flags of the handles that may be open then, by their numbers."""
    opened = {}
    for one in operations:
        yield one, dict(opened)
        if isinstance(one, OpenFile | OpenUnnamed):
            opened[one.handle] = getattr(one, "flags", OpenFlags.RDWR)
        elif isinstance(one, Close):
            opened.pop(one.handle, None)
        elif one.keyword == "remount":
            opened.clear()


@settings(max_examples=20, deadline=None)
@given(LISTS)
def test_a_handle_is_closed_before_it_is_opened_again(made):
    for one, opened in opened_before(made.operations):
        assert not isinstance(one, OpenFile | OpenUnnamed) or one.handle not in opened


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_direct_io_is_of_whole_blocks(seed):
    """What a filesystem makes of other ranges is its own affair."""
    mix = {"open": 20, "read": 10, "write": 10}
    mix |= dict.fromkeys(("append", "writev", "mmap_load", "mmap_store", "copy_range", "clone"), 2)
    made = random_list(seed, 200, mix=mix)
    for one, opened in opened_before(made.operations):
        direct = [
            handle
            for handle in handles_of(one)
            if OpenFlags.DIRECT in opened.get(handle, OpenFlags.RDWR)
        ]
        if direct and isinstance(one, Read | Write):
            assert one.offset % 4096 == one.length % 4096 == 0 < one.length
        elif direct:
            assert not isinstance(
                one, Append | WriteVector | MapStore | MapLoad | CopyRange | Clone
            )


def names_go_while_open(operations):
    taking = (Unlink, RenamePath, RemoveFolder)
    pairs = opened_before(operations)
    return [write_line(one) for one, opened in pairs if isinstance(one, taking) and opened]


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_names_go_while_files_are_open_only_where_that_works(seed):
    made = random_list(seed, 150, POOR, mix=WITH_ENVIRONMENT)
    assert names_go_while_open(made.operations) == []


def test_names_do_go_while_files_are_open():
    assert len(names_go_while_open(random_list(1, 1000).operations)) > 50
    assert len(names_go_while_open(list_of("unlink A/f"))) == 1


@pytest.mark.parametrize("length", [1, 2])
def test_exhaustive_lists_have_names_go_only_where_that_works(length):
    for made in generate.exhaustive_sample(length, POOR, 3000, 1):
        assert names_go_while_open(made.operations) == [], made.name


@settings(max_examples=20, deadline=None)
@given(LISTS)
def test_stores_to_a_mapping_end_within_the_file(made):
    """Behind a file's end, what is left in its last page differs between sound filesystems."""
    for before, one in pairwise(made.operations):
        if isinstance(one, MapStore) and one.length and one.offset >= 0:
            assert isinstance(before, Write) and before.target == one.target
            assert before.offset + before.length == one.offset + one.length
    for one, opened in opened_before(made.operations):
        if isinstance(one, MapStore) and isinstance(one.target, Handle):
            assert OpenFlags.APPEND not in opened[one.target]


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_files_stay_small(seed):
    ends = [end_of_range(one) for one in random_list(seed, 300).operations]
    assert max(ends) <= 1 << 24
    assert sum(end > 1 << 20 for end in ends) < 15
    poor = random_list(seed, 300, POOR).operations
    assert max(end_of_range(one) for one in poor) <= DIRECT_BYTES


def test_appends_do_not_add_up_to_more():
    made = random_list(1, 400, POOR, mix={"append": 4, "open": 1, "write": 1}).operations
    namespace = Namespace()
    for one in made:
        if one.keyword in ("mkdir", "create", "open", "close", "append", "write"):
            EFFECTS[type(one)](one, namespace)
    sizes = [inode.size for _, inode in namespace.entries(Type.FILE)]
    assert DIRECT_BYTES // 2 < max(sizes) <= DIRECT_BYTES
