"""Tests whose parameters ask for a trace of the module's locks."""

import pytest
from planted import run_planted, titles

from vexfs_provider.scenarios import mount, vector

pytestmark = pytest.mark.usefixtures("runtime")


def test_two_orders_of_locks_are_a_warning(tmp_path):
    record = run_planted(vector.run, tmp_path, "order", trace_locks="yes")
    assert record.status == "WARN"
    [title] = titles(record)
    assert title.startswith("possible deadlock: lock order of ")
    assert "search_vectors" in title
    assert "locks.trace" in record.artefacts
    assert "order_lock" in (tmp_path / "job" / "locks.trace").read_text()


def test_a_module_that_is_right_passes_and_its_locks_are_seen(tmp_path):
    record = run_planted(vector.run, tmp_path, "none", trace_locks="yes")
    assert (record.status, titles(record)) == ("PASS", [])
    assert "search_vectors" in (tmp_path / "job" / "locks.trace").read_text()


def test_an_object_that_is_not_there_is_an_error_with_its_name(tmp_path):
    params = {"trace_locks": "yes", "trace_objects": "nothing"}
    record = run_planted(mount.cycle, tmp_path, "none", **params)
    assert record.status == "ERROR"
    assert "nothing" in record.reason


def test_a_filesystem_of_the_kernel_itself_cannot_be_traced(perform):
    record = perform(mount.cycle, "ext4", trace_locks="yes").record
    assert record.status == "CANCEL"
    assert "ext4 is no module" in record.reason
