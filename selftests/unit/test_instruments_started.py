"""Who starts and stops a test's instruments, on guests that are only pretended."""

from typing import ClassVar

import pytest
from fake_bench import DEAD, FakeBench

from vexfs_provider.errors import DeadlineExpired, GuestError, NotApplicable
from vexfs_provider.events import EventLog
from vexfs_provider.filesystems.profile import Kind, ModuleSpec, Profile
from vexfs_provider.instrumentation.instrument import Artefact, Instrument
from vexfs_provider.runner import instruments
from vexfs_provider.runner.instruments import Instruments, subject_of


class Told(Instrument):
    """Keeps what it is told, and answers as ``problems`` says."""

    told: ClassVar[list[str]] = []
    problems: ClassVar[dict[str, Exception]] = {}

    def do(self, what):
        self.told.append(what)
        if what in self.problems:
            raise self.problems[what]

    def start(self, guest):
        self.do("start")

    def reloaded(self, guest):
        self.do("reloaded")

    def unmounted(self, guest):
        self.do("unmounted")

    def stop(self, guest):
        self.do("stop")
        return Artefact({"told.txt": b"all"}, ("not everything",))


@pytest.fixture
def bench(tmp_path, monkeypatch):
    Told.told, Told.problems = [], {}
    monkeypatch.setattr(instruments, "INSTRUMENTS", {"told": Told, "again": Told})
    events = EventLog(tmp_path / "events.jsonl")
    yield FakeBench(tmp_path, events)
    events.close()


def test_each_is_started_once_and_leaves_its_artefact(bench, tmp_path):
    both = Instruments(("told",), bench)
    both.loaded()
    both.loaded()
    bench.unmounted()
    both.finish(tmp_path)
    both.finish(tmp_path)
    assert Told.told == ["start", "reloaded", "unmounted", "stop"]
    assert (tmp_path / "told.txt").read_bytes() == b"all"
    assert bench.record.unsupported == ["told: not everything"]


def test_one_that_cannot_be_started_cancels_the_test(bench):
    Told.problems = {"start": NotApplicable("the kernel has none")}
    with pytest.raises(NotApplicable, match="instrument = 'told': the kernel has none"):
        Instruments(("told",), bench).loaded()


def test_in_a_later_guest_it_is_told_only(bench, tmp_path):
    one = Instruments(("told",), bench)
    one.loaded()
    one.finish(tmp_path)
    Told.problems = {"start": NotApplicable("the kernel has none")}
    one.loaded()
    assert "told: the kernel has none" in bench.record.unsupported


def test_a_dead_guest_is_asked_nothing(bench, tmp_path):
    one = Instruments(("told",), bench)
    one.loaded()
    one.finish(tmp_path, DEAD)
    assert Told.told == ["start"]
    assert bench.record.unsupported == [f"told: lost with the guest: {DEAD}"]


@pytest.mark.parametrize(("error", "asked"), [(GuestError("x"), 2), (DeadlineExpired("x"), 1)])
def test_one_that_does_not_answer_in_time_is_the_last_to_be_asked(bench, tmp_path, error, asked):
    both = Instruments(("told", "again"), bench)
    both.loaded()
    Told.problems = {"stop": error}
    both.finish(tmp_path)
    assert Told.told.count("stop") == asked
    assert len(bench.record.unsupported) == 2


def test_a_kernel_that_is_another_one_has_lost_what_was_seen(bench, tmp_path):
    one = Instruments(("told",), bench)
    one.loaded()
    one.lost("the guest has booted")
    one.loaded()
    assert Told.told == ["start", "start"]
    assert bench.record.unsupported == ["told: what it saw is lost: the guest has booted"]


@pytest.mark.parametrize(
    ("profile", "module"),
    [
        (Profile("xfs", "", Kind.KERNEL, "xfs"), "xfs"),
        (Profile("own", "", Kind.MODULE, "own_type", module=ModuleSpec("own", "a-b.ko")), "a_b"),
        (Profile("daemon", "", Kind.FUSE, "fuse.own", module=ModuleSpec("own")), "fuse"),
    ],
)
def test_the_module_of_a_filesystem(profile, module):
    assert subject_of(profile).module == module
