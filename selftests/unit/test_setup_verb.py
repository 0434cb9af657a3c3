"""``avocado vexfs setup``: what it makes, that it makes it once, and that it undoes it."""

import hashlib
import json
import sys
from pathlib import Path

from vexfs_provider.runner import avocado_conf

SCENARIO = "vexfs.level2.mount_cycle"
TESTS = [f"{SCENARIO}.on_{name}" for name in ("vexfs", "ext4", "xfs", "btrfs")]


def contents(folder):
    """Path, kind, hash and change time of everything below a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        what = "folder"
        if path.is_symlink():
            what = f"-> {path.readlink()}"
        elif path.is_file():
            what = f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime_ns}"
        found[str(path.relative_to(folder))] = what
    return found


def hashes(folder):
    return {name: what.split()[0] for name, what in contents(folder).items()}


def setup(home, *options):
    done = home.avocado("vexfs", "setup", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_setup_then_again_then_remove(avocado_home):
    assert avocado_home.avocado("vexfs").returncode == 2
    before = hashes(avocado_home.home)
    assert "registered vexfs" in setup(avocado_home)
    first = contents(avocado_home.vt)
    assert setup(avocado_home) == "nothing to do\n"
    assert contents(avocado_home.vt) == first
    assert avocado_home.tests(SCENARIO) == TESTS
    assert "unregistered vexfs" in setup(avocado_home, "--remove")
    assert hashes(avocado_home.home) == before
    assert setup(avocado_home, "--remove") == "nothing to do\n"


def test_the_registered_root_is_alone_in_its_parent(registered_home):
    root = registered_home.vt / "vexfs" / "registered"
    names = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
    assert names == ["provider", "provider/tests", "provider/tests/cfg", "provider/tests/src"]


def test_list_notices_edited_cartesian_files(avocado_home):
    setup(avocado_home)
    state = avocado_home.vt / "vexfs" / "setup.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"sources": "before the edit"}))
    subtests = avocado_home.vt / "backends" / "qemu" / "cfg" / "subtests.cfg"
    subtests.write_text(subtests.read_text().replace("on_btrfs", "on_before"))
    assert avocado_home.tests(SCENARIO) == TESTS


def test_a_data_directory_that_refuses_is_one_error(avocado_home):
    avocado_home.vt.write_text("a file")
    done = avocado_home.avocado("vexfs", "setup")
    assert done.returncode == 3
    [line] = [line for line in done.stderr.splitlines() if "avocado vexfs: error" in line]
    assert str(avocado_home.vt) in line and "--data-dir" in line


def test_conf_keeps_the_data_directory(tmp_path):
    conf = avocado_conf.conf_path(tmp_path, in_venv=True)
    assert conf == tmp_path / "etc" / "avocado" / "conf.d" / "vexfs.conf"
    assert avocado_conf.data_dir_of(conf) is None
    assert avocado_conf.set_data_dir(conf, tmp_path / "100%")
    assert avocado_conf.data_dir_of(conf) == tmp_path / "100%"
    assert not avocado_conf.set_data_dir(conf, tmp_path / "100%")
    assert avocado_conf.set_data_dir(conf, tmp_path / "other")


def test_removal_leaves_the_configuration_of_another_data_directory(avocado_home):
    # The environment that runs these tests has one of its own if make made it.
    conf = avocado_conf.conf_path(Path(sys.prefix), in_venv=sys.prefix != sys.base_prefix)
    before = conf.read_text() if conf.exists() else None
    setup(avocado_home)
    setup(avocado_home, "--remove")
    assert (conf.read_text() if conf.exists() else None) == before


def test_wrong_use_ends_with_2(registered_home):
    assert registered_home.avocado("vexfs", "setup", "--remove", "--data-dir", "x").returncode == 2
