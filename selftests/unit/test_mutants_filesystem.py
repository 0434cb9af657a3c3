"""The mutant filesystem without a guest: its list, its archive, its protocol, its operations."""

import ast
import os
import stat
import subprocess
import sys
from types import SimpleNamespace

import mutants
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutantfs import wire
from mutantfs.faults import corners
from mutantfs.nodes import Nodes
from mutantfs.passthrough import Passthrough
from mutantfs.registry import make_operations

from vexfs_provider.paths import data_dir

ROOT_ENTRIES = [(2, 4, b"."), (2, 4, b"..")]
entry_names = st.binary(min_size=1, max_size=255).filter(lambda name: b"\0" not in name)


def checks_in_guest_code():
    """The names of all functions with the decorator ``check``."""
    for path in (data_dir("deps") / "guest" / "code").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(decorator, ast.Name) and decorator.id == "check"
                for decorator in node.decorator_list
            ):
                yield node.name


@pytest.fixture
def operations(tmp_path):
    """``operations(mutants)``: the operations on a folder of this host."""

    def make(names=""):
        root = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
        return make_operations(names, Nodes(root))

    return make


def test_there_are_as_many_mutants_as_level_1_needs():
    assert len(mutants.list_mutants()) >= 40


def test_each_mutant_describes_and_overrides_something():
    for mutant in mutants.list_mutants():
        operations = mutants.MUTANTS[mutant.name]
        own = vars(operations).keys() & vars(Passthrough).keys()
        assert own - {"__module__", "__doc__", "__init__"}, mutant.name
        assert mutant.description.endswith("."), mutant.name
        in_a_corner = operations.__module__ == corners.__name__
        assert any(mutant.kills.values()) != in_a_corner, mutant.name


def test_mutants_name_checks_that_there_are():
    known = {*checks_in_guest_code(), "hang", "claimed but absent"}
    for mutant in mutants.list_mutants():
        for checks in mutant.kills.values():
            assert checks.keys() <= known, mutant.name


def test_a_pattern_is_for_the_title_of_its_own_check():
    mutant = mutants.Mutant("m", "d", {"s": {"a_check": "size|content"}})
    assert mutant.pattern("s", "a_check") == "^a_check: .*(size|content)"


def test_the_archive_runs_and_refuses_unknown_mutants(tmp_path):
    path = tmp_path / "mutantfs.pyz"
    path.write_bytes(mutants.archive())
    command = [sys.executable, "-IS", str(path), "--mutants", "nothing", "/dev/null", "/nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "--mutants nothing: unknown: nothing; allowed: " in done.stderr
    assert mutants.list_mutants()[0].name in done.stderr


@given(st.integers(0, 0xFFF), st.integers(0, 0xFFFFF))
def test_device_numbers_survive_the_protocol(major, minor):
    device = os.makedev(major, minor)
    assert wire.decode_device(wire.encode_device(device)) == device


@given(st.lists(entry_names, max_size=40, unique=True), st.integers(300, 4096))
def test_directory_entries_are_whole_and_go_on_where_they_ended(names, size):
    entries = ROOT_ENTRIES + [(number, 8, name) for number, name in enumerate(names, 10)]
    found, offset = [], 0
    while packed := wire.pack_entries(entries, offset, size):
        assert len(packed) <= size
        position = 0
        while position < len(packed):
            inode, offset, length, kind = wire.DIRENT.unpack_from(packed, position)
            start = position + wire.DIRENT.size
            found.append((inode, kind, packed[start : start + length]))
            position = start + length + -(wire.DIRENT.size + length) % 8
    assert found == entries


def test_attributes_have_the_size_of_the_kernels_structure():
    times = {"atime": -1, "mtime": 1_500_000_000, "ctime": 0}
    words = dict.fromkeys(("ino", "size", "blocks", "mode", "nlink", "uid", "gid", "rdev"), 1)
    packed = wire.pack_attr(SimpleNamespace(**times, **words))
    assert len(packed) == 88
    assert wire.ATTR.unpack(packed)[3:9] == (-1, 1, 0, 999_999_999, 500_000_000, 0)


def test_operations_pass_on(operations, tmp_path):
    do = operations()
    root = do.nodes.root
    node, number = do.create(root, b"file", os.O_RDWR, 0o640)
    handle = do.nodes.handles[number]
    assert do.write(handle, 3, b"content") == 7
    assert do.read(handle, 0, 100) == b"\0\0\0content"
    assert (tmp_path / "file").read_bytes() == b"\0\0\0content"
    assert do.link(node, root, b"second") is do.lookup(root, b"second") is node
    do.rename(root, b"file", root, b"moved", 0)
    assert do.stat(node).nlink == 2
    names = {name for _, _, name in do.entries(do.nodes.handles[do.opendir(root)])}
    assert names == {b".", b"..", b"moved", b"second"}
    for name in (b"moved", b"second"):
        do.unlink(root, name)
    do.statfs()
    assert do.read(handle, 3, 7) == b"content"
    do.release(number)
    assert do.nodes.get(node.number) is node
    do.statfs()
    with pytest.raises(OSError, match="gone"):
        do.nodes.get(node.number)
    with pytest.raises(FileNotFoundError):
        do.lookup(root, b"moved")


def test_an_inode_is_forgotten_with_its_last_reference(operations):
    do = operations()
    node = do.mkdir(do.nodes.root, b"folder", 0o700)
    assert stat.S_IMODE(do.stat(node).mode) == 0o700
    node.lookups = 2
    do.nodes.forget(node.number, 1)
    assert do.nodes.get(node.number) is node
    do.nodes.forget(node.number, 1)
    with pytest.raises(KeyError):
        do.nodes.get(node.number)
    assert do.lookup(do.nodes.root, b"folder").number != node.number


def test_mutants_add_up(operations, tmp_path):
    do = operations("last_byte_dropped,link_count_one_too_high")
    node, number = do.create(do.nodes.root, b"file", os.O_RDWR, 0o600)
    assert do.write(do.nodes.handles[number], 0, b"content") == 7
    assert (tmp_path / "file").read_bytes() == b"conten"
    assert do.stat(node).nlink == 2
