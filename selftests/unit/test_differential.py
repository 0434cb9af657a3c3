"""The differential scenarios on guests that are only pretended, with filesystems that are toys."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ops_host import list_of
from ops_toy import Toy

from vexfs_provider.detection import Evidence, Finding, Severity, merge
from vexfs_provider.errors import GuestDied
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.capabilities import CAPABILITIES
from vexfs_provider.filesystems.profile import Kind, Profile
from vexfs_provider.ops.operations import ChangeMode, Create, MapStore, SwitchUser
from vexfs_provider.ops.outcome import ListOutcome, OpList, Outcome
from vexfs_provider.ops.stopped import ExecutorStopped
from vexfs_provider.record import Record
from vexfs_provider.scenarios import comparison, differential, hunt
from vexfs_provider.scenarios.bench import Bench, Probe
from vexfs_provider.scenarios.comparison import Comparison
from vexfs_provider.scenarios.differential import Replay
from vexfs_provider.scenarios.hunt import MOST_GUESTS, Hunt

DEAD = GuestDied("the guest is gone: panicked", "panicked")
TITLE = "BUG: something in toy_chmod"
OTHER = Create("other", 0o644)
WRONG_MODE = "differential: chmod: a file has another mode"


class FakeFilesystem:
    """Counts how often it was made."""

    def __init__(self, profile: Profile):
        self.profile = profile
        self.made = 0

    def make(self, device: str, purpose: str = "") -> None:
        self.made += 1

    def mount(self, device: str, mountpoint: str, options: object = ()) -> float:
        return 0.1

    def unmount(self, mountpoint: str) -> float:
        return 0.1


class FakeGuest:
    console_start = 0

    def __init__(self, log: Path, number: int):
        self.console_log = log
        self.number = number
        self.mounted = True

    def get(self, path: str) -> bytes:
        return b""


class FakeBench(Bench):
    """A bench whose guests are fakes. ``trouble`` says for a list whether the kernel complains."""

    def __init__(self, events: EventLog, folder: Path, *differences: str):
        names = dict.fromkeys(differences, "any reason")
        claims = frozenset(CAPABILITIES)
        profile = Profile(
            "toy", "any", Kind.KERNEL, "toy", capabilities=claims, expected_differences=names
        )
        super().__init__(profile, Record(1, "differential", "toy"), events)
        self._log = folder / "console.log"
        self._log.write_bytes(b"")
        self.lost: list[Exception | None] = []
        self.steps: list[str] = []
        self.troubled = False
        self.device = "/dev/x"
        self.neighbour = self._neighbour
        self.recover = self._recover
        self.neighbours: list[FakeFilesystem] = []
        self._arrive()

    def _arrive(self) -> None:
        self.guest = FakeGuest(self._log, len(self.record.guests))  # type: ignore[assignment]
        self.filesystem = FakeFilesystem(self.profile)  # type: ignore[assignment]

    def _neighbour(self, name: str, number: int) -> Any:
        claims = frozenset(CAPABILITIES)
        filesystem = FakeFilesystem(Profile(name, "", Kind.KERNEL, name, capabilities=claims))
        self.neighbours.append(filesystem)
        return filesystem, f"/dev/{number}"

    def _verify_mounted(self, wanted: bool, what: str) -> None:
        pass

    def kernel_trouble(self) -> bool:
        troubled, self.troubled = self.troubled, False
        return troubled

    def _recover(self, error: Exception | None) -> None:
        self.lost.append(error)
        self.steps.append(self.step_name)
        self.record.guests.append({})
        finding = Finding(TITLE, "oops", None, Severity.ERROR, evidence=(Evidence("console", ""),))
        self.record.findings[:] = merge([*self.record.findings, finding])
        self._arrive()
        self.reset()


class FakeExecutor:
    """Runs lists on toys; the tested filesystem's bugs are those of the class."""

    bug: Any = None
    before: Callable[[Bench, Sequence[OpList]], None] | None = None
    bench: FakeBench
    room = 10**6  # lists' folders that fit
    runs: list[tuple[str, list[str]]]

    def __init__(self, guest: FakeGuest, mountpoint: str, remount: Callable[[], None]):
        self._tested = "reference" not in mountpoint
        self._mountpoint = mountpoint
        self._remount = remount

    def run(self, lists: Sequence[OpList], *, remount_after: bool = False) -> list[ListOutcome]:
        cls = type(self)
        cls.runs.append((self._mountpoint, [one.name for one in lists]))
        if not self._tested:
            return [Toy().run(one) for one in lists]
        if cls.before:
            cls.before(cls.bench, lists)
        outcomes = [self._outcome(one) for one in lists]
        if remount_after:
            self._remount()
        return outcomes

    def _outcome(self, one: OpList) -> ListOutcome:
        filesystem = self.bench.filesystem
        filesystem.used = getattr(filesystem, "used", {})  # type: ignore[attr-defined]
        used = filesystem.used.setdefault(filesystem.made, [])  # type: ignore[attr-defined]
        if len(used) >= self.room:
            none = tuple(Outcome("ENOSPC") for _ in one.operations)
            return ListOutcome(none, {".": {"error": "ENOSPC"}})
        used.append(one.name)
        return Toy(type(self).bug).run(one)


