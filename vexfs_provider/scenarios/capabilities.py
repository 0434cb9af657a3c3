"""The scenario that holds a filesystem to what its profile claims."""

from vexfs_provider.filesystems.capabilities import CAPABILITIES, NOT_PROBED
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.probing import probe


def run(bench: Bench) -> None:
    """Probe every capability in the guest; one that is claimed but absent is a finding.

    The record names those that are absent, with what was seen (``unsupported``); those that are
    present, claimed or not (``configuration.capabilities``); and the claims that no probe can
    test (``configuration.capabilities_believed``). No metrics.
    """

    def set_up() -> None:
        bench.make()
        bench.mount()

    set_up()
    probe(bench, CAPABILITIES, set_up)
    absent = {name: probe.detail for name, probe in bench.probes.items() if not probe.present}
    for name, detail in sorted(absent.items()):
        bench.unsupported(f"{name}: {detail}")
        if bench.profile.can(name):
            _report(bench, name, detail)
    believed = bench.capabilities & NOT_PROBED.keys()
    bench.record.configuration["capabilities"] = sorted(bench.capabilities - believed)
    bench.record.configuration["capabilities_believed"] = sorted(believed)


def _report(bench: Bench, name: str, detail: str) -> None:
    bench.fail(
        f"claimed but absent: {name}",
        kind="capability-absent",
        operation=f"probe of {name}: {CAPABILITIES[name]}",
        expected=f"it works, as the profile {bench.profile.name} claims",
        actual=detail,
        recommendation=f"Mend it, or take {name} out of the capabilities in the profile.",
    )
