"""Jobs that plant mutants and see what level 1 finds of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from unittest import mock

from scenario_runs import run_scenario

from mutants import Mutant, list_mutants
from mutants.guest import FILESYSTEM, PROFILES, equip, mount_with, switch
from vexfs_provider.guest.agent_link import AgentError
from vexfs_provider.record import Record
from vexfs_provider.scenarios import (
    basic_io,
    capabilities,
    concurrent,
    metadata,
    persistence,
    posix_errors,
    space,
)
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.checks import Check, prepare, report, run_checks

LISTS = (basic_io, metadata, posix_errors, space, concurrent)
"""Scenarios that are lists of checks: one mount serves them all, with one bug after another."""

PARTS = (capabilities, persistence)
"""Scenarios that mount by themselves: one run has all their bugs at once."""

ABSENT = ("acl", "collapse_range", "freeze", "inode_flags", "insert_range", "o_tmpfile", "reflink")
"""Capabilities that FUSE does not have, for a profile that claims too much."""

DISK = {"image_size_test": "128M"}
HANG_S = 5.0

Titles = dict[str, list[str]]
"""Check -> titles of what it found."""


def name_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def killers(scenario: str) -> dict[str, Mutant]:
    """For each check of a scenario the first mutant that it must find."""
    found: dict[str, Mutant] = {}
    for mutant in list_mutants():
        for check in mutant.kills.get(scenario, {}):
            found.setdefault(check, mutant)
    return found


def everyone(scenario: str) -> list[Mutant]:
    return [mutant for mutant in list_mutants() if scenario in mutant.kills]


def checks_of(module: ModuleType, bench: Bench) -> Sequence[Check]:
    """The list that a scenario would run at this bench."""
    with mock.patch.object(module, "run_checks") as run:
        module.run(bench)
    return run.call_args.args[1]


def unharmed(module: ModuleType, bench: Bench) -> None:
    """The scenario on the filesystem without a bug."""
    equip(bench)
    module.run(bench)


def hunt(module: ModuleType, titles: Titles, bench: Bench) -> None:
    """Each check of the list on its first mutant; leaves only what nobody has planted."""
    equip(bench)
    checks = checks_of(module, bench)
    prepare(bench, checks)
    hunters = killers(name_of(module))
    for check in checks:
        if check.name in hunters:
            switch(bench, [hunters[check.name]])
            titles[check.name] = attempt(bench, check)
            switch(bench, [])


def attempt(bench: Bench, check: Check, place: str = "") -> list[str]:
    """The titles of what one check finds, which then are no findings of the test any more."""
    folder = f"{place or bench.mountpoint}/{check.name}"
    try:
        arguments = {"folder": folder, **check.arguments}
        result = bench.guest.call(check.module, check.name, check.timeout_s, **arguments)
    except AgentError as error:
        return [f"{check.name}: a bug of the check itself: {error}"]
    report(bench, check, result)
    titles = [finding.title for finding in bench.record.findings]
    bench.record.findings.clear()
    return titles


def all_bugs(module: ModuleType, bench: Bench) -> None:
    """The scenario with all bugs that are planted for it, and a profile that claims too much."""
    equip(bench)
    mount_with(bench, everyone(name_of(module)))
    claims = bench.profile.capabilities | set(ABSENT)
    bench.profile = replace(bench.profile, capabilities=claims)
    module.run(bench)


def list_with(mutant: str, bench: Bench) -> None:
    """Two checks, the first of which meets the end of the filesystem."""
    equip(bench)
    mount_with(bench, [one for one in list_mutants() if one.name == mutant])
    names = ("rename_gives_a_file_another_name", "chmod_sets_all_mode_bits")
    chosen = [check for name in names for check in metadata.CHECKS if check.name == name]
    run_checks(bench, [replace(check, timeout_s=HANG_S) for check in chosen])


def on_the_other_mount(titles: Titles, bench: Bench) -> None:
    """posix_errors.other_mounts in a folder of the mount that it takes for another."""
    equip(bench)
    checks = [check for check in posix_errors.CHECKS if check.name == "other_mounts"]
    prepare(bench, checks)
    titles["other_mounts"] = attempt(bench, checks[0], "/dev")


def launch(folder: Path, name: str, scenario: Callable[[Bench], None]) -> Record:
    values = {"type": name, "filesystem": FILESYSTEM, **DISK}
    return run_scenario(scenario, folder / name, PROFILES, **values)
