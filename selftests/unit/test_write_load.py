"""The writers of a load, here without a guest: what they keep, and what is found missing."""

import errno
import importlib
import os
import types

import pytest

from vexfs_provider.paths import data_dir

RECORDS = 7


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    module = importlib.import_module("write_load")
    monkeypatch.setattr(module, "KEPT", 3)
    monkeypatch.setattr(module, "drop_caches", lambda: None)
    return module


@pytest.fixture
def folder(code, tmp_path):
    """A load of two writers, the first of each kind, that have written some records."""
    for number, write in enumerate((code.create, code.append)):
        place = code.own_folder(str(tmp_path), number)
        os.mkdir(place)
        for record in range(RECORDS):
            write(place, number, record)
    return tmp_path


LAST = {"0": RECORDS - 1, "1": RECORDS - 1}


def test_all_is_there(code, folder):
    assert code.compare(str(folder), LAST, True) == []


def test_old_records_go_away(code, folder):
    assert len(list((folder / "writer_0").iterdir())) == code.KEPT
    assert sorted(path.name for path in (folder / "writer_1").iterdir()) == ["volume_1", "volume_2"]


def test_what_a_cut_may_have_begun_is_not_missed(code, folder):
    # The writer had removed the oldest one, and had not yet written the next.
    os.unlink(folder / "writer_0" / f"record_{RECORDS - code.KEPT}")
    assert code.compare(str(folder), LAST, True) == []


def spoil(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 1]))


FAULTS = {
    "a record is missing": (
        lambda folder: os.unlink(folder / "writer_0" / "record_6"),
        "writer_0/record_6: ENOENT",
    ),
    "a record is cut": (
        lambda folder: os.truncate(folder / "writer_0" / "record_5", 100),
        "writer_0/record_5, from byte 0 on: size 100",
    ),
    "a byte of a record differs": (
        lambda folder: spoil(folder / "writer_0" / "record_6", 4096),
        "writer_0/record_6, from byte 0 on: bytes at offset 4096",
    ),
    "a volume lacks its last record": (
        lambda folder: os.truncate(folder / "writer_1" / "volume_2", 0),
        "writer_1/volume_2, from byte 0 on: size 0",
    ),
    "a byte of a volume differs": (
        lambda folder: spoil(folder / "writer_1" / "volume_2", 5),
        "writer_1/volume_2, from byte 0 on: bytes at offset 5",
    ),
}


@pytest.mark.parametrize(("plant", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_and_named(code, folder, plant, words):
    plant(folder)
    [[number, record, found]] = code.compare(str(folder), LAST, True)
    assert found.startswith(words)
    assert words.startswith(f"writer_{number}/")
    assert record in (RECORDS - 2, RECORDS - 1)


def test_a_writer_that_has_acknowledged_nothing_is_not_looked_at(code, folder):
    for path in (folder / "writer_0").iterdir():
        path.unlink()
    assert code.compare(str(folder), {"1": RECORDS - 1}, True) == []


def test_processes_that_have_ended_are_not_alive(code):
    assert code.alive([os.getpid(), 1 << 22]) == [os.getpid()]


def test_a_read_error_is_named(code, folder, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EIO, "gone")

    monkeypatch.setattr("builtins.open", refuse)
    found = code.difference(str(folder / "writer_0" / "record_6"), 0, b"x", whole=True)
    assert found == "writer_0/record_6: EIO"
