"""Kernels: recipes, Debian's mirrors, depmod's files, the headers' folder."""

import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.guest import debian
from vexfs_provider.guest.kernel import (
    Kernel,
    find_kernel,
    get_kernel,
    list_kernels,
    recipe_of_release,
)
from vexfs_provider.guest.kernel_modules import ModuleIndex, module_name
from vexfs_provider.guest.kernel_modules_image import make_modules_image
from vexfs_provider.progress import SILENT
from vexfs_provider.store import Store

URIS = """\
'http://mirror.example/debian/dists/bookworm/InRelease' mirror_InRelease 0
'http://mirror.example/debian/dists/bookworm-updates/InRelease' mirror_InRelease 0
'http://other.example/apt/dists/cloud-sdk/InRelease' other_InRelease 0
'http://sec.example/debian-security/dists/bookworm-security/InRelease' sec_InRelease 0
'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' mirror_Packages 0
"""


@pytest.fixture
def modules(tmp_path):
    """A ``lib/modules/<release>`` with one chain, one soft dependency and one circle."""
    (tmp_path / "kernel").mkdir()
    for name in ("top", "mid-dle", "base", "crc-fast", "ring_a", "ring_b"):
        (tmp_path / "kernel" / f"{name}.ko").write_bytes(name.encode())
    (tmp_path / "kernel" / "packed.ko.xz").write_bytes(lzma.compress(b"unpacked"))
    (tmp_path / "kernel" / "odd.ko.zst").write_bytes(b"")
    (tmp_path / "modules.dep").write_text(
        "kernel/top.ko: kernel/mid-dle.ko kernel/base.ko\n"
        "kernel/mid-dle.ko: kernel/base.ko\n"
        "kernel/base.ko:\nkernel/crc-fast.ko:\nkernel/packed.ko.xz:\nkernel/odd.ko.zst:\n"
        "kernel/ring_a.ko:\nkernel/ring_b.ko:\n"
    )
    (tmp_path / "modules.builtin").write_text("kernel/fs/ext4/ext4.ko\n")
    (tmp_path / "modules.alias").write_text("# comment\nalias crc32c crc_fast\n")
    (tmp_path / "modules.softdep").write_text(
        "softdep mid_dle pre: crc32c absent post: base\n"
        "softdep ring_a pre: ring_b\nsoftdep ring_b pre: ring_a\n"
    )
    return ModuleIndex(tmp_path)


def names(index, *wanted):
    return [name for name, _ in index.load_list(wanted)]


def test_unknown_kernel_lists_those_there_are(tmp_path):
    for call in (
        lambda: get_kernel("5.10", store=Store(tmp_path), progress=SILENT),
        lambda: find_kernel("5.10", Store(tmp_path)),
    ):
        with pytest.raises(UsageError, match=r"'5\.10'.*6\.1, 6\.1-generic, 6\.12, 6\.12-generic"):
            call()


def test_a_kernel_that_is_not_built_is_not_found(tmp_path):
    assert [find_kernel(name, Store(tmp_path)) for name in list_kernels()] == [None] * 6


@pytest.mark.parametrize(
    ("release", "recipe"),
    [
        ("6.1.0-56-cloud-amd64", "6.1"),
        ("6.1.0-56-amd64", "6.1-generic"),
        ("6.12.117+deb12-cloud-amd64", "6.12"),
        ("6.12.117+deb12-amd64", "6.12-generic"),
        ("6.1.192-vexfs-debug", "debug"),
        ("6.1.192-vexfs-debug-kcsan", "debug-kcsan"),
        ("5.10.0-1-amd64", None),
    ],
)
def test_the_recipe_of_a_release(release, recipe):
    assert recipe_of_release(release) == recipe


def test_header_packages_are_those_of_the_artefact(tmp_path):
    kernel = Kernel("6.1", "6.1.0-1-cloud-amd64", "6.1.1-1", tmp_path, "digest")
    (tmp_path / "headers").mkdir()
    (tmp_path / "headers" / "b.deb").touch()
    (tmp_path / "headers" / "a.deb").touch()
    assert [path.name for path in kernel.header_packages] == ["a.deb", "b.deb"]
    assert kernel.vmlinuz == tmp_path / "boot" / "vmlinuz-6.1.0-1-cloud-amd64"


