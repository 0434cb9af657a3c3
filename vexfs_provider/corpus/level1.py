"""Consoles of level 1: its scenarios as tests run them, on filesystems that pass them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.errors import GuestError
from vexfs_provider.guest.kernel import Kernel
from vexfs_provider.params import read_arguments, read_config
from vexfs_provider.progress import SILENT
from vexfs_provider.runner.execute import execute
from vexfs_provider.runner.job import Job
from vexfs_provider.scenarios import (
    basic_io,
    capabilities,
    concurrent,
    metadata,
    mount,
    persistence,
    posix_errors,
    space,
)
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

SCENARIOS = {
    "mount_cycle": mount.cycle,
    "capabilities": capabilities.run,
    "persistence": persistence.run,
    "basic_io": basic_io.run,
    "posix_errors": posix_errors.run,
    "metadata": metadata.run,
    "concurrent": concurrent.run,
    "space": space.run,
}
FILESYSTEMS = ("ext4", "xfs", "btrfs")


@dataclass(frozen=True)
class Level1Test:
    """One test of level 1."""

    scenario: str
    filesystem: str

    @property
    def name(self) -> str:
        return f"{self.scenario} on {self.filesystem}"

    def console(self, kernel: Kernel, folder: Path, store: Store) -> bytes:
        """What its first guest's console said, in ``folder`` with all other logs.

        Raises ``GuestError`` if it did not pass, since then nobody knows what the console shows.
        """
        run: Callable[..., None] = SCENARIOS[self.scenario]
        values = {"filesystem": self.filesystem, "type": self.scenario, "guest_kernel": kernel.name}
        job = Job(run, read_arguments(run, values), read_config(values), folder)
        record = execute(job, settings=Settings(), store=store, progress=SILENT)
        if record.status != "PASS":
            raise GuestError(f"{self.name}: {record.status}: {record.reason}")
        return (folder / "console.log").read_bytes()


TESTS = tuple(itertools.starmap(Level1Test, itertools.product(SCENARIOS, FILESYSTEMS)))
"""All of them, the soonest done first."""
