"""A tree of xfstests on the host: which tests it has, and its image for guests.

The tests of a folder below ``tests/`` stand in its file ``group.list`` (``group`` in trees from
before 2021), a line each: the test's number, then its groups. ``#`` starts a comment.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.known_failures import TEST
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KIND = "xfstests"
IMAGE = "tree.img"
COMMON = ("generic", "shared")
"""Folders with tests for every filesystem; ``check`` adds that of the filesystem's type."""

_LISTS = ("group.list", "group")
_SLACK_MIB = 32


def parse_groups(text: str) -> dict[str, frozenset[str]]:
    """The groups of each test, by its name in its folder, in the order of the file."""
    found: dict[str, frozenset[str]] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words and re.fullmatch(TEST, f"x/{words[0]}"):
            found[words[0]] = frozenset(words[1:])
    return found


def check_tree(tree: Path) -> None:
    """Raise ``UsageError`` unless ``tree`` looks like xfstests that can be run."""
    if not tree.is_absolute() or not (tree / "check").is_file():
        raise UsageError(
            f"parameter xfstests_dir = '{tree}'; must be the absolute path of an xfstests tree: "
            "there is no file 'check' in it"
        )
    if not any((tree / "tests").glob("*/group*")):
        raise UsageError(
            f"parameter xfstests_dir = '{tree}'; no folder of its tests/ has a group.list; build "
            "the tree (make), or install it (make install) and name /var/lib/xfstests"
        )


def list_tests(tree: Path, kind: str) -> dict[str, frozenset[str]]:
    """The tests for filesystems of type ``kind`` with their groups, as ``generic/001``."""
    found: dict[str, frozenset[str]] = {}
    for folder in dict.fromkeys((*COMMON, kind)):
        lists = [tree / "tests" / folder / name for name in _LISTS]
        path = next((path for path in lists if path.is_file()), None)
        if path is not None:
            groups = parse_groups(path.read_text(errors="replace"))
            found.update({f"{folder}/{name}": those for name, those in groups.items()})
    return found


def choose_tests(
    tests: Mapping[str, frozenset[str]], groups: Iterable[str], named: Iterable[str]
) -> list[str]:
    """The tests that are ``named``, or else those of any of the ``groups``; ``all`` has every test.

    Raises ``UsageError`` for a test or a group that is not there.
    """
    names = list(named)
    for name in names:
        if name not in tests:
            raise UsageError(f"parameter xfstests_tests: the tree has no test {name!r}")
    if names:
        return names
    wanted = set(groups)
    known = {"all"}.union(*tests.values())
    for group in sorted(wanted - known):
        raise UsageError(f"parameter xfstests_group: the tree has no group {group!r}")
    return [name for name, those in tests.items() if "all" in wanted or those & wanted]


def tree_image(tree: Path, store: Store, progress: Progress) -> Path:
    """An ext4 image of the tree, made anew when anything in it has changed.

    A guest gets that to read, and nothing of the host to write to.
    """
    key = content_key(_entries(tree))

    def build(folder: Path) -> dict[str, str]:
        mebibytes = sum(size for _, size, _, _ in _entries(tree)) * 5 // 4 >> 20
        options = ["-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-d"]
        size = f"{mebibytes + _SLACK_MIB}M"
        run_tool(["mke2fs", *options, tree, folder / IMAGE, size])
        return {"tree": str(tree)}

    label = f"image of {tree}"
    return store.get(KIND, key, build, progress=progress, label=label) / IMAGE


def _entries(tree: Path) -> list[tuple[str, int, int, int]]:
    """Path, size in bytes, time of change and mode of all that is in the tree."""
    found = []
    for parent, folders, files in os.walk(tree):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            seen = os.lstat(path)
            # Of a folder only its mode: its size and time tell nothing that its entries do not.
            size, changed = (0, 0) if name in folders else (seen.st_size, seen.st_mtime_ns)
            found.append((os.path.relpath(path, tree), size, changed, seen.st_mode))
    return sorted(found)
