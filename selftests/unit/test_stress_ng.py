"""What stress-ng is told to do, and what is made of how it ends."""

import contextlib
import os
import signal
import subprocess
import sys
from threading import Thread
from types import SimpleNamespace

import pytest

from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.scenarios.stress_ng import (
    CPU,
    FILESYSTEM,
    MEMORY,
    START,
    STOP,
    WAIT_FOR_BEGIN,
    StressNg,
)

EVERYTHING = {need for one in FILESYSTEM for need in one.needs}
AN_ERROR = "stress-ng: fail:  [812] hdd: incorrect data found at offset 4096"
PROCESS = (
    "stress-ng: error: [810] process [812] (stress-ng-hdd) terminated with an error, exit status"
)
METRICS = "stress-ng: fail:  [810] metrics-check: stressor metrics corrupted, data is compromised"
NO_ROOM = "stress-ng: info:  [811] hdd: skipped, no space left"
HEARD = 7
# It has a child until it ends, and overlooks the first interrupt.
DEAF_AT_FIRST = f"""
import signal, subprocess, sys, time
child = subprocess.Popen(["sleep", "60"])
def end(*_):
    child.kill()
    child.wait()
    sys.exit({HEARD})
signal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, end))
open(sys.argv[1], "w").close()
time.sleep(60)
"""
# It ends its child when it is interrupted, and bears no interrupt while it ends itself.
FRAGILE_AT_LAST = f"""
import signal, subprocess, sys, time
child = subprocess.Popen(["sleep", "60"])
def end(*_):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    child.kill()
    child.wait()
    time.sleep(1)
    sys.exit({HEARD})
signal.signal(signal.SIGINT, end)
open(sys.argv[1], "w").close()
time.sleep(60)
"""


class Bench:
    """Commands of its guest end as told; ``failures`` are the titles of findings."""

    mountpoint = "/mnt/test"

    def __init__(self, status=0, text="", claims=frozenset()):
        self.profile = SimpleNamespace(can=lambda name: name in claims)
        self.guest = self
        self.commands = []
        self.failures = {}
        self.notes = []
        self._result = CommandResult(status, b"", text.encode(), 1.0)

    def start_run(self, argv, *, timeout_s):
        self.commands.append(argv)

    def run(self, argv, *, timeout_s):
        self.commands.append(argv)
        return CommandResult(0, b"", b"", 0.0)

    def finish_run(self, _):
        return self._result

    def fail(self, title, **words):
        self.failures[title] = words

    def unsupported(self, what):
        self.notes.append(what)


def run_once(bench, times=1):
    stress = StressNg(bench, 7)
    for _ in range(times):
        with stress.running():
            pass
    return stress


def test_three_classes_work_on_the_mounted_filesystem():
    bench = Bench(claims=EVERYTHING)
    stress = run_once(bench)
    command = bench.commands[0]
    assert command[command.index("--temp-path") + 1].startswith(bench.mountpoint + "/")
    assert command[command.index("--seed") + 1] == "7"
    for one in (*FILESYSTEM[:3], MEMORY[0], CPU[0]):
        assert f"--{one.name}" in command
        assert one.name in stress.names
    assert [words[2] for words in bench.commands] == [START, WAIT_FOR_BEGIN, STOP]
    assert stress.seconds > 0


def test_all_stressors_get_their_turn():
    stress = run_once(Bench(claims=EVERYTHING), times=len(FILESYSTEM))
    assert set(stress.names) == {one.name for one in (*FILESYSTEM, *MEMORY, *CPU)}


def test_what_the_filesystem_cannot_do_is_left_out_and_said():
    bench = Bench()
    stress = run_once(bench, times=len(FILESYSTEM))
    assert "link" not in stress.names
    assert "stress-ng link: needs hardlink" in bench.notes
    assert "stress-ng hdd: needs indirect_blocks" in bench.notes  # else it would run into EFBIG
    assert "stress-ng dentry: needs " not in "".join(bench.notes)


@pytest.mark.parametrize(
    ("status", "text", "titles"),
    [
        (0, "stress-ng: info:  [1] successful run completed", []),
        (3, NO_ROOM, []),
        (4, "", []),
        (2, AN_ERROR, ["stress-ng: hdd fails"]),
        (2, AN_ERROR.replace("hdd:", "stress-ng-hdd:"), ["stress-ng: hdd fails"]),
        (2, PROCESS, ["stress-ng: hdd fails"]),
        (2, f"{METRICS}\n{AN_ERROR}", ["stress-ng: hdd fails"]),
        (2, METRICS, ["stress-ng ends with status 2"]),
        (5, "", ["stress-ng ends with status 5"]),
        (-9, "", ["stress-ng ends with status -9"]),
    ],
)
def test_how_it_ends_is_judged(status, text, titles):
    bench = Bench(status, text, EVERYTHING)
    run_once(bench)
    assert list(bench.failures) == titles
    if AN_ERROR in text:
        assert AN_ERROR in bench.failures[titles[0]]["actual"]


def test_a_guest_without_it_says_so():
    bench = Bench(status=127, text="exec: stress-ng: not found", claims=EVERYTHING)
    run_once(bench)
    assert bench.notes == ["stress-ng: not in the guest's image"]
    assert not bench.failures


def test_an_exception_leaves_it_as_it_is():
    bench = Bench(claims=EVERYTHING)
    with pytest.raises(ZeroDivisionError), StressNg(bench, 1).running():
        raise ZeroDivisionError
    assert STOP not in [words[2] for words in bench.commands]


@pytest.mark.parametrize("program", [DEAF_AT_FIRST, FRAGILE_AT_LAST])
def test_one_that_has_begun_is_stopped_and_its_files_go(tmp_path, program):
    """The scripts, on the host."""
    pid_file, folder = str(tmp_path / "pid"), tmp_path / "folder"
    command = ["sh", "-c", START, pid_file, str(folder), sys.executable, "-c", program]
    with subprocess.Popen([*command, str(folder / "a")], start_new_session=True) as started:
        try:
            subprocess.run(["sh", "-c", WAIT_FOR_BEGIN, pid_file, folder], timeout=60, check=True)
            assert (folder / "a").exists()
            Thread(target=started.wait).start()  # the agent takes its status at once, too
            subprocess.run(["sh", "-c", STOP, pid_file, folder, "2"], timeout=60, check=True)
            assert started.wait(60) == HEARD
        finally:
            with contextlib.suppress(ProcessLookupError):  # nothing is left where it has ended well
                os.killpg(started.pid, signal.SIGKILL)
    assert not folder.exists()
