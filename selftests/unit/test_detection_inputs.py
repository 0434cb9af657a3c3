"""Where ``vexfs-detect`` takes its logs from."""

import io
import sys

import pytest

from vexfs_provider.detection.inputs import find_logs
from vexfs_provider.errors import InfrastructureError, UsageError


def content(log) -> bytes:
    return b"".join(log.chunks())


def test_a_file_is_a_log_by_its_name_without_suffix(tmp_path):
    path = tmp_path / "console.log"
    path.write_bytes(b"one\n")
    [log] = find_logs([str(path)])
    assert (log.id, content(log)) == ("console", b"one\n")


def test_a_directory_is_all_files_below_it(tmp_path):
    for name in ("b/console.log", "a.txt", "dmesg", "results.json", "labels.jsonl", ".hidden"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    assert [content(log) for log in find_logs([str(tmp_path)])] == [
        b"a.txt",
        b"b/console.log",
        b"dmesg",
    ]


def test_what_is_named_is_a_log_whatever_its_suffix(tmp_path):
    path = tmp_path / "console.json"
    path.write_bytes(b"one\n")
    [log] = find_logs([str(path)])
    assert content(log) == b"one\n"


def test_the_parts_of_a_dump_follow_each_other_the_last_written_first(tmp_path):
    for part, text in ((1, b"last"), (2, b"middle "), (10, b"first ")):
        path = tmp_path / f"dmesg-efi_pstore-17000000{part:02}001"
        path.write_bytes(b"Panic#1 Part%d\n%s" % (part, text))
    (tmp_path / "dmesg-efi_pstore-1700000001002").write_bytes(b"Oops#2 Part1\nanother")
    first, second = find_logs([str(tmp_path)])
    assert content(first) == b"first middle last"
    assert content(second) == b"another"
    assert first.id == "dmesg-efi_pstore-1700000001001"


def test_a_dash_is_the_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    [log] = find_logs(["-"])
    assert (log.id, content(log)) == ("stdin", b"piped")


def test_errors_name_what_was_given(tmp_path):
    with pytest.raises(UsageError, match="no such file or directory: 'nowhere'"):
        find_logs(["nowhere"])
    with pytest.raises(UsageError, match="holds no log"):
        find_logs([str(tmp_path)])


def test_a_file_that_cannot_be_read_is_an_error_with_its_name(tmp_path):
    path = tmp_path / "console.log"
    path.write_bytes(b"")
    [log] = find_logs([str(path)])
    path.unlink()
    with pytest.raises(InfrastructureError, match=r"cannot read .*console.log.*No such file"):
        content(log)
