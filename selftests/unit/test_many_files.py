"""Many and big, on a guest that is only pretended: what is looked at after a remount."""

import pytest
from fake_bench import FakeBench

from vexfs_provider.events import EventLog
from vexfs_provider.scenarios import many_files

NO_SPACE = {"operation": "create files: unexpected ENOSPC", "expected": "success", "actual": ""}
LOOKS = ["many_files_are_found", "deep_tree_is_found"]


@pytest.fixture
def bench(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    bench = FakeBench(tmp_path, events)
    bench.answers["room_for"] = 10
    bench.probes_as(set())
    bench.unmount = lambda: 0.1
    bench.finish = lambda: None
    yield bench
    events.close()


def test_what_was_made_is_looked_at(bench):
    many_files.run(bench, file_count=10, tree_depth=2)
    assert [name for name in bench.calls if name in LOOKS] == LOOKS
    assert not bench.record.findings


def test_a_full_filesystem_is_one_finding_and_looked_at_no_more(bench):
    bench.answers["many_files_are_made"] = {"failures": [NO_SPACE], "metrics": {}}
    many_files.run(bench, file_count=10, tree_depth=2)
    titles = [finding.title for finding in bench.record.findings]
    assert titles == ["many_files_are_made: create files: unexpected ENOSPC"]
    assert not set(bench.calls) & set(LOOKS)
    for look in LOOKS:
        note = f"{look}: many_files_are_made has found the filesystem full"
        assert note in bench.record.unsupported
