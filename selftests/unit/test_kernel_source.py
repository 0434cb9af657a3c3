"""Kernels that are compiled here: recipes, options, and a toy tree that is built, cut off, gone on
with. A real one takes half an hour; selftests/functional/test_debug_kernel.py runs what came of it.
"""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.guest import kernel, kernel_source, kernel_tree
from vexfs_provider.guest.debian import Deb
from vexfs_provider.guest.kernel_config import asked_for, check_config, read_options
from vexfs_provider.guest.kernel_headers import compiler_arguments, get_headers
from vexfs_provider.guest.kernel_make import compile_tree
from vexfs_provider.guest.kernel_recipe import SourceRecipe, load_recipe
from vexfs_provider.guest.kernel_tree import find_trees
from vexfs_provider.paths import data_dir
from vexfs_provider.progress import SILENT, Progress
from vexfs_provider.runner import guests
from vexfs_provider.store import Store

RECIPE = """\
description = "A toy"
source = "linux-source-toy"
configs = ["toy_defconfig", "own.config"]
patches = ["own.patch"]
objects = 3
memory_mib = 1024
arguments = ["quiet"]
"""
FRAGMENT = 'CONFIG_LOCALVERSION="-toy"\nCONFIG_WANTED=y\n# CONFIG_UNWANTED is not set\n'
PATCH = "--- a/one.c\n+++ b/one.c\n@@ -1 +1 @@\n-original\n+patched\n"
MAKEFILE = """\
.PHONY: bzImage modules modules_install kernelrelease toy_defconfig olddefconfig
toy_defconfig:
	@echo CONFIG_UNWANTED=y >.config
olddefconfig:
	@sed -i '$(DROP)d' .config
kernelrelease:
	@echo 6.1.0$$(sed -n 's/CONFIG_LOCALVERSION="\\(.*\\)"/\\1/p' .config)
%.o: %.c
	@echo '  CC      $@'
	@cp $< $@
broken.o:
	@echo '  CC      $@'
	@test -e ../mended || { echo 'broken.c:1: error: not today'; exit 1; }
	@touch $@
bzImage modules: one.o two.o broken.o
	@mkdir -p arch/x86/boot && cat one.o >arch/x86/boot/bzImage
	@touch System.map Module.symvers
modules_install:
	@mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.1.0-toy
	@cd $(INSTALL_MOD_PATH)/lib/modules/6.1.0-toy && touch modules.order modules.builtin
	@ln -s $(CURDIR) $(INSTALL_MOD_PATH)/lib/modules/6.1.0-toy/build
"""
MERGE = 'shift; out=$1; shift; cat "$@" >>"$out"; sed -i /UNWANTED=y/d "$out"\n'


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def recipes(tmp_path, monkeypatch):
    """A folder of recipes with one toy kernel, which the package takes for its own."""
    folder = tmp_path / "deps" / "kernels"
    files = {"toy.toml": RECIPE, "own.config": FRAGMENT, "own.patch": PATCH}
    write(folder, files)
    monkeypatch.setattr(kernel, "data_dir", lambda name: tmp_path / name)
    return folder


@pytest.fixture
def toy(tmp_path, recipes, monkeypatch):
    """The toy's source package in the place of Debian's archive; returns the store."""
    source = tmp_path / "source" / "linux-source-toy"
    files = {
        "Makefile": MAKEFILE,
        "one.c": "original\n",
        "two.c": "",
        "scripts/kconfig/merge_config.sh": MERGE,
        "scripts/mod/modpost": "",
        "scripts/mod/modpost.o": "",
        "include/linux/one.h": "",
        "arch/x86/Makefile": "",
        "arch/x86/include/two.h": "",
        "tools/objtool/objtool": "",
    }
    write(source, files)
    package = tmp_path / "deb"
    control = "Package: linux-source-toy\nVersion: 6.1-1\nArchitecture: all\n"
    control += "Maintainer: Nobody <nobody@example.org>\nDescription: toy\n"
    write(package / "DEBIAN", {"control": control})
    (package / "usr" / "src").mkdir(parents=True)
    archive = package / "usr" / "src" / "linux-source-toy.tar.xz"
    subprocess.run(["tar", "-cJf", archive, source.name], cwd=source.parent, check=True)
    subprocess.run(["dpkg-deb", "-Znone", "-b", package, tmp_path / "toy.deb"], check=True)

    def fetch(packages, into, *, store, progress):
        assert packages == ["linux-source-toy"]
        into.mkdir(parents=True)
        copy = Path(shutil.copy(tmp_path / "toy.deb", into))
        return [Deb("linux-source-toy", "6.1-1", copy, "")]

    monkeypatch.setattr(kernel_tree, "fetch_debs", fetch)
    monkeypatch.setattr(kernel_source, "check_host", lambda: None)
    monkeypatch.setenv("DROP", "/NOTHING/")
    return Store(tmp_path / "store")


def tree_of(store):
    [tree] = find_trees(store).values()
    return tree


