"""The record of a test, and its schema."""

import json

import pytest

from vexfs_provider.detection import Finding, scan
from vexfs_provider.errors import UsageError
from vexfs_provider.record import Record, Reference, check_record

OOPS = b"""\
[   12.000001] BUG: kernel NULL pointer dereference, address: 0000000000000000
[   12.000002] RIP: 0010:vexfs_write+0x12/0x40 [vexfs]
[   12.000003] Call Trace:
[   12.000004]  vfs_write+0x12/0x40
"""


def record() -> Record:
    filled = Record(level=1, scenario="mount_cycle", filesystem="ext4", status="FAIL")
    filled.findings = scan(OOPS)
    filled.add_metric("mount_time_ms", "ms", "lower", [1.0, 2.0, 3.0])
    filled.reproduce = "avocado run"
    return filled


def test_findings_of_the_detector_come_back_as_they_were():
    document = json.loads(record().to_json())
    assert [Finding.from_dict(each) for each in document["findings"]] == record().findings
    assert document["findings"][0]["type"] == "NULL-POINTER-DEREFERENCE"


def test_findings_of_older_records_are_still_read():
    document = json.loads(record().to_json())
    for name in ("type", "alt_titles", "corrupted", "cause"):
        del document["findings"][0][name]
    check_record(document)
    assert Finding.from_dict(document["findings"][0]).alt_titles == ()


def test_a_metric_beside_a_reference_has_ratios_of_pairs():
    slow_host = [4.0, 8.0, 4.0, 4.0, 40.0]
    kept = record()
    kept.add_metric(
        "basic_io_throughput_mbps",
        "MB/s",
        "higher",
        [value / 2 for value in slow_host],
        reference=Reference("xfs", tuple(slow_host)),
        noise={4: "busy"},
    )
    metric = json.loads(kept.to_json())["metrics"]["basic_io_throughput_mbps"]
    assert (metric["value"], metric["spread_percent"]) == (2.0, 100.0)
    assert metric["reference"]["filesystem"] == "xfs"
    assert (metric["reference"]["value"], metric["reference"]["ratio"]) == (4.0, 0.5)
    assert metric["reference"]["ratio_spread_percent"] == 0
    assert metric["noise"] == {"4": "busy"}


def test_a_few_samples_have_no_spread():
    kept = record()
    kept.add_metric("mount_time_ms", "ms", "lower", [1.0, 9.0])
    assert "spread_percent" not in kept.to_dict()["metrics"]["mount_time_ms"]


def test_an_error_names_the_place():
    document = json.loads(record().to_json())
    document["findings"][0]["severity"] = "grim"
    with pytest.raises(UsageError, match="findings/0/severity: 'grim'"):
        check_record(document)
