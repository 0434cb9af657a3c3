"""A cut of the power loses nothing that an honest disk has acknowledged; a lying disk is found."""

from vexfs_provider.scenarios import power_cut
from vexfs_provider.scenarios.bench import Bench

LOST = "acknowledged data are lost or wrong after a power cut"


def assert_lost(record):
    assert record.status == "FAIL", record.reason
    [lost] = [finding for finding in record.findings if finding.title == LOST]
    assert "step: after power cut 0" in lost.evidence[0].text
    assert "writer_" in lost.evidence[0].text
    assert len(record.guests) == 2, "no further cut was needed"


def test_an_honest_disk_passes_and_a_lying_one_fails(perform, tmp_path):
    honest = perform(power_cut.run, power_cuts="3").record
    assert honest.status == "PASS", honest.reason
    assert [guest["end"] for guest in honest.guests] == ["running"] * 4
    assert len(honest.metrics["power_cut_recovery_time_ms"].samples) == 3

    assert_lost(perform(power_cut.run, lying_disk="yes").record)


def test_a_filesystem_that_does_not_flush_is_found(perform, monkeypatch):
    mount = Bench.mount
    monkeypatch.setattr(Bench, "mount", lambda bench: mount(bench, ["barrier=0"]))
    assert_lost(perform(power_cut.run).record)


def test_a_filesystem_without_a_disk_cannot_lose_it(perform):
    record = perform(power_cut.run, "tmpfs").record
    assert record.status == "CANCEL"
    assert "tmpfs keeps nothing on a disk" in record.reason
