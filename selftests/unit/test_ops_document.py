"""``docs/operations.md`` and the executor know every operation, in the form that it has."""

import re
from pathlib import Path

from vexfs_provider.filesystems.capabilities import CAPABILITIES
from vexfs_provider.ops.fields import (
    FallocateMode,
    Links,
    Lock,
    Node,
    OpenFlags,
    RenameFlags,
    Sync,
    Whence,
    XattrFlags,
)
from vexfs_provider.ops.operations import OPERATIONS, arguments_of
from vexfs_provider.ops.text import MAGIC, VERSION, read_text
from vexfs_provider.paths import data_dir

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text()
ROWS = re.findall(r"^\| `([a-z_]+[^`]*)` \|(.*)\|$", TEXT, re.MULTILINE)


def form(keyword):
    return " ".join([keyword, *(name.upper() for name in arguments_of(OPERATIONS[keyword]))])


def test_each_operation_has_a_row_with_its_form():
    assert [row for row, _ in ROWS] == [form(keyword) for keyword in OPERATIONS]


def test_each_argument_is_explained():
    names = {name.upper() for one in OPERATIONS.values() for name in arguments_of(one)}
    table = TEXT.split("## Arguments")[1].split("## Operations")[0]
    first = " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))
    assert names <= set(re.findall(r"[A-Z_]{3,}", first))


def test_each_flag_is_named():
    for flags in (
        OpenFlags,
        RenameFlags,
        FallocateMode,
        Sync,
        Whence,
        Node,
        Links,
        XattrFlags,
        Lock,
    ):
        missing = [name for name in flags.__members__ if f"`{name}`" not in TEXT]
        assert missing == [], flags


def test_the_capabilities_in_a_row_are_those_that_the_operation_may_need():
    for row, cells in ROWS:
        operation = OPERATIONS[row.split()[0]]
        named = set(re.findall("`([a-z_]+)`", cells.rsplit("|", 1)[1]))
        assert named <= CAPABILITIES.keys()
        assert set(operation.needs) <= named, row


def test_the_example_is_a_list():
    example = re.search(rf"^    {MAGIC} {VERSION}\n(    .*\n)+", TEXT, re.MULTILINE)
    assert example, "no example of this version"
    found = read_text(example[0].replace("\n    ", "\n").removeprefix("    "), "operations.md")
    assert len(found.operations) == 4
    assert found.facts == {"filesystem": "ext4", "seed": "7"}


def test_the_executor_has_each_operation_with_as_many_arguments():
    table = (data_dir("deps") / "ops" / "table.c").read_text()
    rows = dict(re.findall(r'OPERATION\((\w+), "(\w*)"\)', table))
    host = {keyword for keyword, one in OPERATIONS.items() if one.host_runs}
    assert {keyword: len(kinds) for keyword, kinds in rows.items()} == {
        keyword: len(arguments_of(one))
        for keyword, one in OPERATIONS.items()
        if keyword not in host
    }
