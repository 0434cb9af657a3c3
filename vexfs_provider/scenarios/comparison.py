"""The filesystem under test beside its references in one guest: run lists on all, compare."""

import time
from collections.abc import Callable, Sequence

from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.facts import KIND
from vexfs_provider.ops.operations import Remount
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.results import TOP
from vexfs_provider.ops.settle import settle
from vexfs_provider.ops.trial import Case, Trial
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.probing import ask, probe

PROBED = (
    *("collapse_range", "fallocate", "freeze", "hardlink", "indirect_blocks", "insert_range"),
    *("large_files", "mknod", "mmap_write", "o_direct", "o_tmpfile", "punch_hole", "reflink"),
    *("rename_exchange", "rename_noreplace", "rename_whiteout", "statx_btime", "symlink"),
    *("unlinked_open", "user_xattr", "zero_range"),
)
"""Capabilities that decide which operations a list may have."""

MakeExecutor = Callable[[Callable[[], None]], Executor]

IF_BUSY = {"busy_hole_reports": "hole_reports"}
"""Expected differences that are others, where a filesystem works on more than a list at a time."""

MOST_OPERATIONS = 20_000  # on one filesystem: then it is made anew, lest it become full


class Reference:
    """A reference filesystem on a disk of its own, made and mounted."""

    def __init__(self, bench: Bench, name: str, number: int):
        self.name = name
        self.mountpoint = f"/mnt/reference{number}"
        self._filesystem, self._device = bench.neighbour(name, number)
        self.profile = self._filesystem.profile
        self.executor = Executor(bench.guest, self.mountpoint, self._remount)
        self._make()

    def renew(self) -> None:
        """An empty filesystem again."""
        self._filesystem.unmount(self.mountpoint)
        self._make()

    def _make(self) -> None:
        self._filesystem.make(self._device)
        self._filesystem.mount(self._device, self.mountpoint)

    def _remount(self) -> None:
        self._filesystem.unmount(self.mountpoint)
        self._filesystem.mount(self._device, self.mountpoint)


class Comparison:
    """Runs lists on the filesystem under test and on its references, and says what differs.

    All that runs lists raises ``ExecutorStopped`` where the guest is lost; ``set_up`` is next then,
    on a fresh one. ``seconds`` and ``operations`` sum up what the filesystem under test has run;
    ``empty`` says that no list has been run since all were made. ``executor`` makes another one for
    the filesystem under test, from what remounts it. ``busy`` says that it works on more than a
    list at a time: times are not compared, and differences that a profile expects then are added.
    """

    def __init__(
        self,
        bench: Bench,
        names: Sequence[str],
        *,
        executor: MakeExecutor | None = None,
        busy: bool = False,
    ):
        self._bench = bench
        self._names = tuple(names)
        self._make_executor = executor or self._plain_executor
        self._busy = busy
        self.seconds = 0.0
        self.operations = 0
        self.set_up()

    def set_up(self) -> None:
        """Make and mount everything in a guest that is fresh."""
        bench = self._bench
        self._references = [Reference(bench, name, n) for n, name in enumerate(self._names)]
        bench.make()
        bench.mount()
        self._executor = self._make_executor(self._remount)
        self._load, self.empty = 0, True
        others = {name for one in self._references for name in one.profile.expected_differences}
        self.differences = others.union(bench.profile.expected_differences)
        expected = set(bench.profile.expected_differences)
        if self._busy:
            expected |= {IF_BUSY[name] for name in expected & IF_BUSY.keys()}
        self._allowed = Allowed(expected, others, times=not self._busy)

    def _plain_executor(self, remount: Callable[[], None]) -> Executor:
        return Executor(self._bench.guest, self._bench.mountpoint, remount)

    def find_capabilities(self) -> frozenset[str]:
        """Those that all of the filesystems have been seen to have."""
        bench = self._bench
        probe(bench, PROBED, self.set_up)
        common = bench.capabilities
        for one in self._references:
            probes = ask(bench, one.mountpoint, PROBED)
            claims = one.profile.capabilities.difference(PROBED)
            common &= claims.union(name for name, seen in probes.items() if seen.present)
        return frozenset(common)

    def cases(self, lists: Sequence[OpList]) -> list[Case]:
        """What differs, and counts; the trees are looked at once more after a remount."""
        found = []
        trials = self._run(lists, remount_after=True)
        for one, trial in zip(lists, trials, strict=True):
            compared = compare(one.operations, trial.references, trial.actual, self._allowed)
            found += [Case(one, each) for each in compared]
        return settle(found, self, self._allowed)

    def cases_alone(self, one: OpList) -> list[Case]:
        """What differs when a list is the first on empty filesystems."""
        self.renew()
        return self.cases([one])

    def run(self, lists: Sequence[OpList]) -> list[Trial]:
        """What lists gave; see ``trial.Laboratory``."""
        return self._run(lists)

    def run_alone(self, one: OpList) -> Trial:
        """What a list gave on empty filesystems."""
        self.renew()
        return self._run([one])[0]

    def renew(self) -> None:
        """Empty filesystems, so that what lists have left is no burden to the next."""
        for one in self._references:
            one.renew()
        self._bench.unmount()
        self._bench.make()
        self._bench.mount()
        self._load, self.empty = 0, True

    def _run(self, lists: Sequence[OpList], *, remount_after: bool = False) -> list[Trial]:
        """Run lists; those whose folders could not be made, once more on empty filesystems.

        One of them may be full, or dead for what came before.
        """
        self._make_room(sum(len(one.operations) for one in lists))
        was_empty, self.empty = self.empty, False
        trials = self._run_all(lists, remount_after=remount_after)
        without = [place for place, trial in enumerate(trials) if _had_no_folder(trial)]
        if without and not (was_empty and len(without) == len(lists)):
            self.renew()
            again = self._run([lists[place] for place in without], remount_after=remount_after)
            for place, trial in zip(without, again, strict=True):
                trials[place] = trial
        return trials

    def _make_room(self, operations: int) -> None:
        if not self.empty and self._load + operations > MOST_OPERATIONS:
            self.renew()
        self._load += operations

    def _run_all(self, lists: Sequence[OpList], *, remount_after: bool) -> list[Trial]:
        expected = [one.executor.run(lists) for one in self._references]
        persistent = set(Remount.needs) <= self._bench.profile.capabilities
        started = time.monotonic()
        actual = self._executor.run(lists, remount_after=remount_after and persistent)
        self.seconds += time.monotonic() - started
        self.operations += sum(len(one.operations) for one in lists)
        return [
            Trial(references, mine)
            for references, mine in zip(zip(*expected, strict=True), actual, strict=True)
        ]

    def _remount(self) -> None:
        self._bench.unmount()
        self._bench.mount()


def _had_no_folder(trial: Trial) -> bool:
    return any(KIND not in one.tree[TOP] for one in (*trial.references, trial.actual))
