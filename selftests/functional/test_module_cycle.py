"""module_cycle on a module that is right, and on ones that leave something behind."""

import pytest
from planted import run_planted, titles

from vexfs_provider.scenarios import module_cycle

pytestmark = pytest.mark.usefixtures("runtime")


def test_a_module_that_cleans_up_passes(tmp_path):
    record = run_planted(module_cycle.run, tmp_path, "none")
    assert (record.status, titles(record)) == ("PASS", [])


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("held", "the module stays in use after its last unmount"),
        ("ownerless", "the module of a mounted filesystem can be unloaded"),
    ],
)
def test_a_wrong_count_of_users_is_found(tmp_path, fault, title):
    record = run_planted(module_cycle.run, tmp_path, fault)
    assert (record.status, titles(record)) == ("FAIL", [title])


def test_a_leak_is_found_by_its_cache(tmp_path):
    record = run_planted(module_cycle.run, tmp_path, "leak")
    [finding] = record.findings
    assert finding.title == "slab cache kmalloc-4k grows with every load and unload"
    counts = finding.evidence[0].text.rpartition("actual: ")[2].split(", ")
    assert len(counts) == 5


def test_a_filesystem_of_the_kernel_itself_is_not_applicable(perform):
    outcome = perform(module_cycle.run, "tmpfs")
    assert outcome.record.status == "CANCEL"
    assert "tmpfs does not come as a module" in outcome.record.reason
