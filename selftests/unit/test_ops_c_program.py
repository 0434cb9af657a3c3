"""Programs in C that make the calls of a list: compiled, run here, compared with the executor's."""

import ast
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ops_host import run_program

from vexfs_provider.ops import c_program
from vexfs_provider.ops.c_calls import CALLS, literal
from vexfs_provider.ops.divergence import ABSENT, Divergence, result_words
from vexfs_provider.ops.generate import random_list
from vexfs_provider.ops.operations import OPERATIONS, Operation, Remount
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.program import Part, program
from vexfs_provider.ops.results import PartResult, parse_output
from vexfs_provider.ops.text import load, read_line, write_line
from vexfs_provider.paths import data_dir

STRICT = [*c_program.COMPILE.split(), "-Werror"]
TIMEOUT_S = 120
TIMES = ("mtime", "ctime", "btime")
OF_THE_WHOLE_HOST = ("drop_caches", "freeze", "remount", "sync", "syncfs")
"""Operations that a test must not run here."""

EXAMPLES = """
    open @0 A/f RDWR|CREAT|TRUNC 0640
    close @0
    tmpfile @1 A 0600
    create A/f 4755
    write A/f 0 4096 4294967295
    writev @1 5 4096 1 64
    append A/f 100 1
    read A/f -1 100
    truncate A/f 9223372036854775807
    truncate @1 0
    fallocate A/f KEEP_SIZE|PUNCH_HOLE 0 4096
    mmap_store A/f 0 4096 1 ASYNC
    mmap_load A/f 0 4096
    seek A/f 0 HOLE
    copy_range A/f 0 @1 4096 100
    clone A/f A/g
    fsync A/f
    fdatasync @1
    syncfs
    sync
    rename A/f A/g NOREPLACE|WHITEOUT
    link A/f A/g
    linkfd @1 A/g
    symlink %3F%3F%3D%22%5C9%C3%A9 A/s
    readlink A/s
    mknod A/b BLOCK 0600
    mkdir A 0755
    rmdir A
    unlink A/f
    readdir A
    stat A/f FOLLOW
    statx A/f NOFOLLOW
    chmod A/f 0000
    chown A/f 4294967294 0
    utimens A/f 0 2147483647
    setxattr A/f one 20 1 REPLACE
    getxattr A/f one
    removexattr A/f one
    listxattr A/f
    lock @1 EXCLUSIVE
    user 1000
    drop_caches
    freeze
    remount
    crash_point
"""

TREE_LIST = """
    mkdir A 0751
    create A/f 0640
    write A/f 0 5000 1
    write A/f 70000 5000 2
    truncate A/f 200000
    setxattr A/f one 20 1 ANY
    setxattr A/f two 3 2 ANY
    link A/f A/h
    create A/g 0644
    symlink A/f A/s
    mknod A/p FIFO 0600
    copy_range A/h 100000 A/f 200000 65536
    create A/%20%C3%A9 0600
"""


def operations_of(text: str) -> tuple[Operation, ...]:
    found = (read_line(line) for line in text.splitlines())
    return tuple(one for one in found if one is not None)