@pytest.fixture
def bench_with(tmp_path, monkeypatch):
    events = EventLog(tmp_path / "events.jsonl")

    def make(*differences: str, bug=None, before=None, room=10**6) -> FakeBench:
        bench = FakeBench(events, tmp_path, *differences)
        values = {"bug": staticmethod(bug) if bug else None, "bench": bench, "room": room}
        values |= {"before": staticmethod(before) if before else None, "runs": []}
        bench.executor = type("BuggyExecutor", (FakeExecutor,), values)  # type: ignore[attr-defined]
        monkeypatch.setattr(comparison, "Executor", bench.executor)
        present = {name: Probe(True) for name in CAPABILITIES}
        monkeypatch.setattr(comparison, "ask", lambda *_: present)
        monkeypatch.setattr(comparison, "probe", lambda bench, *_: bench.probes.update(present))
        return bench

    yield make
    events.close()


def titles(bench: Bench) -> list[str]:
    return [finding.title for finding in bench.record.findings]


def chmod_forgets_mode(operation, there, now):
    if isinstance(operation, ChangeMode) and operation.path in there:
        there[operation.path]["mode"] = "0000"


GOOD = ["create f 0644", "append f 10 1"]
BAD = [*GOOD, "chmod f 0600", "create g 0644"]


def some(count: int, *, bad: Sequence[int] = ()) -> list[OpList]:
    return [list_of(f"l{n}", *(BAD if n in bad else GOOD)) for n in range(count)]


def test_a_difference_is_a_finding_with_the_shortest_list_that_shows_it(bench_with):
    bench = bench_with(bug=chmod_forgets_mode)
    Hunt(bench, ["any"]).round([list_of("long", "create a 0600", *BAD), *some(3, bad=[1])])
    assert titles(bench) == [WRONG_MODE]
    assert bench.lists == {WRONG_MODE: list_of("any", *BAD[:3]).operations}
    text = bench.record.findings[0].evidence[0].text
    assert "chmod f 0600" in text
    assert "mode of 'f'" in text
    assert "expected: 0600 (on any)" in text
    assert "actual: 0000" in text


def test_a_title_that_came_by_chance_gives_way_to_what_the_list_shows_alone(bench_with):
    bench = bench_with(bug=chmod_forgets_mode)

    class Misled(Comparison):
        """Beside others, it blames the operation before."""

        def cases(self, lists):
            found = super().cases(lists)
            if len(lists) == 1:
                return found
            return [replace(c, divergence=c.divergence.blaming(OTHER, 0)) for c in found]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hunt, "Comparison", Misled)
        Hunt(bench, ("ext4",)).round(some(5, bad=[1, 3]))
    assert titles(bench) == [WRONG_MODE]
    assert WRONG_MODE in bench.lists


def test_a_difference_that_shows_only_beside_others_keeps_its_title(bench_with):
    bench = bench_with(bug=chmod_forgets_mode)

    class Alone(Comparison):
        def cases_alone(self, one):
            return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hunt, "Comparison", Alone)
        Hunt(bench, ("ext4",)).round(some(5, bad=[1, 3]))
    assert titles(bench) == [WRONG_MODE]


