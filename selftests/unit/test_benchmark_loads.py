"""The benchmarks' own loads on this host's filesystem: they measure, and see planted faults."""

import errno
import importlib
import os

import pytest

from vexfs_provider.paths import data_dir


@pytest.fixture
def loads(monkeypatch):
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    return importlib.import_module("benchmark_loads")


@pytest.mark.parametrize("load", ["names", "small_files"])
def test_they_measure_and_leave_nothing(loads, load, tmp_path):
    told = getattr(loads, load)(str(tmp_path / "folder"))
    assert (told["wrong"], told["error"]) == ([], "") and told["rate"] > 0
    assert os.listdir(tmp_path) == []


def lazy_unlink(loads, monkeypatch):
    monkeypatch.setattr(loads.os, "unlink", lambda path: None)


def forgetful_rename(loads, monkeypatch):
    monkeypatch.setattr(loads.os, "rename", os.link)


def other_bytes(loads, monkeypatch):
    monkeypatch.setattr(loads, "read_file", lambda path: b"\0" * loads.SMALL_BYTES)


PLANTED = {
    lazy_unlink: ("names", "left after its unlink"),
    forgetful_rename: ("names", "listed, but never made"),
    other_bytes: ("small_files", "other bytes than written"),
}


@pytest.mark.parametrize("load", ["names", "small_files"])
def test_an_error_ends_the_load_and_is_told(loads, monkeypatch, tmp_path, load):
    def refuse(path):
        raise OSError(errno.ENOSPC, "planted", path)

    monkeypatch.setattr(loads.os, "unlink", refuse)
    told = getattr(loads, load)(str(tmp_path / "folder"))
    assert (told["error"], told["rate"]) == ("ENOSPC", 0)
    assert "planted" in told["message"]


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen(loads, monkeypatch, tmp_path, fault):
    load, words = PLANTED[fault]
    fault(loads, monkeypatch)
    told = getattr(loads, load)(str(tmp_path / "folder"))
    assert any(words in text for text in told["wrong"])
