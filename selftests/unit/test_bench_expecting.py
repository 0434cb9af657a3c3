"""What is expected within a part of a scenario, and only there."""

import pytest
from fake_bench import FakeBench

from vexfs_provider.detection import apply_expectations, scan
from vexfs_provider.events import EventLog

REPORT = b"[    1.000000] Buffer I/O error on dev vdc, logical block 1, lost async page write\n"


@pytest.fixture
def bench(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    yield FakeBench(tmp_path, events)
    events.close()


def unexpected(bench):
    console = bench.console.read_bytes()
    found = apply_expectations(scan(console), bench.expectations)
    return [finding.evidence[0].offset for finding in found if not finding.expected]


def say(bench, text):
    with open(bench.console, "ab") as console:
        console.write(text)


def test_only_what_is_said_within_it_is_expected(bench):
    say(bench, REPORT)
    with bench.expecting("Buffer I/O error"):
        say(bench, REPORT)
    say(bench, b"[    2.000000] something else\n")
    say(bench, REPORT)
    last = len(bench.console.read_bytes()) - len(REPORT)
    assert unexpected(bench) == [0, last]


def test_a_fresh_guest_ends_it(bench):
    with bench.expecting("Buffer I/O error"):
        bench.reset()
    assert bench.expectations == []


def test_what_is_required_and_not_said_is_a_finding(bench):
    with bench.expecting("Buffer I/O error", required=True):
        pass
    found = apply_expectations(scan(b""), bench.expectations)
    assert [finding.kind for finding in found] == ["expected-missing"]
