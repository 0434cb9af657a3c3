"""Many and big: very many files, a deep tree, the largest file, and what has run out."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.params import Range
from vexfs_provider.scenarios import space
from vexfs_provider.scenarios.attempt import LOST_GUEST, attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import (
    Check,
    applies,
    load,
    prepare,
    run_checks,
    run_one,
    was_full,
)

FILES, LIMITS = "many_files", "many_limits"
COSTLY = (*LOST_GUEST, FilesystemError)
TIMEOUT_S = 180.0
FILES_A_SECOND = 100  # at least, of a slow guest

MADE_AND_FOUND = (
    (Check(FILES, "many_files_are_made"), Check(FILES, "many_files_are_found")),
    (Check(FILES, "deep_tree_is_made"), Check(FILES, "deep_tree_is_found")),
    (
        Check(LIMITS, "largest_file_is_made", ("sparse", "large_files")),
        Check(LIMITS, "largest_file_is_found"),
    ),
)
"""Pairs with a remount between: what makes, and what looks at it."""

INODES = Check(LIMITS, "inodes_run_out_and_return", timeout_s=TIMEOUT_S)
CHECKS = (
    Check(LIMITS, "descriptors_run_out_and_return", timeout_s=TIMEOUT_S),
    *(check for check in space.CHECKS if check.module == "space_fill"),
)


def run(
    bench: Bench,
    *,
    file_count: Annotated[int, Range(1, 10_000_000)] = 100_000,
    tree_depth: Annotated[int, Range(1, 100_000)] = 1000,
) -> None:
    """Many small files, a tree of ``tree_depth`` folders and the largest file outlive a remount.

    There are ``file_count`` files, or as many as fit; the record says how many
    (``configuration.files``). Then inodes are used up on a filesystem that is made with few, the
    descriptors of a process, and all space, and given back. No metrics.
    """
    attempt(bench, partial(_made_and_found, bench, file_count, tree_depth), COSTLY)
    attempt(bench, partial(_few_inodes, bench), COSTLY)
    run_checks(bench, CHECKS)


def _made_and_found(bench: Bench, file_count: int, tree_depth: int) -> bool:
    """Make all, mount again, look at all; True, since an attempt must return something."""
    prepare(bench, [check for pair in MADE_AND_FOUND for check in pair])
    arguments = {"folder": bench.mountpoint, "wanted": file_count}
    count = bench.guest.call(FILES, "room_for", TIMEOUT_S, **arguments)
    bench.record.configuration["files"] = count
    if count < file_count:
        bench.unsupported(f"{file_count} files: there is room for {count}")
    sizes = {"many_files_are_made": {"count": count}, "deep_tree_is_made": {"depth": tree_depth}}
    timeout_s = TIMEOUT_S + count / FILES_A_SECOND
    pairs = [
        [replace(one, arguments=sizes.get(pair[0].name, {}), timeout_s=timeout_s) for one in pair]
        for pair in MADE_AND_FOUND
        if applies(bench, pair[0])
    ]
    full = [make.name for make, _ in pairs if was_full(run_one(bench, make))]
    _mount_again(bench)
    for make, find in pairs:
        if full:
            # There is no room for a folder of its own either, whichever of them has filled it.
            bench.unsupported(f"{find.name}: {full[0]} has found the filesystem full")
            continue
        made_in = f"{bench.mountpoint}/{make.name}"
        run_one(bench, replace(find, arguments={**find.arguments, "made_in": made_in}))
    bench.finish()
    return True


def _mount_again(bench: Bench) -> None:
    if "persistent" in bench.capabilities:
        bench.unmount()
        bench.mount()
    else:
        bench.unsupported("a remount between: needs persistent")


def _few_inodes(bench: Bench) -> bool:
    made_for = bench.profile.made_for.get("few_inodes")
    if made_for is None:
        bench.unsupported(f"{INODES.name}: made_for of the profile does not say how to have few")
        return True
    load(bench, [INODES])
    bench.make("few_inodes")
    bench.mount(made_for.mount)
    run_one(bench, INODES)
    bench.unmount()
    return True
