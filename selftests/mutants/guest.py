"""How mutants get into a guest, and one after another into a mounted filesystem."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mutantfs.requests import SWITCH

from mutants import Mutant, archive
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.scenarios.bench import Bench

PROFILES = Path(__file__).parents[1] / "profiles"
FILESYSTEM = "mutantfs"
GUEST_PATH = "/run/vexfs/mutantfs.pyz"
TIMEOUT_S = 30.0


def equip(bench: Bench) -> None:
    """Put the daemon into the bench's guest, and into each that takes its place later."""
    daemon = archive()
    reset = bench.reset

    def reset_and_equip(**named: bool) -> None:
        reset(**named)
        bench.guest.put(GUEST_PATH, daemon)

    bench.reset = reset_and_equip  # type: ignore[method-assign]
    bench.guest.put(GUEST_PATH, daemon)


def mount_with(bench: Bench, mutants: Sequence[Mutant]) -> None:
    """Have the filesystem mounted with these bugs from now on, also by later guests."""
    assert bench.profile.daemon
    *program, device, mountpoint = bench.profile.daemon
    names = ",".join(mutant.name for mutant in mutants)
    daemon = (*program, "--mutants", names, device, mountpoint)
    bench.profile = replace(bench.profile, daemon=daemon)
    bench.filesystem = Filesystem(bench.profile, bench.guest)


def switch(bench: Bench, mutants: Sequence[Mutant]) -> None:
    """Give the mounted filesystem other bugs; a daemon costs seconds to start, this does not."""
    names = ",".join(mutant.name for mutant in mutants)
    command = ["setfattr", "-n", SWITCH.decode(), "-v", names, bench.mountpoint]
    result = bench.guest.run(command, timeout_s=TIMEOUT_S)
    assert result.ok, result.text
