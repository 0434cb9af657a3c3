"""A disk that does not answer costs nothing; what a filesystem must not do about it is found."""

import pytest

from vexfs_provider.faults import network_disk
from vexfs_provider.faults.network_disk import NetworkDisk, Outage
from vexfs_provider.scenarios import load, network_timeout

PATIENCE_S = 3.0  # for what is known not to come


def acknowledged_in_silence(monkeypatch):
    """The disk is never silent: fsync goes on to succeed."""
    monkeypatch.setattr(NetworkDisk, "stop_answering", lambda _: None)


def not_told(monkeypatch):
    """The server is never gone: nobody gets an error."""
    monkeypatch.setattr(Outage, "inject", lambda _: None)
    monkeypatch.setattr(Outage, "remove", lambda _: None)
    monkeypatch.setattr(load, "PROGRESS_TIMEOUT_S", PATIENCE_S)


PLANTED = {
    acknowledged_in_silence: "fsync succeeds while the disk does not answer",
    not_told: "processes that write to a failing disk go on, or hang",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_each_check_is_seen_to_fail(perform, monkeypatch, plant):
    plant(monkeypatch)
    record = perform(network_timeout.run, faults="1").record
    assert record.status == "FAIL", record.reason
    assert PLANTED[plant] in {finding.title for finding in record.findings}


def test_a_filesystem_that_waits_and_recovers_passes(perform):
    record = perform(network_timeout.run, faults="2").record
    assert record.status == "PASS", record.reason
    assert len(record.metrics["fault_injection_recovery_time_ms"].samples) == 4
    assert all(finding.expected for finding in record.findings)


def test_without_a_server_it_cannot_be_tested(perform, monkeypatch):
    monkeypatch.setattr(network_disk, "SERVER", "no-such-server")
    record = perform(network_timeout.run).record
    assert record.status == "CANCEL"
    assert "the host has no no-such-server" in record.reason
