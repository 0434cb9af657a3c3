"""How running lists ends: well, with a remount between, or with something that stops them."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ops_host import HostGuest, list_of, never, run_program

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestDied, GuestError
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.guest.guest import GuestHung
from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.outcome import ListOutcome, Outcome
from vexfs_provider.ops.stopped import ExecutorStopped

WAIT_S = 60.0
ONE = list_of("one", "mkdir A 0755", "rmdir A")
TWO = list_of("two", "mkdir B 0755", "sync", "rmdir B")
DONE_ONE = "enter one\nok\nok\nentry . kind=folder\nleave\n"


@pytest.fixture
def executor(ops_program, tmp_path):
    return Executor(HostGuest(ops_program), str(tmp_path), never)


class Remounts:
    """A remount that only notes what there was; fails the n-th time if told so."""

    def __init__(self, folder: Path, fails: int = 0):
        self.folder = folder
        self.seen: list[list[str]] = []
        self._fails = fails

    def __call__(self) -> None:
        self.seen.append(sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*")))
        if len(self.seen) == self._fails:
            raise GuestDied("the guest is gone: panicked", "panicked")


def remounting(ops_program, tmp_path, fails=0):
    remounts = Remounts(tmp_path, fails)
    return Executor(HostGuest(ops_program), str(tmp_path), remounts), remounts


def test_lists_share_remounts(ops_program, tmp_path):
    executor, remounts = remounting(ops_program, tmp_path)
    twice = list_of(
        "twice", "open @0 f RDWR|CREAT 0644", "remount", "write @0 0 1 1", "remount", "unlink f"
    )
    once = list_of("once", "mkdir A 0755", "remount", "rmdir A")
    never_one = list_of("never", "mkdir B 0755")
    first, second, third = executor.run([twice, once, never_one])
    assert [one.error for one in first.results] == ["", "", "EBADF", "", ""]
    assert [one.error for one in second.results] == ["", "", ""]
    assert [one.error for one in third.results] == [""]
    assert [list(one.tree) for one in (first, second, third)] == [["."], ["."], [".", "B"]]
    made = ["never", "never/B", "once", "once/A", "twice", "twice/f"]
    assert remounts.seen == [made, [name for name in made if name != "once/A"]]
    assert [one.after_remount for one in (first, second, third)] == [None] * 3


def test_trees_are_described_again_after_a_remount(ops_program, tmp_path):
    executor, remounts = remounting(ops_program, tmp_path)
    lists = [list_of("one", "create f 0644"), list_of("two", "mkdir A 0755", "sync", "remount")]
    one, two = executor.run(lists, remount_after=True)
    assert (one.after_remount, two.after_remount) == (one.tree, two.tree)
    assert list(one.tree) == [".", "f"]
    assert len(remounts.seen) == 2


def test_what_is_lost_with_a_remount_shows(ops_program, tmp_path):
    def lose():
        (tmp_path / "two" / "f").unlink()
        (tmp_path / "one").rmdir()

    executor = Executor(HostGuest(ops_program), str(tmp_path), lose)
    lists = [list_of("one", "sync"), list_of("two", "create f 0644")]
    one, two = executor.run(lists, remount_after=True)
    assert one.after_remount == {".": {"error": "ENOENT"}}
    assert (list(two.tree), list(two.after_remount)) == ([".", "f"], ["."])


def test_trees_only_where_they_are_wanted(executor):
    [outcome] = executor.run([ONE], tree=False)
    assert outcome == ListOutcome((Outcome(""), Outcome("")), {})
    assert executor.run([]) == []


def test_the_rest_of_a_list_fails_where_its_folder_is_gone(ops_program, tmp_path):
    executor = Executor(HostGuest(ops_program), str(tmp_path), (tmp_path / "list").rmdir)
    [outcome] = executor.run([list_of("list", "sync", "remount", "sync", "syncfs")])
    assert [one.error for one in outcome.results] == ["", "", "ENOENT", "ENOENT"]
    assert outcome.tree == {".": {"error": "ENOENT"}}


def test_names_must_be_new(executor):
    with pytest.raises(ValueError, match="names of their own"):
        executor.run([ONE, ONE])
    executor.run([ONE])
    with pytest.raises(GuestError, match="has a folder one"):
        executor.run([ONE])


def test_many_short_lists_are_few_processes(ops_program, tmp_path):
    guest = HostGuest(ops_program)
    lists = [list_of(f"l{number}", "mkdir A 0755") for number in range(900)]
    outcomes = Executor(guest, str(tmp_path), never).run(lists)
    assert guest.runs == 3
    assert {len(one.tree) for one in outcomes} == {2}


def test_too_much_output_is_told(executor):
    lines = [f"symlink {'x' * 4000} s", *["readlink s"] * 4500]
    with pytest.raises(GuestError, match="more output than the guest's executor takes"):
        executor.run([list_of("long", *lines)])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("begin l\nfly A\n", "unknown operation: fly"),
        ("begin l\nmkdir A\n", "too few arguments: mkdir"),
        ("begin l\nmkdir A 0755 0755\n", "too many arguments: mkdir"),
        ("begin l\nwrite f x 1 1\n", "no number: x"),
        ("begin l\nclose 0\n", "no handle: 0"),
        ("begin l\nopen @0 f RDONLY|QUICK 0000\n", "unknown flag: QUICK"),
        ("begin l\nunlink a%2\n", "no hexadecimal digit in a name: %"),
        ("begin\n", "no name of a list: nothing"),
        ("begin A/l\n", "no name of a list: A/l"),
        ("resume l\n", "no number: nothing"),
    ],
)
def test_a_wrong_program_is_refused(ops_program, tmp_path, text, words):
    result = run_program(ops_program, tmp_path, text)
    assert result.status == 2
    assert result.stdout.decode().splitlines()[-1] == f"end bad {words}"


class FakeGuest:
    """Answers as it is told: with output, or by raising an exception."""

    def __init__(self, *answers: str | Exception, notes: bytes = b""):
        self._answers = list(answers)
        self._notes = notes
        self.cleared = 0

    def run(self, argv, *, timeout_s, input):
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return CommandResult(0, answer.encode(), b"some words", 1.0)

    def clear_flight(self):
        self.cleared += 1

    def flight(self):
        assert self.cleared == 1
        return self._notes

    def stuck_tasks(self):
        return [{"pid": 1, "command": "ops", "state": "D", "stack": "somewhere"}]


def stop(guest, *lists, remount=never):
    with pytest.raises(ExecutorStopped) as caught:
        Executor(guest, "/mnt", remount).run(lists)
    return caught.value


def test_a_hang_names_the_operation_and_its_stack():
    stopped = stop(FakeGuest(DONE_ONE + "enter two\nok\nend hang\n"), ONE, TWO)
    assert (stopped.name, stopped.index, stopped.line) == ("two", 1, "sync")
    assert isinstance(stopped.cause, GuestHung)
    assert stopped.cause.stuck[0]["stack"] == "somewhere"
    assert list(stopped.outcomes) == ["one"]
    assert len(stopped.outcomes["one"].results) == 2


def test_a_killed_process_names_the_operation():
    stopped = stop(FakeGuest("enter one\nok\nok\nend lost 9\n"), ONE)
    assert (stopped.name, stopped.index, stopped.line) == ("one", 2, "tree")
    assert isinstance(stopped.cause, AgentError)
    assert stopped.cause.details["status"] == -9
    assert stopped.outcomes == {}


@pytest.mark.parametrize("error", [GuestDied("panicked"), AgentLost("lost"), GuestHung("hung")])
def test_a_lost_guest_names_the_operation_by_its_flight_recorder(error):
    stopped = stop(FakeGuest(error, notes=b"lootlooo"), ONE, TWO)
    assert (stopped.name, stopped.index, stopped.line) == ("two", 2, "rmdir B")
    assert stopped.cause is error


def test_a_lost_guest_without_a_recorder_names_none():
    stopped = stop(FakeGuest(GuestDied("panicked")), ONE)
    assert (stopped.name, stopped.index, stopped.line) == ("one", None, "")


def test_the_end_of_the_tests_time_is_no_operations_fault():
    with pytest.raises(DeadlineExpired, match="the test"):
        Executor(FakeGuest(DeadlineExpired("the test")), "/mnt", never).run([ONE])


def test_a_failing_remount_is_the_operation(ops_program, tmp_path):
    executor, _ = remounting(ops_program, tmp_path, fails=2)
    with pytest.raises(ExecutorStopped) as caught:
        executor.run([ONE, list_of("two", "sync", "remount", "sync", "remount", "sync")])
    assert (caught.value.name, caught.value.index, caught.value.line) == ("two", 3, "remount")
    assert list(caught.value.outcomes) == ["one"]


def test_a_failing_last_remount_stands_behind_the_operations(ops_program, tmp_path):
    executor, _ = remounting(ops_program, tmp_path, fails=1)
    with pytest.raises(ExecutorStopped) as caught:
        executor.run([ONE], remount_after=True)
    assert (caught.value.name, caught.value.index, caught.value.line) == ("one", 2, "remount")
    assert list(caught.value.outcomes) == ["one"]


def test_an_executor_that_says_nothing_is_an_error():
    with pytest.raises(GuestError, match="some words"):
        Executor(FakeGuest(""), "/mnt", never).run([ONE])


def child_of(process):
    """The process that runs the lists, once there is one."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = Deadline(WAIT_S, "the process that runs the lists")
    while not (children := path.read_text().split()):
        deadline.check()
        time.sleep(0.001)
    return int(children[0])


def is_written(path):
    return path.exists() and path.stat().st_size > 0


@pytest.mark.parametrize(
    ("number", "end", "status"),
    [(signal.SIGSTOP, "end hang", 3), (signal.SIGKILL, "end lost 9", 4)],
)
def test_the_watch_tells_what_was_done_before(ops_program, tmp_path, number, end, status):
    count = 100_000
    text = "begin l\nopen @0 f RDWR|CREAT 0644\n" + "write @0 0 100000 1\n" * count
    command = [ops_program, "--no-clock", "--timeout", "0.5", tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(text.encode())
        process.stdin.close()
        child = child_of(process)
        while not is_written(tmp_path / "l" / "f"):  # then the open before it has been told
            time.sleep(0.001)
        os.kill(child, number)
        lines = process.stdout.read().decode().splitlines()
    assert process.returncode == status
    assert (lines[0], lines[1], lines[-1]) == ("enter l", "ok", end)
    assert set(lines[2:-1]) <= {"ok 100000"}
    assert len(lines) < count
