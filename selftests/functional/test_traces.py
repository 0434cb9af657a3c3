"""The spans and the log of a real job: one trace, from the job down to the steps in a guest."""

import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from otlp_receiver import receiving

from vexfs_provider.paths import data_dir

AVOCADO = Path(sys.executable).with_name("avocado")


@pytest.fixture
def run(tmp_path, runtime):
    """Runs a job with tracing on; gives its output and the folder of its only test."""
    settings = tmp_path / "avocado.conf"
    settings.write_text("[vexfs.tracing]\nenabled = True\n")
    results = tmp_path / "results"

    def run_job(endpoint, test="vexfs.level1.mount_cycle.on_ext4"):
        words = [AVOCADO, "--config", settings, "run", "--job-results-dir", results]
        path = f"{AVOCADO.parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        done = subprocess.run(
            [*words, "--vt-type", "qemu", test],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        [folder] = (results / "latest" / "test-results").glob("1-*")
        return done, folder

    return run_job


def test_a_job_is_one_trace_down_to_its_steps(run):
    with receiving() as receiver:
        done, folder = run(receiver.url)
    assert done.returncode == 0, done.stdout
    spans = {span.name: span for span in receiver.spans}
    job, test = spans["job"], spans["test vexfs.level1.mount_cycle.on_ext4"]
    assert len({span.trace for span in receiver.spans}) == 1
    assert job.parent == "" and test.parent == job.id
    for name in ("guest start", "step load", "step mkfs", "guest end"):
        assert spans[name].parent == test.id
    assert spans["guest start"].attributes["vexfs.guest.mode"] == "warm"
    assert test.attributes["test.case.result.status"] == "PASS"
    assert test.attributes["vexfs.accelerator"] == "tcg"
    assert job.attributes["vexfs.job.passed"] == 1
    assert not any(span.failed for span in receiver.spans)
    assert {span.service for span in receiver.spans} == {"vexfs-provider"}
    assert spans["guest start"].seconds <= test.seconds <= job.seconds
    schema = json.loads((data_dir("shared") / "schemas" / "log.json").read_text())
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    for line in lines:
        jsonschema.validate(line, schema)
    assert {line["trace_id"] for line in lines} == {job.trace}
    assert {line["span_id"] for line in lines} <= {span.id for span in receiver.spans}
    assert any(line.get("step") == "mkfs" for line in lines)
    assert any(line["logger"].startswith("qemu.qmp") for line in lines)


def test_a_failing_test_is_a_failed_span_with_its_finding(run, tmp_path, monkeypatch):
    profile = resources.files("vexfs_provider.filesystems") / "profiles" / "ext4.toml"
    text = profile.read_text()
    (tmp_path / "profiles").mkdir()
    planted = text.replace('"acl"', '"acl", "reflink"')
    (tmp_path / "profiles" / "ext4.toml").write_text(planted)
    (tmp_path / "settings.toml").write_text('profile_folders = ["profiles"]\n')
    monkeypatch.setenv("VEXFS_SETTINGS", str(tmp_path / "settings.toml"))
    with receiving() as receiver:
        done, _ = run(receiver.url, "vexfs.level1.capabilities.on_ext4")
    assert done.returncode == 1, done.stdout
    spans = {span.name: span for span in receiver.spans}
    test = spans["test vexfs.level1.capabilities.on_ext4"]
    assert test.failed
    assert "reflink" in test.reason
    assert "finding" in test.events
    assert spans["job"].failed


def test_a_collector_that_is_not_there_is_named_and_no_failure(run):
    done, folder = run("http://127.0.0.1:1")
    assert done.returncode == 0, done.stdout
    assert "no spans are sent" in done.stdout + done.stderr
    assert "no spans are sent" in (folder / "debug.log").read_text()