def test_a_kernel_is_compiled_and_goes_on_where_it_was_cut_off(toy, monkeypatch):
    monkeypatch.setenv("MAKEFLAGS", "n")  # an outer make's, as "make test-debug" is
    with pytest.raises(BuildError, match=r"(?s)error: not today.*make\.log.*goes on from there"):
        kernel.get_kernel("toy", store=toy, progress=SILENT)
    tree = tree_of(toy)
    assert kernel.find_kernel("toy", toy) is None
    before = (tree / "linux" / "one.o").stat().st_mtime_ns
    (tree / "mended").touch()
    log = tree / "make.log"
    log.write_text("")
    kept = toy.root / "kept.log"
    os.link(log, kept)

    built = kernel.get_kernel("toy", store=toy, progress=SILENT)

    assert kept.read_text() == "  CC      broken.o\n", "what was compiled is not compiled again"
    assert before > 0
    assert find_trees(toy) == {}
    assert (built.release, built.version, built.memory_mib) == ("6.1.0-toy", "6.1-1", 1024)
    assert built.arguments == ("quiet",)
    assert built.vmlinuz.read_text() == "patched\n"
    assert read_options(built.config.read_text())["CONFIG_WANTED"] == "y"
    assert built.modules_image.is_file()
    assert not (built.folder / "lib" / "modules" / "6.1.0-toy" / "build").is_symlink()
    assert kernel.find_kernel("toy", toy) == built


def test_modules_are_built_in_what_is_left_of_its_tree(toy, recipes):
    write(recipes.parents[1], {"mended": ""})
    with pytest.raises(BuildError):
        kernel.get_kernel("toy", store=toy, progress=SILENT)
    (tree_of(toy) / "mended").touch()
    built = kernel.get_kernel("toy", store=toy, progress=SILENT)
    kdir = get_headers(built, store=toy, progress=SILENT)
    found = {str(path.relative_to(kdir)) for path in kdir.rglob("*") if path.is_file()}
    assert found == {
        ".config",
        "Makefile",
        "Module.symvers",
        "arch/x86/Makefile",
        "arch/x86/include/two.h",
        "include/linux/one.h",
        "scripts/kconfig/merge_config.sh",
        "scripts/mod/modpost",
        "tools/objtool/objtool",
    }
    assert compiler_arguments(kdir) == []


def test_an_option_that_is_dropped_stops_the_build(toy, monkeypatch):
    monkeypatch.setenv("DROP", "/WANTED=y/")
    with pytest.raises(BuildError, match=r"has not taken.*CONFIG_WANTED=y \(it is n\)"):
        kernel.get_kernel("toy", store=toy, progress=SILENT)
    assert not (tree_of(toy) / "configured").exists()


def test_the_trees_are_listed_and_pruned(toy, recipes):
    with pytest.raises(BuildError):
        kernel.get_kernel("toy", store=toy, progress=SILENT)
    [artefact] = guests.listing(toy)
    assert artefact.label == f"partly compiled kernel {artefact.key}"
    toy.remove(artefact.kind, artefact.key)
    assert guests.listing(toy) == []


def test_no_test_compiles_a_kernel_by_the_way(tmp_path, recipes):
    with pytest.raises(UsageError, match="avocado vexfs guest build --kernel toy"):
        kernel.require_kernel("toy", Store(tmp_path / "store"))


@pytest.mark.parametrize("changed", ["toy.toml", "own.config", "own.patch"])
def test_the_key_follows_what_shapes_the_kernel(recipes, changed):
    [before] = kernel.kernel_keys()
    with open(recipes / changed, "a") as handle:
        handle.write("# more\n")
    assert kernel.kernel_keys() != [before]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("patches", "patch", r"has the keys .*must have exactly"),
        ("memory_mib = 1024", "memory_mib = 0", "memory_mib = 0; allowed: a whole number above 0"),
        ('"own.patch"', '"none.patch"', r"no patch 'none\.patch' beside it"),
        ('"own.config"', '"none.config"', r"none\.config', which is neither a file beside it"),
        ('"toy_defconfig", "own.config"', '"own.config", "toy_defconfig"', "toy_defconfig"),
        ('"toy_defconfig",', '"own.config", "kvm.config",', "toml"),
        ('["toy_defconfig", "own.config"]', '"own.config"', "allowed: a list of strings"),
    ],
)
def test_a_wrong_recipe_is_refused(recipes, before, after, message):
    write(recipes, {"toy.toml": RECIPE.replace(before, after)})
    with pytest.raises(UsageError, match=message):
        load_recipe(recipes / "toy.toml")


def test_our_own_recipes_ask_for_what_they_promise():
    folder = data_dir("deps") / "kernels"
    for name, has, lacks in (("debug", "KASAN", "KCSAN"), ("debug-kcsan", "KCSAN", "KASAN")):
        recipe = load_recipe(folder / f"{name}.toml")
        assert isinstance(recipe, SourceRecipe)
        options = asked_for(recipe.fragments)
        assert recipe.suffix.endswith(name)
        assert options[f"CONFIG_{has}"] == "y"
        assert options.get(f"CONFIG_{lacks}", "n") == "n"
        for option in ("PROVE_LOCKING", "LOCK_STAT", "FAULT_INJECTION", "FAILSLAB", "KCOV"):
            assert options[f"CONFIG_{option}"] == "y"


