"""Nothing outlives its run: not QEMU, not its folders, however the runner ends."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import WAIT_S, processes_with, python_environment, wait_until

from vexfs_provider.isolation.runs import OWNER, begin_run, end_run, start_time, sweep

HOLD_GUEST = Path(__file__).parent / "programs" / "hold_guest.py"
DEAD_RUN = """
import sys
from vexfs_provider.isolation.runs import begin_run
run = begin_run()
for pid in sys.argv[1:]:
    run.adopt(int(pid), "planted")
(run.scratch / "disk.raw").write_bytes(b"left behind")
print(run.id, run.folder, run.scratch)
"""


@dataclass(frozen=True)
class Runner:
    """A runner process in a group of its own, its run's id and its QEMU."""

    process: subprocess.Popen
    run_id: str
    qemu: int

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)


@pytest.fixture
def runner(runtime, tmp_path):
    """A runner that holds a guest."""
    command = [sys.executable, HOLD_GUEST, tmp_path / "job"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env=python_environment(),
        start_new_session=True,
        text=True,
    ) as process:
        try:
            word, name, pid = process.stdout.readline().split()
            assert word == "holding"
            run_id = name.split("-")[1]
            assert processes_with(f"vexfs-{run_id}-") == [int(pid)]
            yield Runner(process, run_id, int(pid))
        finally:
            process.kill()


def test_a_killed_runner_leaves_no_qemu_and_its_folders_are_swept(runner, runtime):
    folder = runtime / runner.run_id
    scratch = Path(json.loads((folder / OWNER).read_text())["scratch"])
    assert scratch.is_dir() and sweep() == []
    assert runner.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not processes_with(f"vexfs-{runner.run_id}-"), "QEMU is gone")
    assert sweep() == [runner.run_id]
    assert not folder.exists() and not scratch.exists()
    assert sweep() == []


def test_ctrl_c_leaves_nothing(runner, runtime):
    assert runner.end(signal.SIGINT) == -signal.SIGINT
    assert not processes_with(f"vexfs-{runner.run_id}-")
    assert not (runtime / runner.run_id).exists()


def test_a_terminated_runner_leaves_no_qemu(runner, runtime):
    assert runner.end(signal.SIGTERM) == -signal.SIGTERM
    wait_until(lambda: not processes_with(f"vexfs-{runner.run_id}-"), "QEMU is gone")
    sweep()
    assert not (runtime / runner.run_id).exists()


@pytest.fixture
def bystander():
    """A process of somebody's; not of the test's own session, as a leftover would not be."""
    with subprocess.Popen(["sleep", "3600"], start_new_session=True) as process:
        yield process
        process.kill()


def dead_run(*pids):
    """A run whose owner ended without a word; its id and folders."""
    command = [sys.executable, "-c", DEAD_RUN, *map(str, pids)]
    run_id, *folders = subprocess.check_output(command, env=python_environment(), text=True).split()
    return run_id, [Path(folder) for folder in folders]


def test_a_folder_of_a_dead_run_is_removed(runtime, tmp_path):
    folder = tmp_path / "build"
    folder.mkdir()
    script = "from pathlib import Path; from vexfs_provider.isolation.runs import begin_run; "
    script += f"begin_run().adopt_folder(Path({str(folder)!r}))"
    subprocess.check_call([sys.executable, "-c", script], env=python_environment())
    assert folder.is_dir()
    assert len(sweep()) == 1
    assert not folder.exists()


def test_a_survivor_of_a_dead_run_is_killed(runtime, bystander):
    run_id, folders = dead_run(bystander.pid)
    assert all(folder.is_dir() for folder in folders)
    assert sweep() == [run_id]
    assert bystander.wait(WAIT_S) == -signal.SIGKILL
    assert not any(folder.exists() for folder in folders)


def test_a_process_that_got_a_recycled_pid_is_spared(runtime, bystander):
    run_id, [folder, _] = dead_run(bystander.pid)
    record = folder / f"{bystander.pid}.pid"
    values = json.loads(record.read_text())
    record.write_text(json.dumps(values | {"start": values["start"] - 1}))
    assert sweep() == [run_id]
    assert bystander.poll() is None
    assert not folder.exists()


def test_a_run_whose_owners_pid_was_recycled_is_swept(runtime):
    run = begin_run()
    owner = json.loads((run.folder / OWNER).read_text())
    assert owner["start"] == start_time(os.getpid())
    assert sweep() == []
    (run.folder / OWNER).write_text(json.dumps(owner | {"start": owner["start"] - 1}))
    assert sweep() == [run.id]


def test_a_run_that_died_before_its_first_record_is_swept(runtime):
    (runtime / "rdeadbeef").mkdir(parents=True)
    run = begin_run()
    assert sweep() == ["rdeadbeef"]
    assert run.folder.is_dir()
    end_run(run)
