"""The scenario about what must stay: the same tree after each way of forgetting what is cached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter

from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.scenarios.attempt import LOST_GUEST, attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import LIBRARIES, Check, applies, prepare, survives
from vexfs_provider.scenarios.tree import Description, Difference, differences

MODULE = "persistence"
TREE = "tree"  # the guest module that describes
CALL_TIMEOUT_S = 60.0
SECOND_MOUNTPOINT = "/mnt/second"
PATHS_SHOWN = 10
COSTLY = (*LOST_GUEST, FilesystemError)  # a step mounts and unmounts as well

PARTS = (
    Check(MODULE, "top_folder"),
    Check(MODULE, "contents"),
    Check(MODULE, "folders"),
    Check(MODULE, "renames"),
    Check(MODULE, "attributes"),
    Check("persistence_times", "times"),
    Check(MODULE, "big_files", needs=("indirect_blocks",)),
    Check(MODULE, "sparse_files", needs=("indirect_blocks", "sparse")),
    Check(MODULE, "hard_links", needs=("hardlink",)),
    Check(MODULE, "symbolic_links", needs=("symlink",)),
    Check(MODULE, "extended_attributes", needs=("user_xattr",)),
    Check(MODULE, "special_files", needs=("mknod",)),
)


@dataclass(frozen=True)
class Step:
    """A way of forgetting what is cached; ``act`` returns the mount point to look at then."""

    name: str
    act: Callable[[Bench], str]


@dataclass(frozen=True)
class State:
    """What can be seen of a mounted filesystem: its tree, and what statfs(2) says is free."""

    tree: Description
    free: dict[str, int]


def run(bench: Bench) -> None:
    """A tree with files and folders of many kinds is the same after each of these, in turn:
    drop_caches, a second mount of the same device, a remount, a clean reboot of the guest.

    Names, kinds, bytes, modes, owners, times, links and extended attributes are compared, and the
    free blocks and inodes that statfs(2) gives. A step that costs the guest does not keep the
    later ones from running, nor does a part of the tree that cannot be made. No metrics.
    """
    _prepare(bench)
    parts = _make_tree(bench, [part for part in PARTS if applies(bench, part)])
    state = None
    steps = _steps(bench)
    for step in steps:
        state = attempt(bench, partial(_compare, bench, step, state, parts), COSTLY)
        if state is None and step is not steps[-1]:
            _prepare(bench)
            parts = _make_tree(bench, parts)


def _prepare(bench: Bench) -> None:
    prepare(bench, PARTS)
    bench.guest.load_code(TREE)


def _make_tree(bench: Bench, parts: Sequence[Check]) -> list[Check]:
    """Make the parts of the tree; returns those that do not cost the guest."""
    made: list[Check] = []
    waiting = list(parts)
    while waiting:
        part = waiting.pop(0)
        if survives(bench, part):
            made.append(part)
        else:
            _prepare(bench)
            waiting, made = made + waiting, []
    return made


def _steps(bench: Bench) -> list[Step]:
    steps = [Step("drop_caches", _drop_caches)]
    if bench.profile.kind in (Kind.KERNEL, Kind.MODULE):
        steps.append(Step("a second mount", _second_mount))
    else:
        bench.unsupported("second mount: only a filesystem in the kernel takes two of one device")
    if "persistent" in bench.capabilities:
        steps += [Step("a remount", _remount), Step("a reboot", _reboot)]
    else:
        bench.unsupported("remount, reboot: need persistent")
    return steps


def _drop_caches(bench: Bench) -> str:
    bench.guest.call(TREE, "drop_caches", CALL_TIMEOUT_S)
    return bench.mountpoint


def _second_mount(bench: Bench) -> str:
    bench.filesystem.mount(bench.device, SECOND_MOUNTPOINT)
    return SECOND_MOUNTPOINT


def _remount(bench: Bench) -> str:
    bench.unmount()
    bench.mount()
    return bench.mountpoint


def _reboot(bench: Bench) -> str:
    bench.unmount()
    bench.restart()
    for name in (*LIBRARIES, TREE):
        bench.guest.load_code(name)
    bench.mount()
    return bench.mountpoint


def _compare(bench: Bench, step: Step, before: State | None, parts: Sequence[Check]) -> State:
    """Report what a step changes; the state after it. ``before`` is the one before, if known."""
    names = [part.name for part in parts]
    with bench.step(f"compare after {step.name}"):
        before = before or _look(bench, bench.mountpoint, names)
        place = step.act(bench)
        after = _look(bench, place, names)
        _report_tree(bench, step, list(differences(before.tree, after.tree)))
        _report_free(bench, step, before.free, after.free)
        if place != bench.mountpoint:
            bench.filesystem.unmount(place)
    return after


def _look(bench: Bench, root: str, parts: list[str]) -> State:
    free = bench.guest.call(TREE, "free", CALL_TIMEOUT_S, folder=root)
    tree = bench.guest.call(TREE, "describe", CALL_TIMEOUT_S, root=root, parts=parts)
    return State(tree, free)


def _report_tree(bench: Bench, step: Step, found: list[Difference]) -> None:
    """One finding for each part of the tree, kind of file and problem."""
    what = attrgetter("part", "kind", "problem")
    for (part, kind, problem), group in groupby(sorted(found, key=what), key=what):
        paths = list(group)
        shown = [f"{one.path}: {one.expected} -> {one.actual}" for one in paths[:PATHS_SHOWN]]
        bench.fail(
            f"{part}: a {kind} {problem} after {step.name}",
            kind="persistence",
            operation=f"{step.name}; {len(paths)} paths of {part}",
            expected="the same tree as before",
            actual="; ".join(shown),
        )


def _report_free(bench: Bench, step: Step, before: dict[str, int], after: dict[str, int]) -> None:
    for name in sorted(before.keys() - bench.profile.expected_differences.keys()):
        if before[name] != after[name]:
            bench.fail(
                f"{name.replace('_', ' ')} of statfs differ after {step.name}",
                kind="free-counts",
                operation=f"syncfs and statfs before and after {step.name}",
                expected=str(before[name]),
                actual=str(after[name]),
            )
