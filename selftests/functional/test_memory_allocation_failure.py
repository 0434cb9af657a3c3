"""Want of memory is told and costs nothing acknowledged; what must not come of it is found."""

import pytest

from vexfs_provider.faults.memory import FailingAllocations, MemoryLimit, limit_that_refuses
from vexfs_provider.guest.kernel import find_kernel
from vexfs_provider.scenarios import load, memory_allocation_failure, recovery
from vexfs_provider.store import Store

PATIENCE_S = 1.0  # for what is known not to come


def only(monkeypatch, make):
    monkeypatch.setattr(memory_allocation_failure, "WAYS", {"planted": make})


def told_by_another_error(monkeypatch):
    only(monkeypatch, limit_that_refuses)
    monkeypatch.setattr(memory_allocation_failure, "REFUSALS", ("EIO",))


def vanished(monkeypatch):
    """The kernel kills processes, and counts none."""

    class Silent(MemoryLimit):
        def killed(self):
            return 0

    only(monkeypatch, lambda guest: Silent(guest, killable=True))


def hanging(monkeypatch):
    """A process stands still, and does so for ever."""

    class Stopping(MemoryLimit):
        def inject(self, pids):
            self._sh(f"kill -STOP {pids[0]}")
            super().inject(pids[1:])

    only(monkeypatch, lambda guest: Stopping(guest, killable=True))


def lost(monkeypatch):
    """What was acknowledged is gone when memory is there again."""

    class Forgetful(MemoryLimit):
        def remove(self):
            super().remove()
            self._sh("for file in /mnt/test/*/writer_0/*; do : > $file; done")

    only(monkeypatch, lambda guest: Forgetful(guest, killable=True))


def no_recovery(monkeypatch):
    """It can be mounted, but every write fails."""
    only(monkeypatch, limit_that_refuses)
    monkeypatch.setattr(recovery, "_writes", lambda _: False)


PLANTED = {
    told_by_another_error: "a call fails in another way than for want of memory",
    vanished: "a process vanishes when memory runs short",
    hanging: "processes hang when there is memory again",
    lost: "acknowledged data are lost or wrong after memory ran short",
    no_recovery: "a filesystem takes no writes when there is memory again",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_each_check_is_seen_to_fail(perform, monkeypatch, plant):
    plant(monkeypatch)
    monkeypatch.setattr(memory_allocation_failure, "STRIKE_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(load, "END_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(recovery, "TIMEOUT_S", PATIENCE_S)
    record = perform(memory_allocation_failure.run, faults="1").record
    assert record.status == "FAIL", record.reason
    assert PLANTED[plant] in {finding.title for finding in record.findings}


def test_a_shortage_that_does_not_come_is_no_pass(perform, monkeypatch):
    class Ample(MemoryLimit):
        def inject(self, pids):
            pass

    only(monkeypatch, lambda guest: Ample(guest, killable=True))
    monkeypatch.setattr(memory_allocation_failure, "STRIKE_TIMEOUT_S", PATIENCE_S)
    record = perform(memory_allocation_failure.run, faults="1").record
    assert record.status == "ERROR"
    assert "memory did not run short; 3 writers go on" in record.reason


@pytest.mark.parametrize("filesystem", ["ext4", "xfs", "btrfs", "tmpfs"])
def test_a_filesystem_that_recovers_passes(perform, filesystem):
    record = perform(memory_allocation_failure.run, filesystem, faults="1").record
    assert record.status == "PASS", record.reason
    assert len(record.metrics["fault_injection_recovery_time_ms"].samples) == 2
    titles = {finding.title for finding in record.findings if finding.expected}
    assert "Memory cgroup out of memory: a process was killed" in titles
    assert any("no failslab" in text for text in record.unsupported)


@pytest.mark.parametrize("filesystem", ["ext4", "xfs"])
def test_failing_allocations_are_survived(perform, monkeypatch, filesystem):
    if find_kernel("debug", Store()) is None:
        pytest.skip("kernel 'debug' is not in the cache; make test-debug compiles it")
    only(monkeypatch, FailingAllocations)
    values = {"guest_kernel": "debug", "faults": "1"}
    record = perform(memory_allocation_failure.run, filesystem, **values).record
    assert record.status == "PASS", record.reason
    assert len(record.metrics["fault_injection_recovery_time_ms"].samples) == 1
