"""A filesystem that crashes the kernel as soon as it is loaded is found, not an error of ours."""

from vexfs_provider.filesystems.filesystem import Filesystem

TIMEOUT_S = 30.0


def never(bench):
    raise AssertionError("the scenario was reached")


def crash(filesystem, find_module):
    filesystem._guest.run(["sh", "-c", "echo c >/proc/sysrq-trigger"], timeout_s=TIMEOUT_S)


def test_a_crash_while_loading_is_a_finding(perform, monkeypatch):
    monkeypatch.setattr(Filesystem, "load", crash)
    outcome = perform(never)
    assert outcome.record.status == "FAIL", outcome.record.reason
    assert "kernel panic: sysrq triggered crash" in outcome.titles


def test_a_module_that_is_refused_is_a_finding(perform, monkeypatch):
    def refuse(filesystem, find_module):
        filesystem._step("load", ["sh", "-c", "echo refused >&2; exit 1"], TIMEOUT_S)

    monkeypatch.setattr(Filesystem, "load", refuse)
    finding = perform(never).only_finding("load-failed")
    assert "refused" in finding.evidence[0].text