def test_what_differs_after_a_remount_is_not_put_down_to_the_reference(bench_with):
    bench = bench_with()

    def run(self, one):
        outcome = Toy().run(one)
        return ListOutcome(outcome.results, outcome.tree, {".": {"kind": "folder"}})

    bench.executor._outcome = run
    Hunt(bench, ["any"]).round(some(1))
    assert titles(bench) == ["differential: after a remount a file is missing"]
    text = bench.record.findings[0].evidence[0].text
    assert "expected: file\n" in text


def test_a_sound_filesystem_has_no_finding_and_metrics(bench_with):
    bench = bench_with()
    one = Hunt(bench, ["any", "other"])
    one.round(some(120))
    one.report()
    assert titles(bench) == []
    assert bench.references == ("any", "other")
    metrics = bench.record.metrics
    assert metrics["differential_lists"].value == 120
    assert metrics["differential_operations"].value == 240
    assert len(metrics["operations_per_sec"].samples) == 3  # groups of 50, 50 and 20
    assert len({names[0] for _, names in bench.executor.runs}) == 3


def dies_at(name: str, index: int | None, line: str, cause: Exception = DEAD) -> Any:
    def before(bench: FakeBench, lists: Sequence[OpList]) -> None:
        if name in [one.name for one in lists]:
            raise ExecutorStopped(name, index, line, cause)

    return before


def test_a_list_that_costs_the_guest_is_named_and_left_out(bench_with):
    bench = bench_with(before=dies_at("l2", 2, "chmod f 0600"))
    one = Hunt(bench, ["any"])
    one.round(some(5, bad=[2]))
    one.report()
    assert titles(bench) == [TITLE]
    assert bench.lost == [DEAD]
    assert bench.steps == ["differential: chmod"]
    assert bench.lists == {TITLE: list_of("any", *BAD[:3]).operations}
    text = bench.record.findings[0].evidence[-1].text
    assert text == "operation in flight: chmod f 0600 (operation 2 of list l2)"
    assert bench.record.metrics["differential_lists"].value == 4
    assert bench.executor.runs[-1] == ("/mnt/test", ["l0", "l1", "l3", "l4"])


def test_a_beginning_that_costs_the_guest_is_put_down_to_its_list(bench_with):
    def before(bench, lists):
        for one in lists:
            if one.name == "l1-to-2":
                raise ExecutorStopped(one.name, 1, "append f 10 1", DEAD)

    bench = bench_with(bug=chmod_forgets_mode, before=before)
    Hunt(bench, ["any"]).round(some(3, bad=[1]))
    assert titles(bench) == [TITLE]
    assert bench.lists == {TITLE: list_of("any", *BAD[:2]).operations}


@pytest.mark.parametrize(("index", "line"), [(None, ""), (2, "remount")])
def test_halves_are_run_where_nothing_tells_which_list_it_was(bench_with, index, line):
    def before(bench, lists):
        if any(one.name == "l5" for one in lists):
            raise ExecutorStopped(lists[0].name, index, line, DEAD)

    bench = bench_with(before=before)
    one = Hunt(bench, ["any"])
    one.round(some(8))
    one.report()
    assert bench.record.metrics["differential_lists"].value == 7
    assert len(bench.lost) == 4  # 8, 4, 2 lists and 1


def test_reports_of_the_kernel_are_put_down_to_the_list_that_brings_them(bench_with):
    def before(bench, lists):
        bench.troubled = any(one.name == "l6" for one in lists)

    bench = bench_with(before=before)
    Hunt(bench, ["any"]).round(some(8, bad=[6]))
    assert titles(bench) == [TITLE]
    assert bench.lists == {TITLE: list_of("any", *BAD).operations}
    assert bench.record.findings[0].evidence[-1].text == "while list l6 was run"


def test_guests_are_bounded_and_what_was_not_run_is_said(bench_with):
    def before(bench, lists):
        raise ExecutorStopped(lists[0].name, 0, "create f 0644", DEAD)

    bench = bench_with(before=before)
    one = Hunt(bench, ["any"])
    one.round(some(60))
    one.report()
    assert len(bench.lost) == MOST_GUESTS
    assert not one.goes_on
    left = 60 - MOST_GUESTS
    assert bench.record.unsupported == [
        f"differential: {left} lists not run, {MOST_GUESTS} guests were lost before"
    ]
    assert bench.record.metrics["differential_lists"].value == 0


