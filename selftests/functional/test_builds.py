"""Builds that are raced, killed, interrupted or short of disk leave one artefact or none."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import WAIT_S, processes_with, python_environment, wait_until

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.image import get_image
from vexfs_provider.progress import SILENT
from vexfs_provider.store import MANIFEST, Store

BUILD = Path(__file__).parent / "programs" / "build.py"
CONTENT_BYTES = 24 << 20
SMALL_DISK_MIB = 8
STOP_TIMEOUT_S = 60.0


@pytest.fixture
def work(tmp_path):
    """What the builders read and write beside the store."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def own_store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def recipes(tmp_path):
    """A folder with the recipe ``small``: a tarball that cannot be compressed."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "content").write_bytes(os.urandom(CONTENT_BYTES))
    with tarfile.open(folder / "small.tar", "w") as archive:
        archive.add(folder / "content", "etc/content")
    digest = hashlib.sha256((folder / "small.tar").read_bytes()).hexdigest()
    recipe = f'kind = "tarball"\ntarball = "small.tar"\nsha256 = "{digest}"\n'
    (folder / "small.toml").write_text(recipe)
    return folder


@pytest.fixture
def start_build():
    """``start_build(what, store, folder)``: a build in a process group of its own."""
    with ExitStack() as builds:

        def start_one(what, store, folder, **environment):
            command = [sys.executable, str(BUILD), what, str(store.root), str(folder)]
            build = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=python_environment() | environment,
                start_new_session=True,  # as a shell does, so that Ctrl-C reaches its children too
                text=True,
            )
            builds.enter_context(build)
            builds.callback(build.kill)
            return build

        yield start_one


def leftovers(store, kind):
    """What a build has left beside complete artefacts and locks."""
    paths = (store.root / kind).iterdir()
    return [p for p in paths if not p.name.endswith(".lock") and not (p / MANIFEST).is_file()]


def test_two_builds_of_the_same_at_once_build_once(start_build, own_store, work):
    builds = [start_build("slow", own_store, work) for _ in range(2)]
    wait_until(lambda: len(list(work.glob("*.asking"))) == 2, "both ask for it")
    wait_until(lambda: list(work.glob("*.building")), "one builds")
    (work / "go").touch()
    answers = {build.communicate(timeout=WAIT_S)[0].strip() for build in builds}
    assert answers == {str(own_store.path("slow", "key"))}
    assert len(list(work.glob("*.building"))) == 1
    assert leftovers(own_store, "slow") == []


def test_two_processes_that_want_the_same_image_get_the_same(start_build, own_store, recipes):
    builds = [start_build("image", own_store, recipes) for _ in range(2)]
    results = [build.communicate(timeout=STOP_TIMEOUT_S) for build in builds]
    assert [build.returncode for build in builds] == [0, 0], results
    # mke2fs draws a random UUID, so two builds would differ.
    assert len({digest for digest, _ in results}) == 1
    assert len(own_store.keys("images")) == 1
    assert leftovers(own_store, "images") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_build_is_no_artefact_and_is_built_anew(start_build, own_store, work, number):
    build = start_build("slow", own_store, work)
    wait_until(lambda: list(work.glob("*.building")), "it builds")
    os.killpg(build.pid, number)
    build.communicate(timeout=WAIT_S)
    assert build.returncode == -number
    assert own_store.find("slow", "key") is None
    if number == signal.SIGINT:
        assert leftovers(own_store, "slow") == []
    (work / "go").touch()
    build = start_build("slow", own_store, work)
    assert build.communicate(timeout=WAIT_S)[0].strip() == str(own_store.find("slow", "key"))
    assert leftovers(own_store, "slow") == []


@pytest.fixture
def fast_work():
    """A folder to build in; in memory where there is some, a third of the time."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        yield Path(folder)


def test_ctrl_c_while_debian_is_installed_leaves_nothing(start_build, own_store, fast_work):
    work = fast_work
    build = start_build("debian", own_store, work, TMPDIR=str(work))
    for line in build.stdout:
        if line.strip().startswith("installing"):
            break
    assert any(work.iterdir())
    os.killpg(build.pid, signal.SIGINT)
    _, errors = build.communicate(timeout=STOP_TIMEOUT_S)
    assert build.returncode == -signal.SIGINT, errors
    assert str(work) not in Path("/proc/self/mounts").read_text()
    assert processes_with(str(work)) == []
    assert list(work.iterdir()) == []
    assert own_store.keys("images") == leftovers(own_store, "images") == []


def fail_halfway(work):
    (work / "half").write_bytes(b"half")
    raise ValueError("the other half is missing")


def test_a_builder_that_fails_leaves_nothing(own_store):
    with pytest.raises(BuildError, match=r"a thing in .*: the other half is missing"):
        own_store.get("things", "key", fail_halfway, progress=SILENT, label="a thing")
    assert own_store.find("things", "key") is None
    assert leftovers(own_store, "things") == []


@pytest.fixture
def small_disk(tmp_path):
    """A disk of ``SMALL_DISK_MIB`` MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount the small disk that this test fills")
    mountpoint = tmp_path / "disk"
    mountpoint.mkdir()
    size = ["-o", f"size={SMALL_DISK_MIB}m"]
    subprocess.run(["mount", "-t", "tmpfs", *size, "tmpfs", mountpoint], check=True)
    yield mountpoint
    subprocess.run(["umount", mountpoint], check=True)


def test_a_full_disk_is_a_clear_error_and_nothing_stays_half_written(small_disk, recipes):
    store = Store(small_disk / "store")
    with pytest.raises(BuildError, match=r"(?s)root\.img.*No space left"):
        get_image("small", store=store, progress=SILENT, recipes=recipes)
    assert leftovers(store, "images") == []
    # What was written is given back, so that a smaller thing still fits.
    assert shutil.disk_usage(small_disk).free > (SMALL_DISK_MIB - 1) << 20
