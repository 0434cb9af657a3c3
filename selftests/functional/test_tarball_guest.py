"""A guest from any root filesystem archive that has a python3: no bash, coreutils or systemd."""

import hashlib
import subprocess
import tarfile
import time

import pytest

from vexfs_provider.errors import GuestError
from vexfs_provider.guest.debian import fetch_debs
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.shape import Disk
from vexfs_provider.store import content_key

BUSYBOX = ("busybox-static",)
# python3 and the libraries that it and the standard modules of the agent load.
PYTHON = (
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libc6",
    "libexpat1",
    "libffi8",
    "zlib1g",
)
TARBALL_VERSION = 1
SIZES = {"folder": "/mnt/test", "seeds": list(range(8)), "size": 70_001}
TIMEOUT_S = 60.0
NO_PYTHON_TIMEOUT_S = 60.0


def make_tree(packages, tree, store, progress):
    """Unpack Debian packages into a tree where busybox stands for all commands."""
    debs = fetch_debs(packages, tree.with_name("debs"), store=store, progress=progress)
    for deb in debs:
        run_tool(["dpkg-deb", "-x", deb.path, tree])
    busybox = tree / "bin" / "busybox"
    for applet in subprocess.check_output([busybox, "--list"], text=True).split():
        link = tree / "bin" / applet
        if applet != "busybox":
            link.symlink_to("busybox")
    if "python3.11-minimal" in packages:
        (tree / "usr" / "bin" / "python3").symlink_to("python3.11")


def get_tarball(packages, tmp_path, store, progress):
    """The archive of such a tree; kept in the store, since it takes a mirror to make it."""

    def build(folder):
        tree = tmp_path / "tree"
        make_tree(packages, tree, store, progress)
        with tarfile.open(folder / "root.tar.gz", "w:gz", compresslevel=1) as archive:
            archive.add(tree, ".")

    key = content_key(list(packages), TARBALL_VERSION)
    return store.get("selftests", key, build, progress=progress) / "root.tar.gz"


@pytest.fixture
def recipes(tmp_path, own_cache, store, progress):
    """``recipes(packages)``: a folder with the recipe ``minimal`` for these packages."""
    (own_cache / "images").unlink()  # the user has no use for these images

    def write(packages):
        tarball = get_tarball(packages, tmp_path, store, progress)
        digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
        folder = tmp_path / "recipes"
        folder.mkdir()
        (folder / "minimal.toml").write_text(
            f'kind = "tarball"\ntarball = "{tarball}"\nsha256 = "{digest}"\n'
        )
        return folder

    return write


def test_a_tarball_with_busybox_and_python_is_a_guest(recipes, start):
    folder = recipes(BUSYBOX + PYTHON)
    fork = start(recipe="minimal", recipes=folder, disks=(Disk("test", 64),), start="warm")
    missing = "bash systemctl apt-get perl mkfs.ext4"
    assert fork.sh(f"for tool in {missing}; do command -v $tool; done; true") == ""
    assert fork.sh("ls --help 2>&1").startswith("BusyBox ")

    guest, device = fork.guest, fork.guest.disk_path("test")
    fork.sh(f"mke2fs {device} && mkdir -p /mnt/test && mount -t ext2 {device} /mnt/test")
    guest.load_code("content")
    guest.call("content", "write_files", TIMEOUT_S, **SIZES)
    fork.sh(f"umount /mnt/test && mount -t ext2 {device} /mnt/test")
    assert guest.call("content", "compare_files", TIMEOUT_S, **SIZES) == []
    fork.sh("printf x | dd of=/mnt/test/f3 bs=1 seek=70000 conv=notrunc")
    [wrong] = guest.call("content", "compare_files", TIMEOUT_S, **SIZES)
    assert wrong.startswith("f3: bytes at offset 70000 ")

    again = start(recipe="minimal", recipes=folder, start="warm")
    assert again.sh("ls -d /mnt/test 2>/dev/null || echo fresh") == "fresh"


def test_a_tarball_without_python_is_a_clear_error_soon(recipes, start):
    folder = recipes(BUSYBOX)
    started = time.monotonic()
    with pytest.raises(GuestError, match="no python3 in the guest image"):
        start(recipe="minimal", recipes=folder, start="cold")
    assert time.monotonic() - started < NO_PYTHON_TIMEOUT_S
