"""Disk errors are survived and told; what a filesystem must not do about them is found."""

import pytest

from vexfs_provider.deadline import Deadline
from vexfs_provider.faults.disk_errors import MappedDiskErrors
from vexfs_provider.faults.flaky_disk import FlakyDisk
from vexfs_provider.scenarios import disk_io_error, load, recovery
from vexfs_provider.scenarios.load import Load

PATIENCE_S = 3.0  # for what is known not to come


@pytest.fixture
def short(monkeypatch):
    """One fault in the guest, and little patience."""
    monkeypatch.setattr(disk_io_error, "WAYS", {"device_mapper": MappedDiskErrors})
    monkeypatch.setattr(load, "PROGRESS_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(recovery, "TIMEOUT_S", PATIENCE_S)


def told_by_another_error(monkeypatch):
    monkeypatch.setattr(disk_io_error, "REFUSALS", ("EROFS",))


def not_told(monkeypatch):
    """The disk acknowledges what it drops."""

    def make(guest, device):
        return FlakyDisk(guest, device, "drop_writes")

    monkeypatch.setattr(disk_io_error, "WAYS", {"device_mapper": make})


def no_recovery(monkeypatch):
    """It can be mounted, but every write fails."""
    monkeypatch.setattr(recovery, "_writes", lambda _: False)


def two_records_of_each(one, when):
    deadline = Deadline(load.CALL_TIMEOUT_S, "two records of each writer")
    while min(one.acknowledged().get(number, 0) for number in range(load.WRITERS)) < 1:
        deadline.check()


PLANTED = (
    (told_by_another_error, "a write to a failing disk does not fail as it must"),
    (not_told, "processes that write to a failing disk go on, or hang"),
    (not_told, "acknowledged data are lost or wrong after disk errors"),
    (no_recovery, "a filesystem takes no writes when its disk works again"),
)


@pytest.mark.parametrize("plant", dict.fromkeys(plant for plant, _ in PLANTED))
def test_each_check_is_seen_to_fail(perform, monkeypatch, short, plant):
    plant(monkeypatch)
    record = perform(disk_io_error.run, faults="1").record
    assert record.status == "FAIL", record.reason
    titles = {finding.title for finding in record.findings}
    assert {title for one, title in PLANTED if one is plant} <= titles


def test_a_filesystem_that_tells_and_recovers_passes(perform):
    record = perform(disk_io_error.run).record
    assert record.status in ("PASS", "WARN"), record.reason  # WARN: what the profile knows of ext4
    assert len(record.metrics["fault_injection_recovery_time_ms"].samples) == 6
    titles = {finding.title for finding in record.findings}
    assert "JBD2: journal aborted" in titles
    assert all(finding.expected or finding.known for finding in record.findings)


@pytest.mark.parametrize(("back", "status"), [(0, "WARN"), (1, "FAIL")])
def test_ext4_may_lose_a_writers_last_record_only(perform, monkeypatch, short, back, status):
    verify = Load.verify

    def lose(one, when):
        record = one.acknowledged()[0] - back
        script = f"rm {one._folder}/writer_0/record_{record}"
        assert one._bench.guest.run(["sh", "-c", script], timeout_s=10.0).ok
        verify(one, when)

    monkeypatch.setattr(Load, "wait_for_progress", two_records_of_each)
    monkeypatch.setattr(Load, "verify", lose)
    record = perform(disk_io_error.run, faults="1").record
    assert record.status == status, record.reason
    title = "what fsync acknowledged last before it failed is lost after disk errors"
    titles = {finding.title for finding in record.findings if finding.known}
    assert (title in titles) is (back == 0)


def test_a_filesystem_without_a_disk_has_no_errors_of_one(perform):
    record = perform(disk_io_error.run, "tmpfs").record
    assert record.status == "CANCEL"
    assert "tmpfs has no disk" in record.reason
