"""Lists that run at the same time give what they give one after another, times aside."""

import contextlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ops_host import HostGuest, list_of, never

from vexfs_provider.errors import GuestDied
from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.side_by_side import SideBySide
from vexfs_provider.ops.stopped import ExecutorStopped
from vexfs_provider.ops.trial import beginning

LISTS = 7
PROCESSES = 3


@dataclass
class Started:
    """A command that was started on the host, and its program."""

    argv: Sequence[str]
    text: str


@dataclass
class Beside:
    """What goes on beside the lists: how often it was, and whether it is."""

    times: int = 0
    under_way: bool = False

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        self.times, self.under_way = self.times + 1, True
        yield
        self.under_way = False


@dataclass
class ManyGuest(HostGuest):
    """Runs what is started when its end is waited for; ``started`` keeps all."""

    program: Path
    beside: Beside = field(default_factory=Beside)
    started: list[Started] = field(default_factory=list)
    dies_at: int | None = None

    def __post_init__(self) -> None:
        super().__init__(self.program)

    def start_run(self, argv: Sequence[str], *, timeout_s: float, input: bytes) -> Started:
        assert self.beside.under_way
        self.started.append(Started(argv, input.decode()))
        return self.started[-1]

    def finish_run(self, started: Started) -> CommandResult:
        if self.dies_at is not None and started is self.started[self.dies_at]:
            raise GuestDied("the guest is gone: panicked", "panicked")
        argv = [word for word in started.argv if word != "--no-clock"]
        settings = [*argv[:-1], "--flight", "0", argv[-1]]
        return self.run(settings, timeout_s=60, input=started.text.encode())


def lists() -> list[OpList]:
    chance = random.Random(1)
    return [
        list_of(f"l{n}", "mkdir A 0755", f"create A/f{n} 0644", f"write A/f{n} 0 {size} {n}")
        for n, size in enumerate(chance.randrange(1, 9000) for _ in range(LISTS))
    ]


@pytest.fixture
def guest(ops_program):
    return ManyGuest(ops_program)


@pytest.fixture
def executor(guest, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    return SideBySide(guest, str(folder), never, processes=PROCESSES, beside=guest.beside)


def without_times(outcomes):
    return [
        (
            one.results,
            {
                path: {name: fact for name, fact in facts.items() if "time" not in name}
                for path, facts in one.tree.items()
            },
        )
        for one in outcomes
    ]


def test_the_outcomes_are_those_of_lists_one_after_another(executor, guest, ops_program, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    expected = Executor(HostGuest(ops_program), str(alone), never).run(lists())
    assert without_times(executor.run(lists())) == without_times(expected)


def test_each_process_has_its_share_and_no_flight_recorder(executor, guest):
    executor.run(lists())
    assert len(guest.started) == PROCESSES
    begun = [[line for line in one.text.splitlines() if "begin" in line] for one in guest.started]
    assert begun[0] == ["begin l0", "begin l3", "begin l6"]
    assert sum(map(len, begun)) == LISTS
    for one in guest.started:
        assert "--no-clock" in one.argv
        assert "--flight" not in one.argv
    assert guest.beside == Beside(times=1, under_way=False)


def test_a_list_alone_has_nothing_beside_it(executor, guest):
    executor.run(lists()[:1])
    assert guest.started == []
    assert guest.beside.times == 0


def test_beginnings_that_are_looked_into_have_nothing_beside_them(executor, guest):
    executor.run([beginning(one, 2) for one in lists()])
    assert guest.started == []
    assert guest.beside.times == 0


def test_a_lost_guest_names_no_operation(executor, guest):
    guest.dies_at = 1
    with pytest.raises(ExecutorStopped) as caught:
        executor.run(lists())
    assert caught.value.index is None
    assert caught.value.name == "l1"
    assert set(caught.value.outcomes) == {"l0", "l3", "l6"}
