"""The metrics of a running job: told after each test, and what happens where they cannot be."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from results_parsers.job import TestResult
from results_parsers.metrics.live import LiveMetrics, Targets


def result(name, status):
    return TestResult(name, status, "", 2.0, "")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "told" / "vexfs.prom"


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def live(file, warnings):
    return LiveMetrics(Targets(textfile=file), started=5.0, planned=20, warn=warnings.append)


def told(file):
    families = text_string_to_metric_families(file.read_text())
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, *one.labels.values()): one.value for one in samples}


def test_each_test_is_told_when_it_has_ended(live, file):
    live.add(result("a", "PASS"))
    found = told(file)
    assert found["test_count", "PASS"] == 1
    assert found["last_job_start_time_seconds",] == 5.0
    live.add(result("b", "FAIL"))
    assert told(file)["test_count", "FAIL"] == 1


def test_one_early_failure_is_no_rate_of_a_half(live, file):
    live.add(result("a", "PASS"))
    live.add(result("b", "FAIL"))
    live.add(result("c", "ERROR"))
    found = told(file)
    assert found["test_success_rate",] == pytest.approx(19 / 20)
    assert found["vm_start_success_rate",] == pytest.approx(19 / 20)
    live.end()
    found = told(file)
    assert found["test_success_rate",] == pytest.approx(1 / 2)
    assert found["vm_start_success_rate",] == 0.0


def test_a_target_that_fails_is_named_once_and_tried_again_at_the_end(live, file, warnings):
    file.parent.write_text("a file where the folder should be")
    live.add(result("a", "PASS"))
    live.add(result("b", "PASS"))
    [warning] = warnings
    assert str(file) in warning
    file.parent.unlink()
    live.add(result("c", "PASS"))
    assert not file.exists()
    live.end()
    assert told(file)["test_count", "PASS"] == 3


def test_a_gateway_that_is_not_there_keeps_nobody_waiting(file, warnings):
    targets = Targets(textfile=file, gateway="http://127.0.0.1:1")
    live = LiveMetrics(targets, started=5.0, planned=1, warn=warnings.append)
    live.add(result("a", "PASS"))
    assert told(file)["test_count", "PASS"] == 1
    [warning] = warnings
    assert "http://127.0.0.1:1" in warning
