"""The read-only file system with a kernel's modules."""

from pathlib import Path

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import run_tool

_MIB = 1 << 20


def make_modules_image(tree: Path, image: Path) -> None:
    """Make a read-only ext4 image of a folder, just large enough for it.

    Its size allows for whole blocks of 4096 bytes, 256 bytes an inode and one eighth for
    directories and tables.
    """
    paths = list(tree.rglob("*"))
    content = sum(4096 * -(-path.lstat().st_size // 4096) + 256 for path in paths)
    size_mib = (content * 9 // 8) // _MIB + 4
    features = ["-O", "^has_journal,^resize_inode", "-E", "root_owner=0:0"]
    geometry = ["-b", "4096", "-m", "0", "-N", str(len(paths) + 64)]
    content_of = ["-L", "modules", "-d", str(tree), str(image), f"{size_mib}M"]
    try:
        run_tool(["mke2fs", "-q", "-t", "ext4", *features, *geometry, *content_of])
    except BuildError as error:
        raise BuildError(f"modules' image of {size_mib} MiB for {tree}: {error}") from error
