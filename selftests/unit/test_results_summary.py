"""A job's summary and exit code, from the results file that Avocado writes."""

import json

import pytest

from results_parsers.job import BadResults
from results_parsers.reader import read_job
from results_parsers.summary import exit_code, main, summary

RECORD = {
    "schema": 1,
    "reason": "",
    "metrics": {"mount_time_ms": {"value": 12.5, "unit": "ms", "samples": [12.5]}},
    "unsupported": ["check: demo has no check command"],
    "findings": [
        {"title": "data mismatch after a remount", "severity": "error", "expected": False},
        {"title": "kernel panic: sysrq", "severity": "critical", "expected": True},
    ],
}


def write_job(folder, *tests):
    entries = [
        {
            "name": f"type_specific.vexfs.level1.demo.on_{number}",
            "status": status,
            "fail_reason": reason,
            "time_elapsed": 1.5,
            "whiteboard": whiteboard,
        }
        for number, (status, reason, whiteboard) in enumerate(tests)
    ]
    (folder / "results.json").write_text(json.dumps({"job_id": "abc", "tests": entries}))
    return folder


def test_findings_metrics_and_what_is_unsupported_are_shown(tmp_path):
    text = summary(read_job(write_job(tmp_path, ("FAIL", "x", json.dumps(RECORD)))))
    assert "FAIL   vexfs.level1.demo.on_0 (1.5 s)" in text
    assert "mount_time_ms = 12.5 ms (median of 1)" in text
    assert "unsupported: check: demo has no check command" in text
    assert "error: data mismatch after a remount" in text
    assert "expected: kernel panic: sysrq" in text
    assert f"results: {tmp_path}" in text


def test_the_functions_that_were_called_are_counted(tmp_path):
    record = RECORD | {"coverage": [{"module": "demo", "functions": 7, "called": 3}]}
    text = summary(read_job(write_job(tmp_path, ("PASS", "", json.dumps(record)))))
    assert "       coverage: 3 of 7 functions of demo\n" in text


def test_a_finding_is_shown_with_the_file_of_its_timeline(tmp_path):
    timeline = {"finding": "data mismatch after a remount", "file": "timeline-1.txt"}
    record = RECORD | {"timelines": [timeline]}
    lines = summary(read_job(write_job(tmp_path, ("FAIL", "x", json.dumps(record))))).splitlines()
    place = next(n for n, line in enumerate(lines) if "data mismatch" in line)
    assert lines[place + 1].strip() == "timeline: timeline-1.txt"
    assert sum("timeline" in line for line in lines) == 1


def test_a_metric_is_shown_with_its_spread_ratio_and_noise(tmp_path):
    metric = {
        **{"value": 12.5, "unit": "MB/s", "samples": [12, 12.5, 13], "spread_percent": 4.0},
        "reference": {"filesystem": "xfs", "ratio": 0.5},
        "noise": {"1": "busy"},
    }
    record = RECORD | {"metrics": {"basic_io_throughput_mbps": metric}}
    text = summary(read_job(write_job(tmp_path, ("PASS", "", json.dumps(record)))))
    words = "median of 3, spread 4 %, 0.50 times that of xfs, 1 on a busy host"
    assert f"basic_io_throughput_mbps = 12.5 MB/s ({words})" in text


def test_a_whiteboard_that_is_no_record_leaves_avocados_reason(tmp_path):
    text = summary(read_job(write_job(tmp_path, ("ERROR", "it broke", "{'a': 'repr'}"))))
    assert "it broke" in text


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["PASS", "CANCEL"], 0),
        (["WARN"], 0),
        (["PASS", "FAIL", "ERROR"], 1),
        (["PASS", "ERROR"], 3),
        (["CANCEL"], 3),
        ([], 3),
    ],
)
def test_exit_codes(tmp_path, statuses, code):
    job = write_job(tmp_path, *((status, "", "") for status in statuses))
    assert exit_code(read_job(job)) == code
    assert main([str(job)]) == code


@pytest.mark.parametrize("text", ["", "[]", '{"tests": 3}', '{"tests": [1], "job_id": 1}'])
def test_a_bad_file_is_named(tmp_path, capsys, text):
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(BadResults, match=r"results\.json"):
        read_job(tmp_path)
    assert main([str(tmp_path)]) == 3
    assert "results.json" in capsys.readouterr().err


def test_a_missing_job_is_named(tmp_path, capsys):
    assert main([str(tmp_path / "nothing")]) == 3
    assert "nothing" in capsys.readouterr().err
