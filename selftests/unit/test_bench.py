"""What a bench tells its scenarios: what a step is called, and how large a file may be."""

import pytest
from fake_bench import FakeBench

from vexfs_provider.events import EventLog
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.ops.reach import DIRECT_BYTES
from vexfs_provider.runner.failures import explain
from vexfs_provider.scenarios.load import Load

NO_SPACE = {"errno": 28, "message": "[Errno 28] No space left on device: '/mnt/test/f7'"}


@pytest.fixture
def bench(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    yield FakeBench(tmp_path, events)
    events.close()


def test_a_title_is_the_same_in_whichever_cycle(bench):
    findings = []
    for cycle in (7, 84):
        with pytest.raises(AgentError), bench.step("write in cycle", cycle):
            raise AgentError("write_files failed", NO_SPACE)
        findings.append(explain(AgentError("write_files failed", NO_SPACE), bench))
    titles = {finding.title for finding in findings}
    assert titles == {"unexpected error during write in cycle: [Errno 28] No space left on device"}
    assert "step: write in cycle 84\n" in findings[1].evidence[0].text


def test_after_a_step_the_outer_one_goes_on(bench):
    with bench.step("outer", 1):
        with bench.step("inner", 2):
            assert (bench.step_name, bench.during) == ("inner 2", "inner")
        assert (bench.step_name, bench.during) == ("outer 1", "outer")
    assert (bench.step_name, bench.during) == ("", "the scenario")


def test_a_load_that_fails_outside_of_a_step_has_a_whole_title(bench):
    load = Load(bench, "any")
    bench.guest.flight = lambda: b"error 1 record 4: EFBIG\n"
    load.report_failures()
    assert [finding.title for finding in bench.record.findings] == [
        "a load fails during the scenario"
    ]


def test_no_file_is_larger_than_the_filesystem_says(tmp_path, bench):
    with_large = FakeBench(tmp_path, bench.events, "indirect_blocks")
    assert with_large.file_bytes(1 << 30) == 1 << 30
    assert bench.file_bytes(1 << 30) == DIRECT_BYTES
    assert bench.file_bytes(123) == 123
