"""What is mailed shows its finding, on the filesystem that it is about and on no other.

In a guest: a bug is planted and found by comparison with the same filesystem without it; then the
folder to mail is put there, and its script runs the program, compiled on the host.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mutants import list_mutants
from mutants.guest import FILESYSTEM, PROFILES, equip, mount_with, switch
from mutants.hunts import DISK
from scenario_runs import run_scenario

from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.profile import Profile
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.protocol import CommandResult
from vexfs_provider.ops import bug_report, c_program
from vexfs_provider.ops.allowed import Allowed
from vexfs_provider.ops.bug_report import BugReport
from vexfs_provider.ops.compare import compare
from vexfs_provider.ops.divergence import Divergence
from vexfs_provider.ops.executor import Executor
from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.outcome import OpList
from vexfs_provider.ops.shell_commands import shell_commands
from vexfs_provider.ops.text import read_line
from vexfs_provider.scenarios.bench import Bench

PLACE = "/run/vexfs/mail"
TIMEOUT_S = 120.0
LONGEST_S = 86_400


@dataclass(frozen=True)
class Case:
    """A bug, a list that shows it, and what the comparison then says of it."""

    mutant: str
    lines: tuple[str, ...]
    kind: str
    attribute: str


CASES = (
    Case(
        "attribute_flags_ignored",
        ("create f 0644", "setxattr f one 5 1 ANY", "setxattr f one 5 2 CREATE"),
        "result",
        "error",
    ),
    Case("last_byte_dropped", ("create f 0644", "write f 0 4097 1"), "tree", "size"),
    Case(
        "writes_keep_the_mtime",
        ("create f 0666", "user 1000", "remount", "write f 0 5 1", "chmod f 0600"),
        "tree",
        "mtime",
    ),
    Case(
        "modes_reset_after_unmount",
        ("open @0 f RDWR|CREAT 0640", "remount", "chmod f 0644", "mkdir A 0755"),
        "persistence",
        "mode",
    ),
)


@dataclass
class Seen:
    """What the comparison said, and what came of the script on that filesystem and on ext4.

    ``clock_s`` is the guest's time in seconds since 1970, before and after.
    """

    found: list[Divergence] = field(default_factory=list)
    scripts: dict[str, CommandResult] = field(default_factory=dict)
    clock_s: list[int] = field(default_factory=list)


def operations_of(case: Case) -> tuple[Operation, ...]:
    found = (read_line(line) for line in case.lines)
    return tuple(one for one in found if one is not None)


def found_by_comparison(bench: Bench, case: Case) -> list[Divergence]:
    """What differs between the filesystem with the bug and without."""
    [mutant] = [one for one in list_mutants() if one.name == case.mutant]
    operations = operations_of(case)

    def remount() -> None:
        bench.unmount()
        bench.mount()

    executor = Executor(bench.guest, bench.mountpoint, remount)
    bench.make()
    bench.mount()
    [sound] = executor.run([OpList("sound", operations)], remount_after=True)
    mount_with(bench, [mutant])
    switch(bench, [mutant])
    [buggy] = executor.run([OpList("buggy", operations)], remount_after=True)
    bench.unmount()
    return compare(operations, [sound], buggy, Allowed())


def put_folder(guest: Guest, folder: Path, case: Case, found: Divergence, profile: Profile) -> None:
    """Write what is to be mailed, for this filesystem, and give it to the guest."""
    report = BugReport(
        title=found.title,
        operations=operations_of(case),
        divergence=found,
        filesystem=profile.name,
        commands=shell_commands(profile, old_data_mib=8),
        kernel="6.1",
    )
    bug_report.write(folder, report)
    compile_for_guests(folder)
    for path in folder.iterdir():
        guest.put(f"{PLACE}/{path.name}", path.read_bytes(), path.stat().st_mode & 0o777)


def compile_for_guests(folder: Path) -> None:
    """They have no compiler, and no library that would fit."""
    command = [*c_program.COMPILE.split(), "-Werror", "-static"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def clock_s(guest: Guest) -> int:
    return int(guest.run(["date", "+%s"], timeout_s=TIMEOUT_S).text)


def scenario(case: Case, seen: Seen, folder: Path) -> Callable[[Bench], None]:
    """Find the bug, and try what is to be mailed with the bug and on ext4."""

    def run(bench: Bench) -> None:
        equip(bench)
        seen.clock_s.append(clock_s(bench.guest))
        seen.found += found_by_comparison(bench, case)
        for profile in (bench.profile, get_profile("ext4")):
            put_folder(bench.guest, folder / profile.name, case, seen.found[0], profile)
            command = ["sh", f"{PLACE}/{bug_report.SCRIPT}", bench.device]
            seen.scripts[profile.name] = bench.guest.run(command, timeout_s=TIMEOUT_S)
        seen.clock_s.append(clock_s(bench.guest))

    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.mutant)
def test_what_is_mailed_shows_the_finding(runtime, tmp_path, case):
    seen = Seen()
    run = scenario(case, seen, tmp_path)
    values = {"type": "reproducer", "filesystem": FILESYSTEM, **DISK}
    record = run_scenario(run, tmp_path / "job", PROFILES, **values)
    assert (record.status, record.findings) == ("PASS", []), record.reason
    found = seen.found[0]
    assert (found.kind, found.attribute) == (case.kind, case.attribute)
    buggy, sound = seen.scripts[FILESYSTEM], seen.scripts["ext4"]
    assert (buggy.status, sound.status) == (1, 0), f"{buggy.text}\n{sound.text}"
    assert "\nFINDING: " in buggy.text
    assert buggy.text.endswith(f"expected: {found.expected}\n    actual:   {found.actual}")
    before, after = seen.clock_s
    assert before <= after < before + LONGEST_S
