"""A folder to build modules for a guest's kernel, without installing anything on the host."""

import re
import shutil
from pathlib import Path
from typing import Any

from vexfs_provider.errors import BuildError
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KIND = "headers"

_BUILDER_VERSION = 1
_INCLUDE_OF_COMMON = re.compile(r"^include /usr/src/(?=\S+/Makefile$)", re.MULTILINE)
_COMPILER = re.compile(r"\b(gcc-\d+)\b")


def get_headers(kernel: Kernel, *, store: Store, progress: Progress) -> Path:
    """The ``KDIR`` of a kernel for ``make -C KDIR M=…``, unpacked when it is missing.

    The unpacked packages are those fetched with the kernel, so they always fit it; a kernel that
    was compiled here brings its own tree. Raises ``BuildError`` when they cannot be unpacked.
    """
    if kernel.build_tree:
        return kernel.build_tree
    key = content_key(kernel.digest, kernel.release, _BUILDER_VERSION)

    def build(folder: Path) -> dict[str, Any]:
        for package in kernel.header_packages:
            run_tool(["dpkg-deb", "-x", package, folder])
        _make_relocatable(_kdir(folder, kernel) / "Makefile")
        return {"kernel": kernel.name, "release": kernel.release}

    label = f"headers of kernel {kernel.name}"
    return _kdir(store.get(KIND, key, build, progress=progress, label=label), kernel)


def compiler_arguments(kdir: Path) -> list[str]:
    """What to tell ``make`` when the host lacks the compiler version of Debian's kernel.

    ``.kernelvariables`` names it (``gcc-12``); another gcc builds modules as well, with a warning.
    A kernel that was compiled here has no such file.
    """
    variables = kdir / ".kernelvariables"
    named = _COMPILER.search(variables.read_text()) if variables.is_file() else None
    if named is None or shutil.which(named[1]):
        return []
    return ["CC=gcc"]


def _kdir(folder: Path, kernel: Kernel) -> Path:
    return folder / "usr" / "src" / f"linux-headers-{kernel.release}"


def _make_relocatable(makefile: Path) -> None:
    """Find the common headers beside this folder; the links in it are relative already."""
    beside = "include $(dir $(lastword $(MAKEFILE_LIST)))../"
    text, replaced = _INCLUDE_OF_COMMON.subn(beside, makefile.read_text())
    if replaced != 1:
        raise BuildError(f"{makefile}: expected one line 'include /usr/src/…/Makefile'")
    makefile.write_text(text)
