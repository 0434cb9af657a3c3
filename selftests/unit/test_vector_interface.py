"""The table [vector] of a profile, and the C layouts that the guest makes of it."""

import ctypes
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.vector_interface import read_vector_interface
from vexfs_provider.paths import data_dir

TABLE = {
    "magic": "P",
    "add": 1,
    "add_direction": "write",
    "add_fields": "id:I dimension:I data:P",
    "search": 2,
    "search_direction": "read_write",
    "search_fields": "dimension:I k:I metric:I data:P",
    "result_fields": "id:I distance:I",
    "metric_euclidean": 1,
}


@pytest.fixture
def guest_code(monkeypatch):
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    return importlib.import_module("vector_ioctls")


def test_the_built_in_claim_is_read():
    interface = read_vector_interface(get_profile("vexfs").vector)
    assert interface.magic == "V"
    assert {name: entry.number for name, entry in interface.ioctls.items()} == {
        "add": 1,
        "search": 2,
        "get_stats": 3,
    }
    assert not interface.ioctls["get_stats"].fields
    assert interface.metrics["cosine"] == 2


def test_codes_are_those_of_the_c_macros(guest_code):
    interface = read_vector_interface(TABLE).to_dict()
    # _IOW('P', 1, 16 bytes) and _IOWR('P', 2, 24 bytes), as gcc computes them
    assert guest_code.ioctl_code(interface, "add", 16) == 0x40105001
    assert guest_code.ioctl_code(interface, "search", 24) == 0xC0185002


class Query(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
        ("label", ctypes.c_char * 5),
        ("k", ctypes.c_uint32),
        ("flag", ctypes.c_uint8),
    )


class Short(ctypes.Structure):
    _fields_ = (("id", ctypes.c_uint32), ("label", ctypes.c_char * 3))


@pytest.mark.parametrize(
    ("fields", "structure"),
    [("id:I data:P label:5s k:I flag:B", Query), ("id:I label:3s", Short)],
)
def test_a_layout_is_that_of_the_c_compiler(guest_code, fields, structure):
    layout = guest_code.Layout(fields)
    assert layout.size == ctypes.sizeof(structure)
    values = {"id": 7, "label": b"abc"}
    same = structure.from_buffer_copy(layout.pack(**values))
    assert {name: getattr(same, name) for name in values} == values
    assert layout.unpack(bytes(same))["id"] == 7


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"magic": "PP"}, "magic, one ASCII letter"),
        ({"magic": "é"}, "magic, one ASCII letter"),
        ({"add": 256}, "add is a whole number from 0 to 255"),
        ({"add": True}, "add is a whole number"),
        ({"Add": 1}, "named as in NAME = NUMBER, not 'Add'"),
        ({"add_direction": "out"}, "add_direction is one of none, write, read, read_write"),
        ({"drop_direction": "read"}, "drop, which has a direction or fields, has a number"),
        ({"add_fields": "id:I dimension:I"}, "add_fields is a text .*, id, dimension, data among"),
        ({"add_fields": "id:I id:I dimension:I data:P"}, "different names"),
        ({"search_fields": "dimension:I k:I metric:x data:P"}, "search_fields is a text"),
        ({"search_fields": ""}, "search, search_direction and search_fields"),
        ({"result_fields": ""}, "result_fields and one at least of metric_euclidean"),
        ({"max_dimension": 0}, "max_dimension is a whole number from 1"),
    ],
)
def test_a_mistake_says_what_is_right(change, says):
    with pytest.raises(ValueError, match=says):
        read_vector_interface(TABLE | change)


def test_a_distance_must_be_known():
    table = {key: value for key, value in TABLE.items() if key != "metric_euclidean"}
    with pytest.raises(ValueError, match="one at least of metric_euclidean, metric_manhattan"):
        read_vector_interface(table)


VALUES = st.one_of(st.text(max_size=12), st.integers(-9, 999), st.booleans(), st.lists(st.text()))


@given(st.dictionaries(st.one_of(st.sampled_from(sorted(TABLE)), st.text(max_size=9)), VALUES))
def test_any_table_is_an_interface_or_a_value_error(changes):
    try:
        interface = read_vector_interface(TABLE | changes)
    except ValueError as error:
        assert str(error).startswith("a table")
    else:
        assert {"add", "search"} <= set(interface.ioctls)
