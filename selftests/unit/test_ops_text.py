"""The written form of operation lists: what is written is read back, what is wrong is named."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import UsageError
from vexfs_provider.ops import fields
from vexfs_provider.ops.fields import Handle, Kind, OpenFlags, RenameFlags
from vexfs_provider.ops.operations import (
    OPERATIONS,
    Create,
    OpenFile,
    Read,
    RenamePath,
    Stat,
    Symlink,
    Truncate,
    Write,
    arguments_of,
)
from vexfs_provider.ops.text import load, read_line, read_text, save, write_line, write_text

NAMES = st.binary(min_size=1, max_size=20).filter(lambda data: b"\0" not in data).map(os.fsdecode)
PATHS = NAMES.filter(lambda name: not name.startswith("/") and ".." not in name.split("/"))
HANDLES = st.builds(Handle, st.integers(0, 9))
ACCESS = st.sampled_from([OpenFlags.RDONLY, OpenFlags.WRONLY, OpenFlags.RDWR])
MORE_FLAGS = st.sets(st.sampled_from([one for one in OpenFlags if one.value > 4]))


def some_of(flags):
    return st.sets(st.sampled_from([*flags])).map(lambda chosen: union(flags(0), chosen))


def union(start, flags):
    for flag in flags:
        start |= flag
    return start


STRATEGIES: dict[Kind, st.SearchStrategy] = {
    kind.__metadata__[0]: strategy
    for kind, strategy in {
        fields.Path: PATHS,
        fields.Name: NAMES,
        fields.HandleName: HANDLES,
        fields.Target: PATHS | HANDLES,
        fields.Offset: st.integers(-1, fields.MAX_OFFSET),
        fields.Length: st.integers(0, fields.MAX_LENGTH),
        fields.Seed: st.integers(0, 2**32 - 1),
        fields.Count: st.integers(1, 64),
        fields.Id: st.integers(0, 2**32 - 2),
        fields.Seconds: st.integers(0, 2**31 - 1),
        fields.Mode: st.integers(0, 0o7777),
        fields.Open: st.builds(union, ACCESS, MORE_FLAGS),
        fields.Rename: some_of(fields.RenameFlags),
        fields.Fallocate: some_of(fields.FallocateMode),
        fields.SyncKind: st.sampled_from(fields.Sync),
        fields.WhenceKind: st.sampled_from(fields.Whence),
        fields.NodeKind: st.sampled_from(fields.Node),
        fields.LinksKind: st.sampled_from(fields.Links),
        fields.XattrKind: st.sampled_from(fields.XattrFlags),
        fields.LockKind: st.sampled_from(fields.Lock),
    }.items()
}


def made(operation):
    kinds = arguments_of(operation)
    return st.builds(operation, **{name: STRATEGIES[kind] for name, kind in kinds.items()})


OPERATION_VALUES = st.sampled_from(list(OPERATIONS.values())).flatmap(made)
FACT_NAMES = st.from_regex("[A-Za-z0-9_-]{1,10}", fullmatch=True)
FACT_VALUES = st.text(max_size=20).map(lambda text: " ".join(text.split()))


@given(OPERATION_VALUES)
def test_a_line_is_read_as_what_was_written(operation):
    line = write_line(operation)
    assert line.isascii() and line.isprintable()
    assert read_line(line) == operation


@given(st.lists(OPERATION_VALUES, max_size=8), st.dictionaries(FACT_NAMES, FACT_VALUES))
def test_a_file_is_read_as_what_was_written(operations, facts):
    found = read_text(write_text(operations, facts), "test.ops")
    assert (list(found.operations), dict(found.facts)) == (operations, facts)


@given(st.lists(OPERATION_VALUES, max_size=5), st.sampled_from(["", "  ", "# note", "\t#", "#a b"]))
def test_comments_and_spaces_mean_nothing(operations, noise):
    lines = write_text(operations).splitlines()
    loose = "\r\n".join(
        ["vexfs-ops   1 ", *(f"  {noise}\n {line}   {noise}" for line in lines[1:])]
    )
    assert read_text(loose, "test.ops").operations == tuple(operations)


@given(st.text() | OPERATION_VALUES.map(write_line), st.integers(0, 40), st.text(max_size=4))
def test_any_line_is_an_operation_or_named_as_wrong(line, place, inserted):
    line = line[:place] + inserted + line[place:]
    try:
        operation = read_line(line)
    except ValueError as error:
        assert "allowed: " in str(error) or "its form: " in str(error)
    else:
        assert operation is None or read_line(write_line(operation)) == operation


@given(st.text())
def test_any_text_is_a_list_or_named_as_wrong(text):
    try:
        read_text(text, "test.ops")
    except UsageError as error:
        assert str(error).startswith("test.ops, line ")


CORRUPT = {
    "": ["line 1: ''", "a list begins with: vexfs-ops 1"],
    "mkdir A 0755": ["line 1: 'mkdir A 0755'", "a list begins with: vexfs-ops 1"],
    "\ufeffvexfs-ops 1": ["line 1: '\\ufeffvexfs-ops 1'"],
    "vexfs-ops": ["line 1: version ''", "reads 1"],
    "vexfs-ops 2": ["line 1: version '2'", "reads 1"],
    "vexfs-ops 1 1": ["line 1: version '1 1'", "reads 1"],
    "vexfs-ops 1\n\nfly A": ["line 3: operation 'fly'", "allowed: append, ", "writev"],
    "vexfs-ops 1\nmkdir A": ["line 2: mkdir has 1 arguments", "its form: mkdir PATH MODE"],
    "vexfs-ops 1\nsync A": ["line 2: sync has 1 arguments", "its form: sync"],
    "vexfs-ops 1\nmkdir A 755": ["MODE = '755'", "four octal digits"],
    "vexfs-ops 1\nmkdir A 0888": ["MODE = '0888'", "four octal digits"],
    "vexfs-ops 1\nunlink /A": ["PATH = '/A'", "below the list's folder"],
    "vexfs-ops 1\nunlink A/../../B": ["PATH = 'A/../../B'", "below the list's folder"],
    "vexfs-ops 1\nunlink %2E%2E/B": ["PATH = '%2E%2E/B'", "below the list's folder"],
    "vexfs-ops 1\nunlink %2FB": ["PATH = '%2FB'", "below the list's folder"],
    "vexfs-ops 1\nunlink @1": ["PATH = '@1'", "below the list's folder"],
    "vexfs-ops 1\nunlink A%00": ["PATH = 'A%00'", "odd bytes as %XX"],
    "vexfs-ops 1\nunlink A%2": ["PATH = 'A%2'", "odd bytes as %XX"],
    "vexfs-ops 1\nunlink caf\u00e9": ["PATH = 'caf\u00e9'", "odd bytes as %XX"],
    "vexfs-ops 1\nunlink A\x00B": ["PATH = 'A\\x00B'", "odd bytes as %XX"],
    f"vexfs-ops 1\nunlink {'n' * 5000}": ["PATH = 'nnnn", "nnn\u2026'", "below the list's folder"],
    "vexfs-ops 1\nclose @10": ["HANDLE = '@10'", "a handle, @0 to @9"],
    "vexfs-ops 1\nclose 1": ["HANDLE = '1'", "a handle, @0 to @9"],
    "vexfs-ops 1\nread @x 0 1": ["TARGET = '@x'", "a path or a handle"],
    "vexfs-ops 1\nread f 0x10 1": ["OFFSET = '0x10'", "from -1 to 9223372036854775807"],
    "vexfs-ops 1\nread f 1e3 1": ["OFFSET = '1e3'", "from -1 to"],
    "vexfs-ops 1\nread f \u0663 1": ["OFFSET = '\u0663'", "from -1 to"],
    "vexfs-ops 1\nread f -2 1": ["OFFSET = '-2'", "from -1 to"],
    "vexfs-ops 1\nread f 9223372036854775808 1": ["OFFSET = '9223372036854775808'"],
    "vexfs-ops 1\nread f 0 67108865": ["LENGTH = '67108865'", "from 0 to 67108864"],
    "vexfs-ops 1\nread f 0 -1": ["LENGTH = '-1'", "from 0 to 67108864"],
    "vexfs-ops 1\nopen @0 f CREAT 0644": ["FLAGS = 'CREAT'", "RDONLY, WRONLY, RDWR"],
    "vexfs-ops 1\nopen @0 f RDONLY|RDWR 0644": ["FLAGS = 'RDONLY|RDWR'"],
    "vexfs-ops 1\nopen @0 f RDWR|RDWR 0644": ["FLAGS = 'RDWR|RDWR'"],
    "vexfs-ops 1\nopen @0 f rdwr 0644": ["FLAGS = 'rdwr'"],
    "vexfs-ops 1\nrename a b PLAIN|EXCHANGE": ["FLAGS = 'PLAIN|EXCHANGE'", "joined by |"],
    "vexfs-ops 1\nrename a b |": ["FLAGS = '|'", "PLAIN, NOREPLACE"],
    "vexfs-ops 1\nstat a MAYBE": ["LINKS = 'MAYBE'", "FOLLOW or NOFOLLOW"],
    "vexfs-ops 1\n#: seed": ["line 2: fact '#: seed'", "#: NAME = VALUE"],
    "vexfs-ops 1\n#: a b = 1": ["line 2: fact '#: a b = 1'", "#: NAME = VALUE"],
}


@pytest.mark.parametrize("text", CORRUPT)
def test_a_corrupt_file_names_line_value_and_what_is_allowed(text, tmp_path):
    path = tmp_path / "corrupt.ops"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line ")
    assert all(part in message for part in CORRUPT[text]), message
    assert len(message) < len(str(path)) + 600


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(UsageError, match=r"absent\.ops: No such file"):
        load(tmp_path / "absent.ops")
    with pytest.raises(UsageError, match="Is a directory"):
        load(tmp_path)
    path = tmp_path / "latin.ops"
    path.write_bytes(b"vexfs-ops 1\nmkdir A 0755\nmkdir caf\xe9 0755\n")
    with pytest.raises(UsageError, match=r"latin\.ops, line 3: not UTF-8"):
        load(path)


def test_a_list_has_a_limit(monkeypatch):
    monkeypatch.setattr("vexfs_provider.ops.text.MOST_OPERATIONS", 3)
    assert len(read_text("vexfs-ops 1\n" + "sync\n" * 3, "test.ops").operations) == 3
    with pytest.raises(UsageError, match=r"test\.ops: 4 operations; allowed: at most 3"):
        read_text("vexfs-ops 1\n" + "sync\n" * 4, "test.ops")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "below" / "list.ops"
    save(path, [Create("f", 0o644)], {"title": "two\nlines \udcff"})
    written = path.read_text()
    assert written.splitlines()[1:] == ["#: title = two lines \\udcff", "create f 0644"]
    with pytest.raises(ValueError, match="a fact's name"):
        save(path, [], {"a=b": "c"})
    assert path.read_text() == written
    assert [one.name for one in path.parent.iterdir()] == ["list.ops"]


def test_the_written_form_stays_what_it_is():
    operations = [
        OpenFile(Handle(3), "A/b c", OpenFlags.RDWR | OpenFlags.CREAT, 0o4755),
        Write(Handle(3), 0, 4096, 7),
        Write("@3", -1, 0, 0),
        RenamePath("%41", "#x", RenameFlags.PLAIN),
        Symlink("../\u00e9\n", "s"),
        Stat(".", fields.Links.NOFOLLOW),
    ]
    assert write_text(operations, {"seed": "1"}).splitlines() == [
        "vexfs-ops 1",
        "#: seed = 1",
        "open @3 A/b%20c RDWR|CREAT 4755",
        "write @3 0 4096 7",
        "write %403 -1 0 0",
        "rename %2541 %23x PLAIN",
        "symlink ../%C3%A9%0A s",
        "stat . NOFOLLOW",
    ]


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Truncate("f", -2), "truncate: size = -2; allowed: a whole number from -1"),
        (lambda: Truncate("f", True), "size = True"),
        (lambda: Truncate("f", 1.0), "size = 1.0"),
        (lambda: Truncate("/f", 1), "target = '/f'"),
        (lambda: Truncate(Path("f"), 1), "target = "),
        (lambda: Truncate(Handle(10), 1), "target = Handle"),
        (lambda: Create("f", 0o10000), "mode = 4096; allowed: four octal digits"),
        (lambda: Create("f", -1), "mode = -1"),
        (lambda: Create("", 0), "path = ''"),
        (lambda: Create("a\0b", 0), "path = "),
        (lambda: Create("\udcc3\udca9", 0), "path = "),
        (lambda: Create("\ud800", 0), "path = "),
        (lambda: OpenFile(Handle(0), "f", OpenFlags.CREAT, 0), "flags = "),
        (lambda: RenamePath("a", "b", OpenFlags.RDONLY), "flags = "),
        (lambda: Read("f", 0, None), "length = None"),
    ],
)
def test_an_operation_is_refused_with_the_argument_that_is_wrong(make, named):
    with pytest.raises(ValueError, match="allowed: ") as caught:
        make()
    assert named in str(caught.value)
