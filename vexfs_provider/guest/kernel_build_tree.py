"""What ``make -C KDIR M=…`` needs of a compiled kernel's tree, and nothing else of it.

After ``scripts/package/builddeb`` of Linux 6.1, which says the same for Debian's packages.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

_FILES = (".config", "Makefile", "Module.symvers", "tools/objtool/objtool")
_FOLDERS = ("scripts", "include", "arch/x86/include")
_PATTERNS = ("arch/x86/Makefile*",)
_LEFT_OUT = (".*.cmd", ".*.d", "*.o", "*.a", "dt-bindings", "dtc", "gdb", "selinux")


def copy_build_tree(tree: Path, into: Path) -> None:
    """Copy the part of ``tree`` that builds modules to ``into``; it works wherever it lies."""
    for path in _needed_files(tree):
        copy = into / path.relative_to(tree)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    for name in _FOLDERS:
        shutil.copytree(
            tree / name, into / name, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT)
        )


def _needed_files(tree: Path) -> Iterator[Path]:
    yield from (tree / name for name in _FILES)
    for pattern in _PATTERNS:
        yield from tree.glob(pattern)