def test_lists_without_room_are_run_again_on_an_empty_filesystem(bench_with):
    bench = bench_with(room=4, bug=chmod_forgets_mode)
    Hunt(bench, ["any"]).round(some(10, bad=[9]))
    assert titles(bench) == [WRONG_MODE]
    assert bench.filesystem.made >= 3
    assert len(bench.neighbours) == 1


def test_a_filesystem_without_room_for_a_single_folder_is_a_finding(bench_with):
    bench = bench_with(room=0)
    Hunt(bench, ["any"]).round(some(3))
    assert titles(bench) == ["differential: create: ENOSPC instead of success"]


def test_filesystems_are_made_anew_before_they_are_full(bench_with, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_OPERATIONS", 250)
    bench = bench_with()
    Hunt(bench, ["any"]).round(some(300))
    assert bench.filesystem.made == 3
    assert [one.made for one in bench.neighbours] == [3]


def test_the_short_scenario_says_what_it_left_out(bench_with, monkeypatch):
    bench = bench_with()
    without = {name: Probe(name != "hardlink") for name in CAPABILITIES}
    monkeypatch.setattr(comparison, "ask", lambda *_: without)
    lists: list[OpList] = []
    monkeypatch.setattr(Hunt, "round", lambda self, some: lists.extend(some))
    monkeypatch.setattr(Hunt, "report", lambda self: None)
    differential.short(bench, reference=("any",))
    assert lists[-1].name == "fixed"
    words = [operation.required() for one in lists for operation in one.operations]
    assert not any("hardlink" in one for one in words)
    assert [one.partition(": ")[2].split(" ", 1)[1] for one in bench.record.unsupported] == [
        "lists of one core operation need capabilities that are absent",
        "operations of level1.ops need capabilities that are absent",
    ]


@pytest.mark.parametrize("scenario", ["short", "long"])
def test_where_only_one_user_may_use_it_nobody_switches(bench_with, monkeypatch, scenario):
    bench = bench_with("one_user")
    lists: list[OpList] = []

    def take(self, some):
        lists.extend(some)
        self.goes_on = False

    monkeypatch.setattr(Hunt, "round", take)
    monkeypatch.setattr(Hunt, "report", lambda self: None)
    getattr(differential, scenario)(bench, reference=("any",))
    assert lists
    assert not any(isinstance(o, SwitchUser) for one in lists for o in one.operations)


def test_stores_to_mappings_are_synced_where_times_would_come_late(bench_with, monkeypatch):
    bench = bench_with("mapped_times")
    lists: list[OpList] = []
    monkeypatch.setattr(Hunt, "round", lambda self, some: lists.extend(some))
    monkeypatch.setattr(Hunt, "report", lambda self: None)
    differential.short(bench, reference=("any",))
    stores = [o for one in lists for o in one.operations if isinstance(o, MapStore)]
    assert stores
    assert {one.sync.name for one in stores} == {"SYNC"}


def test_the_long_scenario_goes_on_until_its_time_is_over(bench_with, monkeypatch):
    class TwoRounds:
        def __init__(self, seconds, what):
            assert seconds == 180.0
            self.looks = 0

        @property
        def expired(self):
            self.looks += 1
            return self.looks > 2

    monkeypatch.setattr(differential, "Deadline", TwoRounds)
    rounds: list[list[str]] = []
    monkeypatch.setattr(
        Hunt, "round", lambda self, lists: rounds.append([one.name for one in lists])
    )
    bench = bench_with()
    differential.long(bench, reference=("any",), minutes=3, seed=7)
    assert len(rounds) == 2
    names = [name for names in rounds for name in names]
    assert len(set(names)) == len(names) == 210
    assert bench.record.configuration["differential"] == {
        "seed": 7,
        "lists_of_two": "200 of 49729",
        "random_lists": "seeds 7000000 to 7000009",
    }


def test_a_replay_tells_what_differs(bench_with):
    bench = bench_with(bug=chmod_forgets_mode)
    replay = Replay(list_of("any", *BAD).operations, ("any",))
    replay(bench)
    assert titles(bench) == [WRONG_MODE]
    assert [one.title for one in replay.divergences] == [WRONG_MODE]
    sound = Replay((Create("f", 0o644),), ("any",))
    sound(bench_with())
    assert sound.divergences == []


def test_the_names_of_halves_cover_the_group():
    group = some(7)
    assert [one for half in hunt._halves(group) for one in half] == group
