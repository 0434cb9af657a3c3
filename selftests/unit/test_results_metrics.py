"""What Prometheus is told: the figures of the last runs, with labels that do not explode."""

import http.server
import json
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from results_parsers.command import main
from results_parsers.demo import make_demo
from results_parsers.job import JobResult, TestResult
from results_parsers.metrics.families import register
from results_parsers.reader import read_job

ON_VEXFS = {"test": "vexfs.level1.mount_cycle.on_vexfs", "filesystem": "vexfs"}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    return list(make_demo(folder, 4, 22, date(2026, 11, 20)))  # its last night has a finding


def told(path):
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }


def values_of(found, name, **labels):
    wanted = set(labels.items())
    return [value for (one, its), value in found.items() if one == name and wanted <= its]


@pytest.fixture
def found(jobs, tmp_path):
    file = tmp_path / "vexfs.prom"
    assert main(["metrics", "--textfile", str(file), *map(str, jobs)]) == 0
    return told(file)


def test_the_last_run_of_each_test_is_told(found, jobs):
    last = read_job(jobs[-1])
    [test] = [one for one in last.tests if one.short_name == ON_VEXFS["test"]]
    assert values_of(found, "test_duration_seconds", **ON_VEXFS) == [test.seconds]
    assert values_of(found, "test_passed", **ON_VEXFS) == [1.0]
    value = test.record["metrics"]["mount_time_ms"]["value"]
    labels = {**ON_VEXFS, "metric": "mount_time_ms", "unit": "ms"}
    assert values_of(found, "benchmark_metric", **labels) == [value]
    assert len(values_of(found, "benchmark_ratio", metric="mount_time_ms")) == 3
    assert len(values_of(found, "io_throughput_mbps")) == 3
    assert values_of(found, "last_job_start_time_seconds") == [last.started]


def test_rates_and_counts_are_those_of_the_last_run_of_each_test(found, jobs):
    last = {test.short_name: test for job in jobs for test in read_job(job).tests}
    failed = sum(test.status == "FAIL" for test in last.values())
    assert failed
    [rate] = values_of(found, "test_success_rate")
    assert rate == pytest.approx(1 - failed / len(last))
    assert values_of(found, "test_count", status="FAIL") == [failed]
    assert sum(values_of(found, "findings")) == failed
    assert values_of(found, "finding_titles") == [1.0]
    assert values_of(found, "vm_start_success_rate") == [1.0]
    assert values_of(found, "resource_utilization_cpu", **ON_VEXFS) == [55.0]


def test_a_night_in_which_all_fails_is_not_hidden_by_those_before():
    def job(status, started):
        tests = tuple(TestResult(name, status, "", 1.0, "") for name in "abc")
        return JobResult(Path(), f"{started}", tests, started)

    jobs = [*(job("PASS", night) for night in range(20)), job("FAIL", 20)]
    registry = register(jobs)
    assert registry.get_sample_value("test_success_rate") == 0.0
    assert registry.get_sample_value("test_count", {"status": "FAIL"}) == 3
    assert registry.get_sample_value("test_count", {"status": "PASS"}) is None


def test_no_title_and_no_job_is_a_label(found):
    labels = {name for _, its in found for name, _ in its}
    assert labels == {
        *("test", "level", "scenario", "filesystem", "kernel"),
        *("status", "metric", "unit", "kind", "severity"),
    }


def test_a_guest_that_did_not_start_and_memory(tmp_path):
    record = {
        **{"schema": 1, "level": 1, "scenario": "demo", "filesystem": "ext4"},
        "configuration": {"memory_mib": 512},
        "guests": [{"name": "g1", "mode": "warm", "seconds": 0.2}],
        "monitoring": [{"quantities": {"memory_used_mib": {"mean": 100, "peak": 256}}}],
    }
    entries = [
        {"name": "a", "status": "PASS", "whiteboard": json.dumps(record)},
        {"name": "b", "status": "ERROR", "whiteboard": json.dumps({"schema": 1})},
        {"name": "c", "status": "CANCEL", "whiteboard": ""},
    ]
    (tmp_path / "results.json").write_text(json.dumps({"job_id": "x", "tests": entries}))
    registry = register([read_job(tmp_path)])
    assert registry.get_sample_value("vm_start_success_rate") == 0.5
    assert registry.get_sample_value("test_success_rate") == 1.0
    labels = {"test": "a", "level": "1", "scenario": "demo", "filesystem": "ext4", "kernel": ""}
    assert registry.get_sample_value("resource_utilization_memory", labels) == 50.0


class Gateway(http.server.BaseHTTPRequestHandler):
    """Keeps what is pushed."""

    pushed: list[tuple[str, bytes]] = []  # noqa: RUF012  # one server a test, which clears it

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.pushed.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_it_is_pushed_to_a_gateway(jobs, capsys):
    Gateway.pushed.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        code = main(["metrics", "--push", url, str(jobs[0])])
        server.shutdown()
        thread.join()
    assert code == 0
    [(path, body)] = Gateway.pushed
    assert path == "/metrics/job/vexfs"
    assert b"test_success_rate" in body
    assert main(["metrics", "--push", url, str(jobs[0])]) == 3
    assert url in capsys.readouterr().err


def test_wrong_use_is_named(jobs, tmp_path, capsys, monkeypatch):
    assert main(["metrics", str(jobs[0])]) == 2
    assert main(["metrics", "--textfile", str(tmp_path / "x.txt"), str(jobs[0])]) == 2
    assert "*.prom" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert main(["metrics", "--textfile", str(tmp_path / "x.prom"), str(jobs[0])]) == 3
    assert "pip install 'vexfs-provider[metrics]'" in capsys.readouterr().err