def harmless(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    return tuple(one for one in operations if one.keyword not in OF_THE_WHOLE_HOST)


def finding(kind: str, **values: object) -> Divergence:
    every = {"index": None, "path": "", "attribute": "error", "expected": "", "actual": ""}
    return Divergence(**{"kind": kind, "title": "a title", **every, **values})


def compiled(folder: Path, text: str) -> Path:
    (folder / "reproduce.c").write_text(text)
    done = subprocess.run(STRICT, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "reproduce"


def run(binary: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    command = [binary, folder, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def results_in(output: str) -> list[str]:
    """The words behind each operation; an operation's own line has no colon and a space."""
    return [line.partition(": ")[2] for line in output.splitlines()]


def execute(executor: Path, folder: Path, part: Part) -> PartResult:
    """What the executor gives for a part of a list."""
    folder.mkdir(exist_ok=True)
    done = run_program(executor, folder, program([part]))
    [result] = parse_output(done.stdout, [part]).parts
    return result


def without_times(words: str) -> str:
    return " ".join(word for word in words.split(" ") if word.partition("=")[0] not in TIMES)


def tree_without_times(result: PartResult) -> dict[str, dict[str, str]]:
    return {
        path: {name: value for name, value in facts.items() if name not in TIMES}
        for path, facts in result.tree.items()
    }


def test_the_examples_have_every_operation():
    assert {one.keyword for one in operations_of(EXAMPLES)} == set(OPERATIONS)
    assert set(CALLS) == set(OPERATIONS.values())


@pytest.mark.parametrize("line", EXAMPLES.split("\n")[1:-1], ids=lambda line: line.split()[0])
def test_each_operation_compiles_alone(tmp_path, line):
    """So that a program with one operation lacks nothing, and has nothing that is not used."""
    clock = finding("tree", path="A/f", attribute="mtime", expected="op0", actual="start")
    for check in (None, clock):
        text = c_program.write(operations_of(line), check, {"title": "a title"})
        (tmp_path / "reproduce.c").write_text(text)
        command = [*STRICT, "-fsyntax-only"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "check",
    [
        None,
        finding("result", index=3, expected="ENOENT", actual="success"),
        finding("persistence", path="A/f", attribute="ctime", expected="op0", actual="start"),
    ],
    ids=["no check", "result", "persistence"],
)
def test_all_operations_compile_together(tmp_path, check):
    compiled(tmp_path, c_program.write(operations_of(EXAMPLES), check, {}))


def lists() -> dict[str, tuple[Operation, ...]]:
    """What is run both ways: all operations, those of level 1, and random ones."""
    fixed = load(data_dir("deps") / "ops" / "level1.ops").operations
    every = harmless(operations_of(TREE_LIST + EXAMPLES))
    random = {f"random {n}": random_list(n, 150, None).operations for n in range(2)}
    return {"examples": every, "level1": harmless(fixed), **random}


@pytest.mark.parametrize(("name", "operations"), lists().items(), ids=list(lists()))
def test_results_and_tree_are_those_of_the_executor(tmp_path, ops_program, name, operations):
    binary = compiled(tmp_path, c_program.write(operations, None, {"title": name}))
    done = run(binary, tmp_path / "ours")
    assert (done.returncode, done.stderr) == (0, "")
    one = OpList("vexfs-repro", operations)
    theirs = execute(ops_program, tmp_path / "theirs", Part(one, 0, operations, tree=True))
    *lines, last = done.stdout.splitlines()
    assert last == "all calls have returned"
    expected = [
        f"{number} {write_line(operation)}: {without_times(result_words(outcome))}"
        for number, (operation, outcome) in enumerate(zip(operations, theirs.results, strict=True))
    ]
    assert lines == expected
    again = Part(one, len(operations), (), tree=True, fresh=False)
    ours = execute(ops_program, tmp_path / "ours", again)
    assert tree_without_times(ours) == tree_without_times(theirs)


@pytest.fixture(scope="module")
def tree(ops_program, tmp_path_factory) -> dict[str, dict[str, str]]:
    """What the executor says of the tree that ``TREE_LIST`` makes."""
    operations = operations_of(TREE_LIST)
    part = Part(OpList("facts", operations), 0, operations, tree=True)
    return dict(execute(ops_program, tmp_path_factory.mktemp("facts"), part).tree)


@pytest.mark.parametrize(
    ("path", "fact", "other"),
    [
        ("A/f", "kind", "folder"),
        ("A/f", "kind", ABSENT),
        ("A/absent", "kind", "file"),
        ("A/\udcc3\udca9", "kind", "fifo"),
        (".", "mode", "0000"),
        ("A", "mode", "0755"),
        ("A/f", "user", "7"),
        ("A/f", "group", "7"),
        ("A/f", "nlink", "1"),
        ("A/f", "size", "0"),
        ("A/s", "size", "0"),
        ("A/f", "hash", "0000000000000000"),
        ("A/g", "hash", "0123456789abcdef"),
        ("A/f", "holes", "lie"),
        ("A/s", "target", "A/g"),
        ("A/s", "length", "lie"),
        ("A/f", "xattrs", "one:20:0123456789abcdef"),
        ("A/g", "xattrs", "one:20:0123456789abcdef"),
        ("A/h", "same", ABSENT),
        ("A/g", "same", "A/f"),
        ("A/p", "type", "lie"),
        ("A/p", "listed", "2"),
        ("A/f", "error", "EIO"),
        ("A", "error", "EIO"),
        ("A/s", "error", "EIO"),
    ],
)
def test_a_fact_of_the_tree_is_what_the_executor_tells(tmp_path, tree, path, fact, other):
    actual = tree.get(path, {}).get(fact, ABSENT)
    assert actual != other
    check = finding("tree", path=path, attribute=fact, expected=other, actual=actual)
    binary = compiled(tmp_path, c_program.write(operations_of(TREE_LIST), check, {}))
    done = run(binary, tmp_path / "mnt")
    assert done.returncode == 1, done.stdout
    assert "\nFINDING: " in done.stdout
    said = done.stdout.rpartition("    actual:   ")[2].strip()
    ends = [one.split(":", 1)[-1] for one in actual.split(",")] if fact == "xattrs" else [actual]
    assert said in ends


@pytest.mark.parametrize(
    ("expected", "actual", "status"),
    [("EEXIST", "success", 0), ("success", "EEXIST", 1)],
)
def test_the_result_of_an_operation_is_the_finding(tmp_path, expected, actual, status):
    operations = operations_of("mkdir A 0755\nmkdir A 0755\nrmdir A")
    check = finding("result", index=1, expected=expected, actual=actual)
    done = run(compiled(tmp_path, c_program.write(operations, check, {})), tmp_path / "mnt")
    assert done.returncode == status
    assert done.stdout.splitlines()[:3] == [
        "0 mkdir A 0755: success",
        "1 mkdir A 0755: EEXIST",
        "2 rmdir A: success",
    ]
    said = f"    expected: {expected}\n    actual:   EEXIST\n"
    verdict = "FINDING" if status else "no finding"
    assert f"{verdict}: 1 mkdir A 0755\n{said}" in done.stdout


@pytest.mark.parametrize(("mode", "status"), [("0600", 0), ("0644", 1)])
def test_one_fact_of_a_stat_is_the_finding(tmp_path, mode, status):
    operations = operations_of("create f 0600\nstat f NOFOLLOW")
    words = "kind=file mode={} user=0 group=0 nlink=7 size=0 mtime=op9 ctime=op9"
    expected, actual = words.format(mode), words.format("0777")
    check = finding("result", index=1, attribute="mode", expected=expected, actual=actual)
    text = c_program.write(operations, check, {})
    assert "clock_settime" not in text
    assert run(compiled(tmp_path, text), tmp_path / "mnt").returncode == status


def test_a_remount_closes_handles_and_runs_the_command(tmp_path):
    operations = operations_of("open @0 f RDWR|CREAT 0600\nremount\nread @0 0 5\ncreate g 0600")
    binary = compiled(tmp_path, c_program.write(operations, None, {}))
    done = run(binary, tmp_path / "mnt", f"pwd >{tmp_path}/where; touch {tmp_path}/mnt/seen")
    assert results_in(done.stdout)[:4] == ["success", "success", "EBADF", "success"]
    assert (tmp_path / "where").read_text() == "/\n"
    assert sorted(os.listdir(tmp_path / "mnt" / "vexfs-repro")) == ["f", "g"]
    assert (tmp_path / "mnt" / "seen").exists()


@pytest.mark.parametrize(("command", "status"), [("true", 0), ("rm {}/f", 1)])
def test_persistence_is_looked_at_after_a_remount(tmp_path, command, status):
    folder = tmp_path / "mnt" / "vexfs-repro"
    check = finding("persistence", path="f", attribute="kind", expected="file", actual=ABSENT)
    operations = operations_of("create f 0600")
    binary = compiled(tmp_path, c_program.write(operations, check, {}))
    assert run(binary, tmp_path / "mnt", command.format(folder)).returncode == status


@pytest.mark.parametrize(
    "words",
    [[], ["{mnt}"], ["{mnt}/absent", "true"], ["{mnt}", "false"]],
    ids=["no folder", "no command", "absent", "failing command"],
)
def test_what_cannot_be_tried_is_no_verdict(tmp_path, words):
    binary = compiled(tmp_path, c_program.write((Remount(),), None, {}))
    command = [binary, *(word.format(mnt=tmp_path) for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr


def test_a_folder_that_is_not_fresh_is_refused(tmp_path):
    binary = compiled(tmp_path, c_program.write(operations_of("mkdir A 0755"), None, {}))
    assert run(binary, tmp_path / "mnt").returncode == 0
    done = run(binary, tmp_path / "mnt")
    assert (done.returncode, done.stdout) == (2, "")
    assert "vexfs-repro" in done.stderr


def test_the_last_line_names_the_call_that_never_returned(tmp_path):
    operations = operations_of("mkdir A 0755\nremount\nmkdir B 0755")
    binary = compiled(tmp_path, c_program.write(operations, None, {}))
    done = run(binary, tmp_path / "mnt", "kill -9 $PPID")
    assert done.returncode == -9
    assert done.stdout == "0 mkdir A 0755: success\n1 remount"


def test_only_what_is_needed_is_there():
    text = c_program.write(operations_of("mkdir A 0755\nrmdir A"), None, {"title": "a title"})
    assert len(text.splitlines()) < 110
    for name in ("splitmix64", "handles", "tick", "remount", "expect", "readdir", "become"):
        assert name not in text
    assert text.index("mkdir(") < 1500  # a reader sees the calls at once


def test_times_are_told_by_the_clock():
    check = finding("tree", path="A", attribute="mtime", expected="op1", actual="op0")
    operations = operations_of("mkdir A 0755\ncreate A/f 0644")
    text = c_program.write(operations, check, {})
    assert "\ttick(1);\n\tend(create(" in text
    assert 'expect("mtime of A", "op1", mtime_of("A"));' in text
    assert "atexit(restore_clock_at_exit)" in text


def test_facts_cannot_end_the_comment(tmp_path):
    facts = {"title": "a */ int x = y; /* title é", "seed": "17"}
    text = c_program.write(operations_of("mkdir A 0755"), None, facts)
    assert " * seed: 17\n" in text
    assert text.isascii()
    compiled(tmp_path, text)


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_literals_have_all_bytes(name):
    """Python reads what is written here as C does: printable ASCII and octal escapes."""
    text = literal(os.fsdecode(name))
    assert text.isascii() and "??" not in text
    assert ast.literal_eval(f"b{text}") == name