def test_options_of_a_later_fragment_win(tmp_path):
    write(tmp_path, {"a": "CONFIG_A=y\nCONFIG_B=m\n", "b": "# CONFIG_A is not set\n# why\n"})
    assert asked_for([tmp_path / "a", tmp_path / "b"]) == {"CONFIG_A": "n", "CONFIG_B": "m"}


def test_lost_options_are_named_together(tmp_path):
    write(tmp_path, {"a": 'CONFIG_A=y\nCONFIG_B="-x"\n# CONFIG_C is not set\nCONFIG_D=8\n'})
    with pytest.raises(BuildError, match=r"CONFIG_A=y \(it is n\), CONFIG_D=8 \(it is 9\)$"):
        check_config('# CONFIG_A is not set\nCONFIG_B="-x"\nCONFIG_D=9\n', [tmp_path / "a"])


@pytest.mark.parametrize("line", ["CONFIG_A y", "CONFIG_A", "config A", "CONFIG_A="])
def test_a_line_that_kconfig_would_pass_over_is_refused(line):
    with pytest.raises(UsageError, match=r"line 2: .*is no option of Kconfig"):
        read_options(f"CONFIG_B=y\n{line}\n")


@given(st.dictionaries(st.from_regex(r"CONFIG_[A-Z0-9_]{1,9}", fullmatch=True), st.booleans()))
def test_options_are_read_as_they_are_written(options):
    text = "".join(
        f"{name}=y\n" if on else f"# {name} is not set\n" for name, on in options.items()
    )
    assert read_options(text) == {name: "y" if on else "n" for name, on in options.items()}


def test_missing_packages_of_the_host_are_named_at_once(tmp_path, monkeypatch):
    (tmp_path / "gcc").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "gcc").chmod(0o755)
    monkeypatch.setattr(kernel_source, "tool_environment", lambda: {"PATH": str(tmp_path)})
    monkeypatch.setattr("vexfs_provider.guest.hosttool.tool_environment", lambda _: {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"apt-get install bc bison flex binutils .*libelf-dev$"):
        kernel_source.check_host()


def test_the_host_packages_are_those_that_are_looked_for():
    lists = ("host-packages.txt", "kernels/host-packages.txt")
    text = "".join((data_dir("deps") / name).read_text() for name in lists)
    listed = {line.strip() for line in text.splitlines()}
    needed = {*kernel_source._PROGRAMS.values(), *kernel_source._HEADERS.values()}
    assert needed <= listed


def compile_toy(tree, makefile, progress=SILENT):
    (tree / "Makefile").write_text(makefile.replace("    @", "\t@"))
    compile_tree(tree, ["all"], env={}, objects=9, progress=progress)


def test_progress_counts_what_was_there_and_what_comes(tmp_path):
    tree = tmp_path / "linux"
    tree.mkdir()
    (tree / "old.o").touch()
    lines = "'  CC      a.o' '  CC [M]  b.o' '  LD [M]  b.ko' '  AR      c.a' '  AS      d.o'"
    said = io.StringIO()
    makefile = f"all:\n    @printf '%s\\n' {lines}\n"
    compile_toy(tree, makefile, Progress(said))
    assert said.getvalue().splitlines() == ["  2 of about 9 files compiled"]  # one line a minute


class Interrupting(Progress):
    """Somebody presses Ctrl-C when the first object is compiled."""

    def note(self, text: str) -> None:
        raise KeyboardInterrupt


def test_an_interrupted_make_ends_with_its_children(tmp_path):
    tree = tmp_path / "linux"
    tree.mkdir()
    makefile = "all:\n    @echo $$$$ >child; echo '  CC      a.o'; exec sleep 60\n"
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        compile_toy(tree, makefile, Interrupting(quiet=True))
    assert time.monotonic() - started < 30
    assert not Path("/proc", (tree / "child").read_text().strip()).exists()


def test_a_killed_builder_leaves_no_make_behind(tmp_path):
    tree = tmp_path / "linux"
    tree.mkdir()
    rule = 'i=0; while sleep 0.1; do i=$$((i+1)); echo "  CC      $$i.o"; echo $$i >tick; done'
    (tree / "Makefile").write_text(f"all:\n\t@{rule}\n")
    script = (
        "import sys; from pathlib import Path\n"
        "from vexfs_provider.guest.kernel_make import compile_tree\n"
        "from vexfs_provider.progress import SILENT\n"
        "compile_tree(Path(sys.argv[1]), ['all'], env={}, objects=9, progress=SILENT)\n"
    )
    builder = subprocess.Popen([sys.executable, "-c", script, str(tree)])
    until = time.monotonic() + 30
    while not (tree / "tick").exists() and time.monotonic() < until:
        time.sleep(0.05)
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    time.sleep(1)
    last = (tree / "tick").read_text()
    time.sleep(1)
    assert (tree / "tick").read_text() == last
