"""The mutants of the kernel module in deps/mutants/kernel: their list, their build, a profile."""

import re
from pathlib import Path

from mutants import SOURCE, Mutant
from mutants.guest import PROFILES
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.module import Module, build_module
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

MODULE_SOURCE = SOURCE / "kernel"
FILESYSTEM = "mutantfs_kernel"

_TEXT = r'\s*"([^"]*)"'
_MUTANT = re.compile(rf"^MUTANT\((\w+),{_TEXT},{_TEXT},{_TEXT}\)$", re.MULTILINE)


def list_kernel_mutants() -> list[Mutant]:
    """All mutants of the module, as ``mutants.def`` has them."""
    text = (MODULE_SOURCE / "mutants.def").read_text()
    return [
        Mutant(name, bug, {scenario: {}} if scenario else {}, why)
        for name, scenario, bug, why in _MUTANT.findall(text)
    ]


def build(kernel: str, *, store: Store, progress: Progress) -> Module:
    """The module and its mkfs for a kernel, as the profile asks for them."""
    return build_module(
        FILESYSTEM,
        MODULE_SOURCE,
        kernel=get_kernel(kernel, store=store, progress=progress),
        tools=[f"mkfs.mutantfs={MODULE_SOURCE / 'mkfs.c'}"],
        store=store,
        progress=progress,
    )


def write_profile(folder: Path, mutant: str) -> None:
    """The filesystem's profile with that mutant's bug, in a folder of profiles; none if empty."""
    text = (PROFILES / f"{FILESYSTEM}.toml").read_text()
    (folder / f"{FILESYSTEM}.toml").write_text(f'{text}params = ["bug={mutant}"]\n')
