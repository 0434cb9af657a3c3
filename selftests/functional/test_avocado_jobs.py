"""Whole jobs, as users start them: the verdict, the record, the exit code, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import wait_until

from vexfs_provider.record import check_record

AVOCADO = Path(sys.executable).with_name("avocado")
ON_EXT4 = "vexfs.level1.mount_cycle.on_ext4"


@pytest.fixture
def command(tmp_path, runtime):
    """The words of an ``avocado run`` whose results lie in the test's folder."""
    results = tmp_path / "results"
    return [AVOCADO, "run", "--job-results-dir", results, "--vt-type", "qemu"]


def environment():
    return {**os.environ, "PATH": f"{AVOCADO.parent}:{os.environ['PATH']}"}


def extra(**values):
    return [word for pair in values.items() for word in ("--vt-extra-params", "=".join(pair))]


def run_job(words, tmp_path):
    """The exit code of a job, and its only test's entry in the results."""
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    [test] = json.loads((tmp_path / "results/latest/results.json").read_text())["tests"]
    return done.returncode, test


def test_a_passing_job_has_its_record_and_files(command, tmp_path):
    code, test = run_job([*command, ON_EXT4, *extra(mount_cycles="1")], tmp_path)
    assert (code, test["status"]) == (0, "PASS"), test["fail_reason"]
    record = json.loads(test["whiteboard"])
    check_record(record)
    assert record["status"] == "PASS" and record["filesystem"] == "ext4" and record["level"] == 1
    assert [guest["mode"] for guest in record["guests"]] == ["warm"]
    assert len(record["metrics"]["mount_time_ms"]["samples"]) == 1
    for name in ("console.log", "events.jsonl", "qemu.log"):
        assert name in record["artefacts"] and (Path(test["logdir"]) / name).is_file()
    job = tmp_path / "results" / "latest"
    assert "vexfs.level1.mount_cycle.on_ext4" in (job / "report.html").read_text()
    [report] = json.loads((job / "report.json").read_text())
    assert dict(report["counts"]) == {"PASS": 1}


def test_metrics_are_told_at_each_tests_end(command, tmp_path):
    file = tmp_path / "vexfs.prom"
    settings = tmp_path / "avocado.conf"
    settings.write_text(f"[vexfs.metrics]\ntextfile = {file}\n")
    both = ["vexfs.level1.mount_cycle", "--vt-only-filter", "on_ext4,on_xfs"]
    words = [AVOCADO, "--config", settings, *command[1:], *both, *extra(mount_cycles="1")]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as job:
        wait_until(file.exists, "the first test to be told")
        first = file.read_text()
        assert job.poll() is None
        output, _ = job.communicate()
    assert job.returncode == 0, output
    assert 'test_count{status="PASS"} 1.0' in first and "on_ext4" in first
    assert 'test_count{status="PASS"} 2.0' in file.read_text()


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("textfile = /tmp/vexfs.txt", "/tmp/vexfs.txt: node-exporter reads *.prom only"),
        ("push = gateway:9091", "'gateway:9091'; an http or https URL is allowed"),
    ],
)
def test_a_wrong_place_for_metrics_is_named_and_no_failure(setting, named, command, tmp_path):
    settings = tmp_path / "avocado.conf"
    settings.write_text(f"[vexfs.metrics]\n{setting}\n")
    words = [AVOCADO, "--config", settings, *command[1:], ON_EXT4, *extra(filesystem="f2fs")]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert named in done.stdout + done.stderr


def test_a_setting_has_the_report_left_out(command, tmp_path):
    settings = tmp_path / "avocado.conf"
    settings.write_text("[vexfs.report]\nenabled = False\n")
    words = [AVOCADO, "--config", settings, *command[1:], ON_EXT4, *extra(filesystem="f2fs")]
    code, _ = run_job(words, tmp_path)
    assert code == 0
    assert not list((tmp_path / "results" / "latest").glob("report.*"))


def test_what_reproduces_a_test_is_the_same_test(command, tmp_path):
    words = [*command, ON_EXT4, *extra(mount_cycles="2", logical_block_size_test="512")]
    _, test = run_job(words, tmp_path)
    again = json.loads(test["whiteboard"])["reproduce"].split()
    assert again[:2] == ["avocado", "run"] and "mount_cycles=2" in again
    code, second = run_job([*command, *again[4:]], tmp_path)
    assert (code, second["name"]) == (0, test["name"])


def test_a_bad_value_is_an_error_that_names_it(command, tmp_path):
    code, test = run_job([*command, ON_EXT4, *extra(drive_cache_test="none2")], tmp_path)
    assert (code, test["status"]) == (1, "ERROR")
    assert "drive_cache_test = 'none2'; allowed: none, writeback, unsafe" in test["fail_reason"]


def test_what_does_not_apply_is_cancelled_with_its_reason(command, tmp_path):
    code, test = run_job([*command, ON_EXT4, *extra(filesystem="f2fs")], tmp_path)
    assert (code, test["status"]) == (0, "CANCEL")
    assert "CONFIG_F2FS_FS" in test["fail_reason"]


def qemus(runtime):
    """The process ids that the runs below ``runtime`` have noted."""
    return [int(path.stem) for path in runtime.glob("r*/*.pid")]


def test_ctrl_c_ends_the_guest_and_leaves_nothing(command, runtime):
    words = [*command, ON_EXT4, *extra(mount_cycles="10000")]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL) as job:
        wait_until(lambda: qemus(runtime), "the guest is there")
        [pid] = qemus(runtime)
        time.sleep(1)  # somewhere in the middle, as people interrupt
        job.send_signal(signal.SIGINT)
        job.wait(60)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "QEMU is gone")
    wait_until(lambda: not list(runtime.glob("r*")), "the run's folder is gone")
