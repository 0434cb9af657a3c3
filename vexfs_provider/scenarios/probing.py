"""Probing of capabilities in the guest; what it finds is kept at the bench for the whole test."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from vexfs_provider.filesystems.capabilities import NOT_PROBED
from vexfs_provider.scenarios.attempt import attempt
from vexfs_provider.scenarios.bench import Bench, Probe

CODE = ("checking", "syscalls", "probing", "capabilities_names", "capabilities_content")
TIMEOUT_S = 30.0
TIMEOUT_A_PROBE_S = 3.0


def probe(bench: Bench, names: Iterable[str], set_up: Callable[[], None]) -> None:
    """Find out which of ``names`` the mounted filesystem really has: ``bench.probes``.

    Once a test: what is known is not asked again. If the probes cost the guest, ``set_up`` makes
    a fresh one ready and each goes on alone, so that one that kills does not hide the others.
    """
    wanted = sorted(set(names) - set(NOT_PROBED) - set(bench.probes))
    if not wanted or _probed(bench, wanted):
        return
    set_up()
    if len(wanted) == 1:
        bench.probes[wanted[0]] = Probe(False, "probing it costs the guest, see the findings")
        return
    for name in wanted:
        probe(bench, [name], set_up)


def _probed(bench: Bench, names: Sequence[str]) -> bool:
    """Probe all of ``names`` in one call; whether the guest has survived."""
    probes = attempt(bench, partial(ask, bench, bench.mountpoint, names))
    bench.probes |= probes or {}
    return probes is not None


def ask(bench: Bench, mountpoint: str, names: Sequence[str]) -> dict[str, Probe]:
    """Probe the filesystem that is mounted there, in one call; what it raises is the guest's."""
    with bench.step(f"probe {names[0] if len(names) == 1 else 'capabilities'}"):
        for module in (*CODE, "capabilities"):
            bench.guest.load_code(module)
        arguments = {"folder": f"{mountpoint}/probe-{names[0]}", "names": names}
        timeout_s = TIMEOUT_S + TIMEOUT_A_PROBE_S * len(names)
        results = bench.guest.call("capabilities", "probe", timeout_s, **arguments)
    return {name: Probe(**result) for name, result in results.items()}
