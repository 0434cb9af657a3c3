"""Vectors stored and searched by ioctls."""

from dataclasses import replace
from typing import Any

from vexfs_provider.errors import NotApplicable
from vexfs_provider.filesystems.vector_interface import read_vector_interface
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, prepare, report, run_checks

SEARCH, REQUESTS, PROBE = "vector_search", "vector_requests", "vector_probe"
CALL_TIMEOUT_S = 60.0
CHECKS = (
    Check(SEARCH, "nearest_vectors_are_found"),
    Check(SEARCH, "an_equal_vector_comes_first"),
    Check(SEARCH, "k_bounds_the_results"),
    Check(SEARCH, "dimensions_do_not_mix"),
    Check(SEARCH, "files_keep_their_own_vectors"),
    Check(SEARCH, "labels_come_back"),
    Check(REQUESTS, "bad_requests_are_refused"),
)
REMOUNT = "vectors_outlive_a_remount"


def run(bench: Bench) -> None:
    """Are the claimed vector ioctls there; if so, do they find what a brute-force search finds.

    Also their bounds, what they do with bad requests, and whether vectors outlive a remount. What
    a filesystem claims and does not answer is a finding; the checks that need it are then listed
    as unsupported.
    """
    if not bench.profile.vector:
        raise NotApplicable(
            f"{bench.profile.name} claims no vector ioctls: its profile has no table [vector]"
        )
    interface = read_vector_interface(bench.profile.vector).to_dict()
    checks = [replace(check, arguments={"interface": interface}) for check in CHECKS]
    prepare(bench, checks)
    missing = _probe(bench, interface)
    if "add" in missing or "search" in missing:
        for name in (*(check.name for check in CHECKS), REMOUNT):
            bench.unsupported(f"{name}: vector ioctls are not reachable")
        return
    bench.unmount()
    run_checks(bench, checks)
    if bench.profile.can("persistent"):
        _remount(bench, interface)
    else:
        bench.unsupported(f"{REMOUNT}: needs persistent")


def _probe(bench: Bench, interface: dict[str, Any]) -> list[str]:
    """The ioctls that a file does not answer; each is a finding, or one finding if it is all."""
    with bench.step("probe of the ioctls"):
        bench.guest.load_code(PROBE)
        arguments = {"folder": f"{bench.mountpoint}/probe", "interface": interface}
        answers = bench.guest.call(PROBE, "probe", CALL_TIMEOUT_S, **arguments)
        missing = [name for name, places in answers.items() if places["file"] != "answered"]
        if len(missing) == len(answers):
            _not_reachable(bench, "vector ioctls", answers)
        else:
            for name in missing:
                _not_reachable(bench, f"vector ioctl {name}", {name: answers[name]})
    return missing


def _not_reachable(bench: Bench, what: str, answers: dict[str, dict[str, str]]) -> None:
    lines = [
        f"{name}: " + ", ".join(f"{place} {answer}" for place, answer in places.items())
        for name, places in answers.items()
    ]
    bench.fail(
        f"claimed but not reachable: {what}",
        kind="claim-not-kept",
        operation="ioctl with an address that no process has, on an open file",
        expected="EFAULT, or another answer that tells of a handler",
        actual="; ".join(lines),
        recommendation="Set unlocked_ioctl in the file_operations of its files, or drop the claim.",
    )


def _remount(bench: Bench, interface: dict[str, Any]) -> None:
    path = f"{bench.mountpoint}/vectors"
    arguments = {"path": path, "interface": interface}
    with bench.step(REMOUNT):
        bench.guest.call(SEARCH, "store_vectors", CALL_TIMEOUT_S, **arguments)
        bench.unmount()
        bench.mount()
        folder = f"{bench.mountpoint}/{REMOUNT}"
        answer = bench.guest.call(SEARCH, REMOUNT, CALL_TIMEOUT_S, folder=folder, **arguments)
        report(bench, Check(SEARCH, REMOUNT), answer)
