"""The executor, run on the host: what each operation gives, and what the tree tells."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ops_host import HostGuest, list_of, never

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.ops_program import FLAGS, compile_program, get_ops_program
from vexfs_provider.ops.content import content, hash_of
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.outcome import Outcome
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

SOURCES = sorted((data_dir("deps") / "ops").glob("*.c"))
STRICT = ("-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror")


@pytest.fixture
def executor(ops_program, tmp_path):
    return Executor(HostGuest(ops_program), str(tmp_path), never)


def run_lines(executor, *lines):
    [outcome] = executor.run([list_of("list", *lines)])
    return outcome


def results_of(executor, *lines):
    """Each result as one word: the error, or what a success gave."""
    return [one.error or " ".join(one.value) for one in run_lines(executor, *lines).results]


def test_the_sources_give_no_warning(tmp_path):
    compile_program(tmp_path / "ops", SOURCES, (*FLAGS, *STRICT))


def test_a_host_without_a_compiler_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="apt-get install gcc"):
        get_ops_program(store=Store(tmp_path), progress=Progress())


def test_a_host_without_the_static_library_is_told_what_to_install(tmp_path):
    with pytest.raises(BuildError, match="apt-get install libc6-dev"):
        compile_program(tmp_path / "ops", SOURCES, (*FLAGS, "-nodefaultlibs", "-lc_of_nowhere"))


def test_files_are_written_and_read(executor):
    whole = content(7, 0, 3000) + bytes(2000) + content(8, 5000, 100) + content(9, 5100, 10)
    patched = whole[:4090] + content(5, 4090, 20) + whole[4110:]
    assert results_of(
        executor,
        "create f 0640",
        "create f 0640",
        "write f 0 3000 7",
        "write f 5000 100 8",
        "append f 10 9",
        "read f 0 9000",
        "read f 5105 9000",
        "read f 6000 1",
        "mmap_store f 4090 20 5 SYNC",
        "mmap_load f 4090 20",
        "mmap_load f 0 100000",
        "mmap_store f 8190 10 5 NONE",
        "mmap_load f 0 0",
        "truncate f 4100",
        "read f 0 9000",
        "write f -1 1 1",
        "write g 0 1 1",
    ) == [
        *("", "EEXIST", "3000", "100", "10"),
        f"5110 {hash_of(whole)}",
        f"5 {hash_of(whole[5105:])}",
        f"0 {hash_of(b'')}",
        "",
        hash_of(content(5, 4090, 20)),
        *("SIGBUS", "SIGBUS", "EINVAL", ""),
        f"4100 {hash_of(patched[:4100])}",
        *("EINVAL", "ENOENT"),
    ]


def test_a_store_beyond_the_end_keeps_what_came_before(executor):
    outcome = run_lines(executor, "create f 0644", "truncate f 5000", "mmap_store f 10 9000 3 NONE")
    assert outcome.results[2] == Outcome("SIGBUS")
    expected = bytes(10) + content(3, 10, 4990)
    assert outcome.tree["f"]["hash"] == hash_of(expected)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, (1 << 32) - 1),
    offset=st.integers(0, 100),
    length=st.integers(0, 100),
    pieces=st.integers(1, 20),
)
def test_content_and_hash_are_the_same_here_and_there(
    ops_program, tmp_path_factory, *, seed, offset, length, pieces
):
    folder = tmp_path_factory.mktemp("lists")
    executor = Executor(HostGuest(ops_program), str(folder), never)
    lines = ["create f 0644", f"writev f {offset} {length} {seed} {pieces}", "read f 0 300"]
    _, written, read = results_of(executor, *lines)
    expected = bytes(offset if length else 0) + content(seed, offset, length)
    assert (folder / "list" / "f").read_bytes() == expected
    assert b"\0" not in content(seed, offset, length)
    assert (written, read) == (str(length), f"{len(expected)} {hash_of(expected)}")


def test_handles_outlive_their_names(executor):
    assert results_of(
        executor,
        "open @0 f RDWR|CREAT|EXCL 0600",
        "write @0 0 10 1",
        "unlink f",
        "append @0 10 1",
        "read @0 0 100",
        "truncate @0 5",
        "open @1 f RDONLY 0000",
        "lock @0 EXCLUSIVE",
        "lock @1 SHARED",
        "close @0",
        "close @0",
        "write @0 0 1 1",
        "truncate @9 0",
        "linkfd @9 f",
    ) == [
        *("", "10", "", "10", f"20 {hash_of(content(1, 0, 20))}", "", "ENOENT"),
        *("", "EBADF", "", "EBADF", "EBADF", "EBADF", "EBADF"),
    ]


def test_two_handles_contend_for_a_lock(executor):
    lines = ["open @0 f RDWR|CREAT 0600", "open @1 f RDONLY 0000", "lock @0 EXCLUSIVE"]
    lines += ["lock @1 SHARED", "lock @0 UNLOCK", "lock @1 SHARED"]
    assert results_of(executor, *lines)[2:] == ["", "EAGAIN", "", ""]


def test_names_and_folders(executor):
    names = hash_of(b"A\0s\0")
    assert results_of(
        executor,
        "mkdir A 0755",
        "mkdir A/B 0700",
        "rmdir A",
        "symlink A/%FF%20%25 s",
        "readlink s",
        "readdir .",
        "readdir s",
        "readdir A/B",
        "create A/f 0644",
        "readdir A/f",
        "link A/f A/g",
        "rename A/f A/g PLAIN",
        "rename A/f A/h NOREPLACE",
        "rename A/h A/g NOREPLACE",
        "rename A A/B/A PLAIN",
        "unlink A/B",
        "rmdir A/B",
        "mknod p FIFO 0600",
        "write p 0 1 1",
        "stat x FOLLOW",
    ) == [
        *("", "", "ENOTEMPTY", "", "A/%FF%20%25", f"2 {names}", "ENOENT", f"0 {hash_of(b'')}"),
        *("", "ENOTDIR", "", "", "", "EEXIST", "EINVAL", "EISDIR", "", "", "ENXIO", "ENOENT"),
    ]


def test_a_block_devices_node_is_never_opened(executor):
    made, opened, written = results_of(
        executor, "mknod b BLOCK 0600", "open @0 b RDWR 0000", "write b 0 1 1"
    )
    if made == "EPERM":
        pytest.skip("only root makes device nodes")
    assert (made, opened, written) == ("", "ENXIO", "ENXIO")


def test_copies_and_holes(executor):
    data = content(4, 0, 9000)
    assert results_of(
        executor,
        "create f 0644",
        "create g 0644",
        "write f 0 9000 4",
        "copy_range f 100 g 50 5000",
        "copy_range f 8999 g 0 100",
        "copy_range f 9999 g 0 100",
        "read g 0 9999",
        "copy_range f 0 h 0 1",
        "truncate g 50000",
        "seek g 0 DATA",
        "seek g 10 HOLE",
        "seek g 49999 DATA",
        "seek g 50000 DATA",
        "seek g 50000 HOLE",
    ) == [
        *("", "", "9000", "5000", "1", "0"),
        f"5050 {hash_of(data[8999:] + bytes(49) + data[100:5100])}",
        *("ENOENT", "", "", "", "", "ENXIO", "ENXIO"),
    ]


def test_attributes(executor):
    outcome = run_lines(
        executor,
        "create f 0644",
        "symlink f s",
        "chmod s 4750",
        "utimens f 1000000000 1000000001",
        "utimens s 5 6",
        "stat f NOFOLLOW",
        "stat s NOFOLLOW",
        "stat s FOLLOW",
    )
    *_, times, link_times, file, link, followed = outcome.results
    assert (times.value, link_times.value) == (("1000000000",), ("5",))
    assert {"kind=file", "mode=4750", "nlink=1", "size=0", "mtime=1000000001"} <= set(file.value)
    assert {"kind=symlink", "size=1", "mtime=6", "target=f"} <= set(link.value)
    assert followed == file


def test_the_tree(executor, tmp_path):
    outcome = run_lines(
        executor,
        "mkdir A 0750",
        "create A/%C3%A4%20 0600",
        "write A/%C3%A4%20 5 10 1",
        "link A/%C3%A4%20 h",
        "symlink no%20where s",
        "mknod p FIFO 0622",
        "truncate h 100000",
        "utimens h 7 8",
    )
    tree = outcome.tree
    assert list(tree) == [".", "A", "A/ä ", "h", "p", "s"]
    kinds = ["folder", "folder", "file", "file", "fifo", "symlink"]
    assert [facts["kind"] for facts in tree.values()] == kinds
    modes = ["0755", "0750", "0600", "0600", "0622", "0777"]
    assert [facts["mode"] for facts in tree.values()] == modes
    file = {name: tree["h"][name] for name in ("size", "nlink", "mtime", "hash", "holes", "same")}
    data = bytes(5) + content(1, 5, 10) + bytes(100000 - 15)
    assert file == {
        "size": "100000",
        "nlink": "2",
        "mtime": "8",
        "hash": hash_of(data),
        "holes": "ok",
        "same": "A/%C3%A4%20",
    }
    assert "same" not in tree["A/ä "]
    assert tree["s"]["target"] == "no%20where"
    assert not any("error" in facts for facts in tree.values())


def test_of_a_long_file_only_start_and_end_are_read(executor):
    start, end, size = 16 << 20, 64 << 10, 40 << 20
    lines = ["create f 0644", f"write f {start - 5} 10 1", f"write f {size - 10} 10 2"]
    facts = run_lines(executor, *lines).tree["f"]
    ends = bytes(start - 5) + content(1, start - 5, 5) + bytes(end - 10) + content(2, size - 10, 10)
    assert facts["hash"] == hash_of(ends, size)