def test_modules_come_after_what_they_need(modules):
    assert names(modules, "top") == ["base.ko", "crc-fast.ko", "mid-dle.ko", "top.ko"]


def test_a_module_is_listed_once_and_dash_is_underscore(modules):
    assert names(modules, "base", "mid_dle", "mid-dle") == ["base.ko", "crc-fast.ko", "mid-dle.ko"]


def test_built_in_modules_are_left_out(modules):
    assert names(modules, "ext4") == []


def test_a_circle_of_soft_dependencies_ends(modules):
    assert sorted(names(modules, "ring_a")) == ["ring_a.ko", "ring_b.ko"]


def test_a_compressed_module_comes_decompressed(modules):
    assert modules.load_list(["packed"]) == [("packed.ko", b"unpacked")]


def test_an_unknown_module_is_named(modules):
    with pytest.raises(BuildError, match="'nonesuch'"):
        modules.load_list(["nonesuch"])


def test_an_unknown_compression_is_named(modules):
    with pytest.raises(BuildError, match=r"odd\.ko\.zst.*\.zst"):
        modules.load_list(["odd"])


def test_a_tree_without_depmod_says_so(tmp_path):
    with pytest.raises(BuildError, match="run depmod"):
        ModuleIndex(tmp_path)


@given(st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True), st.sampled_from(["", ".xz", ".gz"]))
def test_module_name_forgets_folder_and_suffix(name, suffix):
    assert module_name(f"kernel/fs/{name}.ko{suffix}") == name.replace("-", "_")


def test_modules_image_holds_the_tree(tmp_path):
    tree = tmp_path / "tree"
    (tree / "6.1" / "kernel").mkdir(parents=True)
    for number in range(300):  # more inodes than mke2fs gives so small an image by itself
        (tree / "6.1" / "kernel" / f"m{number}.ko").write_bytes(bytes(5000))
    make_modules_image(tree, tmp_path / "modules.img")
    image = (tmp_path / "modules.img").read_bytes()
    assert image[0x438:0x43A] == b"\x53\xef", "magic of an ext2 superblock"
    assert not image[0x45C] & 0x04, "the feature has_journal"


def test_mirrors_of_the_host():
    assert debian.host_mirrors(URIS) == (
        "http://mirror.example/debian",
        "http://sec.example/debian-security",
    )


def test_mirrors_of_a_host_of_another_release():
    uris = "'http://m.example/debian/dists/trixie/InRelease' x 0\n"
    assert debian.host_mirrors(uris) == (
        "http://m.example/debian",
        "http://m.example/debian-security",
    )


def test_a_host_without_debian_is_told_the_variable():
    with pytest.raises(UsageError, match="export VEXFS_DEBIAN_MIRROR="):
        debian.host_mirrors("'http://archive.example/ubuntu/dists/noble/InRelease' x 0\n")


@given(st.text())
def test_mirrors_come_from_lines_of_apt_only(text):
    try:
        main, security = debian.host_mirrors(text)
    except UsageError:
        return
    assert f"'{main}" in text
    assert security.endswith("-security") or f"'{security}" in text


@pytest.mark.parametrize(
    ("value", "security"),
    [
        ("http://m.example/debian/", "http://m.example/debian-security"),
        ("http://m.example/debian http://s.example/sec", "http://s.example/sec"),
    ],
)
def test_a_named_mirror_wins(monkeypatch, value, security):
    monkeypatch.setenv(debian.MIRROR_VARIABLE, value)
    lines = debian.apt_sources().splitlines()
    assert [line.split()[-2] for line in lines] == [
        "bookworm",
        "bookworm-updates",
        "bookworm-security",
    ]
    assert lines[0].split()[-3] == value.split()[0]
    assert lines[2].split()[-3] == security


def test_too_many_mirrors_are_refused(monkeypatch):
    monkeypatch.setenv(debian.MIRROR_VARIABLE, "a b c")
    with pytest.raises(UsageError, match="VEXFS_DEBIAN_MIRROR='a b c'"):
        debian.apt_sources()


def test_a_missing_host_tool_names_its_package(tmp_path, monkeypatch):
    monkeypatch.setattr("vexfs_provider.guest.hosttool.tool_environment", lambda extra: {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="no 'mke2fs'; install it: apt-get install e2fsprogs"):
        make_modules_image(tmp_path, Path(tmp_path, "modules.img"))
