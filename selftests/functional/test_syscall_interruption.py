"""Interrupted calls do what they return; what a filesystem must not do about them is found."""

import pytest
from mutants import list_mutants
from mutants.guest import FILESYSTEM
from mutants.subjects import Subject
from scenario_runs import run_scenario

from vexfs_provider.guest.guest import Guest
from vexfs_provider.scenarios import syscall_interruption
from vexfs_provider.scenarios.load import Load

FEW = {"faults": "1", "calls": "50"}
TIMEOUT_S = 30.0


def a_record_is_lost(monkeypatch):
    """What a writer had acknowledged is removed after it was killed."""
    verify = Load.verify

    def lose(load, when):
        remove = ["sh", "-c", f"rm -r {load._folder}/writer_0/*"]
        assert load._bench.guest.run(remove, timeout_s=TIMEOUT_S).ok
        verify(load, when)

    monkeypatch.setattr(Load, "verify", lose)


def errors_are_not_told(monkeypatch):
    """The program sees success where strace had its calls fail."""
    call = Guest.call

    def forget(guest, module, function, *arguments, **named):
        report = call(guest, module, function, *arguments, **named)
        return {**report, "failures": {}} if function == "under_injection" else report

    monkeypatch.setattr(Guest, "call", forget)


PLANTED = {
    a_record_is_lost: "acknowledged data are lost or wrong after its processes were killed",
    errors_are_not_told: "a program is not told an error that was injected",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_each_check_is_seen_to_fail(perform, monkeypatch, plant):
    plant(monkeypatch)
    record = perform(syscall_interruption.run, **FEW).record
    assert record.status == "FAIL", record.reason
    assert [finding.title for finding in record.findings] == [PLANTED[plant]]


def test_a_file_that_is_not_what_calls_returned_is_found(tmp_path):
    [mutant] = [one for one in list_mutants() if one.name == "last_byte_dropped"]
    subject = Subject(FILESYSTEM, mutant)
    subject.write_profile(tmp_path)

    def scenario(bench, **arguments):
        subject.equip(bench)
        syscall_interruption.run(bench, **arguments)

    values = {"type": "syscall_interruption", "filesystem": FILESYSTEM, **FEW}
    record = run_scenario(scenario, tmp_path / "job", tmp_path, **values)
    assert record.status == "FAIL", record.reason
    assert syscall_interruption.WRONG in {finding.title for finding in record.findings}


def test_a_filesystem_that_keeps_its_word_passes(perform):
    record = perform(syscall_interruption.run).record
    assert record.status == "PASS", record.reason
    assert record.unsupported == []
    assert len(record.metrics["fault_injection_recovery_time_ms"].samples) == 5
