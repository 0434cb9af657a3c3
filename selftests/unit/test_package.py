"""What ``setup.py`` promises: data folders, entry points, requirements that Avocado can resolve."""

import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vexfs_provider
from vexfs_provider.paths import data_dir

ROOT = Path(vexfs_provider.__file__).parents[1]
DISTRIBUTION = importlib.metadata.distribution("vexfs-provider")


def entry_points():
    return [point for point in DISTRIBUTION.entry_points if point.group.startswith("avocado.")]


def test_version_is_said_once():
    assert DISTRIBUTION.version == vexfs_provider.__version__


def test_data_folders_are_found():
    assert (data_dir("tests") / "cfg" / "level1.cfg").is_file()
    assert (data_dir("shared") / "guest-os" / "VexFS.cfg").is_file()
    assert (data_dir("deps") / "host-packages.txt").is_file()
    with pytest.raises(FileNotFoundError, match="'nothing'"):
        data_dir("nothing")


def test_entry_points_load():
    assert {point.group for point in entry_points()} == {
        "avocado.plugins.cli",
        "avocado.plugins.cli.cmd",
        "avocado.plugins.init",
        "avocado.plugins.job.prepost",
        "avocado.plugins.resolver",
        "avocado.plugins.result_events",
        "avocado.plugins.settings",
    }
    for point in entry_points():
        plugin = point.load()
        assert plugin().name in ("vexfs", "vexfs-metrics", "vexfs-report", "vexfs-tracing")


def test_requirements_are_named_as_pkg_resources_finds_them():
    # It compares names as they are written: "qemu.qmp" is not found, though pip installs it.
    names = [re.split(r"[<>=!~; \[]", text)[0] for text in DISTRIBUTION.requires or []]
    assert [name for name in names if "." in name or "_" in name] == []


@pytest.mark.skipif(not (ROOT / "setup.py").is_file(), reason="installed, not a checkout")
def test_build_copies_the_data_folders(tmp_path):
    copy = tmp_path / "source"
    copy.mkdir()
    for name in ("setup.py", "vexfs_provider", "deps", "shared", "tests"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, copy / name)
    command = [sys.executable, "setup.py", "--quiet", "build", "--build-base", str(tmp_path)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    data = tmp_path / "lib" / "vexfs_provider" / "data"
    for name in ("deps", "shared", "tests"):
        expected = files(ROOT / name)
        assert files(data / name) == expected
        assert expected
    profiles = ROOT / "vexfs_provider" / "filesystems" / "profiles"
    assert files(data.parent / "filesystems" / "profiles") == files(profiles)


def files(folder):
    """Every file with its mode: a program must stay one."""
    return {
        str(path.relative_to(folder)): path.stat().st_mode
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
