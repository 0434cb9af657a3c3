"""What is tested to know what the tests are worth: filesystems with one bug, and without any."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mutants import Mutant, guest, kernel, list_mutants
from vexfs_provider.scenarios.bench import Bench

DISK_MIB = 64  # small, since filling it takes long


@dataclass(frozen=True)
class Subject:
    """A filesystem of ours; ``mutant`` is the bug that it has, None for the control."""

    filesystem: str
    mutant: Mutant | None = None

    @property
    def name(self) -> str:
        return self.mutant.name if self.mutant else f"{self.filesystem} without a bug"

    def write_profile(self, folder: Path) -> None:
        """Put the filesystem's profile into a folder of profiles."""
        if self.filesystem == kernel.FILESYSTEM:
            kernel.write_profile(folder, self.mutant.name if self.mutant else "")
        else:
            profile = guest.PROFILES / f"{self.filesystem}.toml"
            (folder / profile.name).write_bytes(profile.read_bytes())

    def equip(self, bench: Bench) -> None:
        """Put into the guest what the profile needs; called at the start of a scenario."""
        if self.filesystem == guest.FILESYSTEM:
            guest.equip(bench)
            guest.mount_with(bench, [self.mutant] if self.mutant else [])


CONTROLS = (Subject(guest.FILESYSTEM), Subject(kernel.FILESYSTEM))


def list_subjects() -> Sequence[Subject]:
    """All mutants, those of the module first: among them are the ones that take longest."""
    in_kernel = [Subject(kernel.FILESYSTEM, one) for one in kernel.list_kernel_mutants()]
    return [*in_kernel, *(Subject(guest.FILESYSTEM, one) for one in list_mutants())]
