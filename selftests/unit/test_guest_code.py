"""The order in which modules are loaded into a guest, as its agent loads them."""

import json
import subprocess
import sys

import pytest

from vexfs_provider.guest.code import sources
from vexfs_provider.guest.guest import Guest
from vexfs_provider.paths import data_dir

NAMES = sorted(path.stem for path in (data_dir("deps") / "guest" / "code").glob("*.py"))
LOAD = """
import json, sys, types
for lists in json.load(sys.stdin):
    for name, source in lists:
        sys.modules[name] = types.ModuleType(name)
        exec(compile(source, name, "exec"), sys.modules[name].__dict__)
    for name, _ in lists:
        del sys.modules[name]
"""


def test_each_module_can_be_loaded_after_those_it_imports():
    lists = [[(name, text.decode()) for name, text in sources(one).items()] for one in NAMES]
    command = [sys.executable, "-I", "-c", LOAD]
    done = subprocess.run(
        command, input=json.dumps(lists), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_is_imported_comes_first_and_once():
    names = list(sources("space_fill"))
    assert names[-1] == "space_fill"
    assert sorted(names) == ["checking", "space_accounting", "space_fill", "syscalls"]
    assert names.index("checking") < names.index("space_accounting")


def test_a_guest_gets_each_module_once(monkeypatch: pytest.MonkeyPatch, tmp_path):
    sent = []
    monkeypatch.setattr(Guest, "_ask", lambda self, *what, name: sent.append(name))
    guest = Guest(None, tmp_path, tmp_path)  # type: ignore[arg-type]
    for name in ("checking", "space_names", "space_fill", "space_names"):
        guest.load_code(name)
    assert sent == ["checking", "syscalls", "space_accounting", "space_names", "space_fill"]
