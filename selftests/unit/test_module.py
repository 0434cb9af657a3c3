"""The module builder without a kernel: its arguments, its key, its index and its errors."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.guest.module import (
    build_command,
    build_module,
    find_module,
    list_modules,
)
from vexfs_provider.guest.module_build import ModuleSource, build_into, digest_parts
from vexfs_provider.progress import SILENT
from vexfs_provider.store import Store, content_key

RELEASE = "6.1.0-56-cloud-amd64"
MAKE = """\
#!/bin/sh
# Stands for kbuild: links nothing, so that no kernel headers are needed.
for word; do case $word in M=*) tree=${word#M=};; esac; done
grep -q broken "$tree/a.c" && { echo "$tree/a.c:1: error: broken"; exit 2; }
[ -e "$tree/silent" ] || cp /bin/true "$tree/a.ko"
"""


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "Kbuild").write_text("obj-m := a.o\n")
    (folder / "a.c").write_text("int a;\n")
    return folder


@pytest.fixture
def build(tmp_path, monkeypatch, source):
    """Builds ``source`` with a make that stands for kbuild."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "make").write_text(MAKE)
    (tmp_path / "bin" / "make").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "kdir").mkdir()
    (tmp_path / "kdir" / ".kernelvariables").write_text("CC = gcc\n")

    def run(patches=(), cflags="", tools=()):
        out = tmp_path / "out"
        out.mkdir()
        given_source = ModuleSource.checked(source, patches, cflags, tools)
        build_into(out, given_source, kdir=tmp_path / "kdir", log=tmp_path / "logs" / "a.log")
        return out

    return run


def key_of(source, **arguments):
    arguments = {"patches": (), "cflags": "", "tools": (), **arguments}
    return content_key(*digest_parts(ModuleSource.checked(source, **arguments)))


def test_a_build_leaves_objects_tools_and_log(build, tmp_path):
    (tmp_path / "tool.sh").write_text("#!/bin/sh\n")
    out = build(tools=[f"mkfs.a={tmp_path / 'tool.sh'}"])
    assert sorted(path.name for path in out.iterdir()) == ["a.ko", "build.log", "tools"]
    assert (out / "tools" / "mkfs.a").stat().st_mode & 0o777 == 0o755
    assert "make -C" in (out / "build.log").read_text()
    assert not (tmp_path / "logs" / "a.log").exists()


def test_the_source_is_left_as_it_was(build, source, tmp_path):
    patch = tmp_path / "fix.patch"
    patch.write_text("--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int a;\n+int b;\n")
    build(patches=[patch])
    assert sorted(path.name for path in source.iterdir()) == ["Kbuild", "a.c"]
    assert (source / "a.c").read_text() == "int a;\n"


def test_a_compiler_error_comes_with_the_log(build, source, tmp_path):
    (source / "a.c").write_text("broken\n")
    with pytest.raises(BuildError, match=r"(?s)status 2.*\na\.c:1: error: broken") as caught:
        build()
    log = tmp_path / "logs" / "a.log"
    assert str(log) in str(caught.value)
    assert "error: broken" in log.read_text()


def test_a_patch_that_does_not_apply_shows_the_hunk(build, tmp_path):
    patch = tmp_path / "bad.patch"
    patch.write_text("--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int other;\n+int b;\n")
    with pytest.raises(BuildError, match=r"(?s)bad\.patch.*Rejected:.*-int other;"):
        build(patches=[patch])


def test_a_kbuild_that_makes_nothing_is_an_error(build, source):
    (source / "silent").touch()
    with pytest.raises(BuildError, match="obj-m"):
        build()


def test_a_tool_that_does_not_compile_is_an_error(build, tmp_path):
    (tmp_path / "mkfs.c").write_text("int main(void) { return nothing; }\n")
    with pytest.raises(BuildError, match=r"(?s)tool mkfs\.a.*nothing.*undeclared"):
        build(tools=[f"mkfs.a={tmp_path / 'mkfs.c'}"])


@pytest.mark.parametrize("tool", ["mkfs", "=file", "a/b=Kbuild", "mkfs=", "mkfs=/nonesuch"])
def test_a_wrong_tool_is_named(source, tool):
    with pytest.raises(UsageError, match="tool "):
        ModuleSource.checked(source, (), "", [tool])


def test_a_folder_without_kbuild_is_refused(tmp_path):
    with pytest.raises(UsageError, match="neither Kbuild nor Makefile"):
        ModuleSource.checked(tmp_path, (), "", ())


def test_a_missing_patch_is_named(source):
    with pytest.raises(UsageError, match=r"nonesuch\.patch"):
        ModuleSource.checked(source, [Path("nonesuch.patch")], "", ())


def test_the_key_follows_all_that_shapes_a_module(source, tmp_path):
    keys = [key_of(source), key_of(source, cflags="-DX")]
    (tmp_path / "p").write_text("patch")
    keys.append(key_of(source, patches=[tmp_path / "p"]))
    keys.append(key_of(source, tools=[f"t={tmp_path / 'p'}"]))
    keys.append(key_of(source, tools=[f"u={tmp_path / 'p'}"]))
    (source / "b.h").touch()
    keys.append(key_of(source))
    (source / "b.h").write_text("x")
    keys.append(key_of(source))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", [".git/config", "a.o", "a.mod.c", ".a.o.cmd", "Module.symvers"])
def test_the_key_ignores_history_and_build_products(source, name):
    before = key_of(source)
    (source / name).parent.mkdir(exist_ok=True)
    (source / name).write_text("x")
    assert key_of(source) == before


@given(st.text(min_size=1, max_size=8))
def test_a_module_name_is_never_a_path(name):
    if name.isascii() and name.replace("_", "").replace("-", "").replace(".", "").isalnum():
        return
    kernel = Kernel("6.1", RELEASE, "1", Path("/nonesuch"), "digest")
    with pytest.raises(UsageError, match="module name"):
        build_module(
            name, Path("/nonesuch"), kernel=kernel, store=Store(Path("/nonesuch")), progress=SILENT
        )


def test_the_index_finds_the_newest_build(tmp_path):
    store = Store(tmp_path)

    def built(folder):
        (folder / "a.ko").touch()
        (folder / "tools").mkdir()
        return {"name": "a", "kernel_release": RELEASE}

    store.get("modules", "key1", built, progress=SILENT)
    assert find_module("a", RELEASE, store) is None
    (tmp_path / "modules" / f"a@{RELEASE}.json").write_text(json.dumps({"key": "key1"}))
    module = find_module("a", RELEASE, store)
    assert module is not None
    assert module.find_object("a.ko") == store.path("modules", "key1") / "a.ko"
    assert module.find_object("b.ko") is None
    assert list_modules(store) == [module]
    store.remove("modules", "key1")
    assert find_module("a", RELEASE, store) is None
    assert list_modules(store) == []


def test_the_command_that_builds_names_the_tools():
    assert build_command("vexfs", "6.1", ["mkfs.vexfs"]) == (
        "avocado vexfs module build --name vexfs --source DIR --kernel 6.1 --tool mkfs.vexfs=FILE"
    )
