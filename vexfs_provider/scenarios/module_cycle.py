"""Load, use and unload an out-of-tree module again and again."""

from typing import Annotated

from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.instrumentation.slab_growth import LEAST_COUNTS, Counts, count_objects, growing
from vexfs_provider.params import Range
from vexfs_provider.scenarios.bench import Bench

MOUNTS = 3  # of each cycle: a leak a mount must stand out from the kernel's own coming and going
FILES = range(40)  # more names than one block of a directory holds
FILE_BYTES = 3 * 4096 + 123
CALL_TIMEOUT_S = 60.0


def run(bench: Bench, *, module_cycles: Annotated[int, Range(LEAST_COUNTS, 10_000)] = 5) -> None:
    """Load, use and unload the module ``module_cycles`` times; nothing of it may stay behind.

    Used means a fresh filesystem, mounted, written to, read and unmounted, ``MOUNTS`` times. The
    slab caches are counted after each unload. A module that cannot be unloaded ends the scenario.
    """
    if bench.profile.kind is not Kind.MODULE:
        raise NotApplicable(f"{bench.profile.name} does not come as a module of its own")
    bench.guest.load_code("content")
    counts: list[Counts] = []
    for number in range(module_cycles):
        with bench.step("cycle", number):
            # The guest comes with the module loaded, which is the first cycle's load.
            if number:
                bench.load()
            for _ in range(MOUNTS):
                _use(bench)
            if not _unload(bench):
                return
            counts.append(count_objects(bench.guest))
    _report_growth(bench, counts)


def _use(bench: Bench) -> None:
    bench.make()
    bench.mount()
    _verify_held(bench)
    with bench.step("write and read"):
        arguments = {"folder": bench.mountpoint, "seeds": list(FILES), "size": FILE_BYTES}
        bench.guest.call("content", "write_files", CALL_TIMEOUT_S, **arguments)
        wrong = bench.guest.call("content", "compare_files", CALL_TIMEOUT_S, **arguments)
        if wrong:
            bench.fail(
                "data mismatch right after it was written",
                kind="data-mismatch",
                operation=f"read {len(FILES)} files",
                expected="the bytes that were written and fsynced",
                actual="; ".join(wrong),
            )
    bench.unmount()


def _verify_held(bench: Bench) -> None:
    """A mounted filesystem must hold its module; without a holder we do not even try to unload."""
    with bench.step("unload while mounted"):
        holders = _holders(bench)
        refused = False
        if holders:
            try:
                bench.filesystem.unload()
            except FilesystemError:
                refused = True
        if not refused:
            bench.fail(
                "the module of a mounted filesystem can be unloaded",
                kind="module-unload",
                operation="rmmod while its filesystem is mounted",
                expected="a count of users above 0, and a refusal",
                actual=f"count of users {holders}, {'rmmod succeeded' if holders else 'not tried'}",
                recommendation="Set the owner of the file_system_type to THIS_MODULE.",
            )


def _unload(bench: Bench) -> bool:
    """Unload the module after its last use; whether nothing of it is left."""
    with bench.step("unload"):
        holders = _holders(bench)
        if holders:
            bench.fail(
                "the module stays in use after its last unmount",
                kind="module-unload",
                operation="read the count of users in /proc/modules",
                expected="0",
                actual=str(holders),
            )
            return False
        bench.filesystem.unload()
        left = _leftovers(bench)
        if left:
            bench.fail(
                "the unloaded module has left something behind",
                kind="module-unload",
                operation="look into /proc/modules and /proc/filesystems after rmmod",
                expected="neither the module nor its filesystem type",
                actual="; ".join(left),
            )
        return not left


def _leftovers(bench: Bench) -> list[str]:
    types = bench.guest.get("/proc/filesystems").decode().split()
    left = ["the module is listed"] if _module_words(bench) else []
    if bench.profile.type in types:
        left.append(f"the filesystem type {bench.profile.type} is registered")
    return left


def _holders(bench: Bench) -> int:
    words = _module_words(bench)
    if not words:
        return 0
    bench.events.add("module", users=int(words[2]), taints=words[6:])
    return int(words[2])


def _module_words(bench: Bench) -> list[str]:
    """The module's line in /proc/modules: name, size, users, users' names, state, address, taints.

    Empty if it is not loaded. The fields are those of kernel/module/procfs.c.
    """
    module = bench.profile.module
    name = module.kernel_name if module else ""
    lines = bench.guest.get("/proc/modules").decode().splitlines()
    return next((words for words in map(str.split, lines) if words[0] == name), [])


def _report_growth(bench: Bench, counts: list[Counts]) -> None:
    """One finding a cache, under the cache's name."""
    for cache, numbers in growing(counts, least=MOUNTS).items():
        bench.fail(
            f"slab cache {cache} grows with every load and unload",
            kind="slab-growth",
            operation=f"count the objects of {cache} after each of {len(counts)} unloads",
            expected=f"at least one count less than {MOUNTS} above the one before (one a mount)",
            actual=", ".join(map(str, numbers)),
            recommendation="Boot with slub_debug=U for this cache to see who allocates.",
        )
