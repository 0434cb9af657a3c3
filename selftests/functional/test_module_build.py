"""Out-of-tree modules, built with real kbuild for real kernels of the guest."""

import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import build_module, find_module
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import SILENT
from vexfs_provider.store import Store

HELLO = data_dir("deps") / "modules" / "hello"


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A store for the modules; the kernels come from the user's, since they are large."""
    return Store(tmp_path_factory.mktemp("store"))


def kernel(name="6.1"):
    return get_kernel(name, store=Store(), progress=SILENT)


@pytest.fixture
def source(tmp_path):
    return shutil.copytree(HELLO, tmp_path / "hello")


def build(source, store, name="6.1", **arguments):
    return build_module(
        "hello", source, kernel=kernel(name), store=store, progress=SILENT, **arguments
    )


@pytest.mark.parametrize("name", ["6.1", "6.12"])
def test_hello_is_built_for_its_kernel(store, name):
    module = build(HELLO, store, name)
    [built] = module.objects
    vermagic = run_tool(["modinfo", "-F", "vermagic", built])
    assert vermagic.split()[0] == kernel(name).release == module.kernel_release
    assert ".debug_info" not in run_tool(["readelf", "-SW", built])
    assert find_module("hello", kernel(name).release, store) == module


def test_the_flags_and_patches_reach_the_module(store, source, tmp_path):
    patch = tmp_path / "greeting.patch"
    patch.write_text(
        "--- a/vexfs_hello.c\n+++ b/vexfs_hello.c\n@@ -9,2 +9,2 @@\n \n"
        '-static char *whom = "world";\n+static char *whom = WHOM;\n'
    )
    module = build(source, store, patches=[patch], cflags="-DWHOM='\"patched-in\"'")
    assert b"patched-in" in module.objects[0].read_bytes()


def test_a_tool_is_linked_statically(store, source, tmp_path):
    (tmp_path / "mkfs.c").write_text('#include <stdio.h>\nint main(void) { puts("made"); }\n')
    module = build(source, store, tools=[f"mkfs.hello={tmp_path / 'mkfs.c'}"])
    tool = module.tools / "mkfs.hello"
    assert subprocess.check_output([tool]) == b"made\n"
    assert "INTERP" not in run_tool(["readelf", "-lW", tool])


def test_a_broken_source_shows_the_compiler(store, source):
    (source / "vexfs_hello.c").write_text("int broken(void) { return nothing; }\n")
    with pytest.raises(BuildError, match=r"vexfs_hello\.c:1:.*'?nothing'?.* undeclared") as caught:
        build(source, store)
    log = Path(str(caught.value).rpartition("The whole log: ")[2])
    assert log.parent == store.root / "logs"
    assert "undeclared" in log.read_text()


def test_a_patch_that_does_not_apply_shows_the_hunk(store, source, tmp_path):
    patch = tmp_path / "bad.patch"
    patch.write_text("--- a/vexfs_hello.c\n+++ b/vexfs_hello.c\n@@ -1 +1 @@\n-absent\n+b\n")
    with pytest.raises(BuildError, match=r"(?s)bad\.patch.*Rejected:.*-absent"):
        build(source, store, patches=[patch])


def test_two_builds_at_once_give_one_module(store, source):
    with open(source / "vexfs_hello.c", "a") as text:
        text.write("/* another key */\n")
    with ProcessPoolExecutor(2) as pool:
        first, second = pool.map(build, [source] * 2, [store] * 2)
    assert first == second
    assert first.objects[0].is_file()
