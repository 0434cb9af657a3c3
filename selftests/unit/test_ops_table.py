"""The executor knows every operation of the language, with its arguments and their words."""

import dataclasses
import re
from typing import get_type_hints

import pytest

from vexfs_provider.ops import fields
from vexfs_provider.ops.operations import OPERATIONS
from vexfs_provider.paths import data_dir

FOLDER = data_dir("deps") / "ops"
LETTERS = {
    "HandleName": "h",
    "Length": "i",
    "Mode": "o",
    "Name": "n",
    "Path": "n",
    "Target": "t",
    "Open": "F",
    "Rename": "R",
    "Fallocate": "A",
    "SyncKind": "M",
    "WhenceKind": "W",
    "NodeKind": "N",
    "LinksKind": "L",
    "XattrKind": "X",
    "LockKind": "K",
    **dict.fromkeys(("Count", "Id", "Offset", "Seconds", "Seed"), "i"),
}
KINDS = {getattr(fields, name): letter for name, letter in LETTERS.items()}
WORDS = {
    "F": fields.OpenFlags,
    "R": fields.RenameFlags,
    "A": fields.FallocateMode,
    "M": fields.Sync,
    "W": fields.Whence,
    "N": fields.Node,
    "L": fields.Links,
    "X": fields.XattrFlags,
    "K": fields.Lock,
}


def in_c(name, pattern):
    """What a pattern finds in a source of the executor."""
    return re.findall(pattern, (FOLDER / name).read_text())


def test_it_has_no_operation_beyond_the_language():
    known = [name for name, _ in in_c("table.c", r'OPERATION\((\w+), "(\w*)"\)')]
    assert sorted(known) == sorted(name for name, one in OPERATIONS.items() if not one.host_runs)


@pytest.mark.parametrize("keyword", [name for name, one in OPERATIONS.items() if not one.host_runs])
def test_an_operation_takes_its_arguments(keyword):
    kinds = dict(in_c("table.c", r'OPERATION\((\w+), "(\w*)"\)'))
    hints = get_type_hints(OPERATIONS[keyword], include_extras=True)
    own = dataclasses.fields(OPERATIONS[keyword])
    assert kinds[keyword] == "".join(KINDS[hints[one.name]] for one in own)


@pytest.mark.parametrize("letter", WORDS)
def test_a_flag_has_its_words(letter):
    words = [word for kind, word in in_c("parse.c", r"\{ '(\w)', \"(\w+)\",") if kind == letter]
    assert sorted(words) == sorted(WORDS[letter].__members__)
