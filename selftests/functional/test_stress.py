"""Lists of operations beside stress-ng: a sound filesystem passes, a bug is found and named."""

import pytest
from mutants import list_mutants
from mutants.guest import FILESYSTEM
from mutants.subjects import Subject
from scenario_runs import run_scenario

from vexfs_provider.scenarios import stress

TWO_DISKS = {"test_images": "test reference"}
A_MINUTE_S = 5.0


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """One round, of lists that are not long."""
    monkeypatch.setattr(stress, "MINUTE_S", A_MINUTE_S)
    monkeypatch.setattr(stress, "LISTS_A_PROCESS", 1)
    monkeypatch.setattr(stress, "LENGTH", 100)


def test_a_sound_filesystem_passes_and_the_stress_is_measured(perform):
    record = perform(stress.run, reference="xfs", soak_minutes="1", **TWO_DISKS).record
    assert record.status == "PASS", record.reason
    assert record.metrics["stress_test_duration_minutes"].value > 0
    assert record.metrics["differential_lists"].value >= stress.PROCESSES
    assert {"dentry", "vm", "cpu"} <= set(record.configuration["stress"]["stressors"])
    assert not [what for what in record.unsupported if "stress-ng" in what]


def test_a_planted_bug_is_found_beside_the_stress(tmp_path):
    [mutant] = [one for one in list_mutants() if one.name == "last_byte_dropped"]
    subject = Subject(FILESYSTEM, mutant)
    subject.write_profile(tmp_path)

    def scenario(bench, **arguments):
        subject.equip(bench)
        stress.run(bench, **arguments)

    values = {"type": "stress", "filesystem": FILESYSTEM, **TWO_DISKS}
    record = run_scenario(scenario, tmp_path / "job", tmp_path, **values)
    assert record.status == "FAIL", record.reason
    titles = [finding.title for finding in record.findings]
    assert "stress-ng: hdd fails" in titles
    assert "differential: write: a file has another size" in titles


def test_a_soak_that_the_time_does_not_allow_is_refused(perform):
    record = perform(stress.run, soak_minutes="3", scenario_timeout="100", **TWO_DISKS).record
    assert record.status == "ERROR"
    assert "parameter soak_minutes = '3'; scenario_timeout = '100' must be 120 s" in record.reason
