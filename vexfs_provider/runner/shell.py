"""``avocado vexfs shell``: a console in a fresh warm guest, for people."""

import sys
import tempfile
from pathlib import Path

from vexfs_provider.filesystems.catalogue import get_profile
from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.filesystems.profile import Kind
from vexfs_provider.guest.accelerator import resolve_accelerator
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.launch import GuestSpec, start_guest
from vexfs_provider.guest.module import find_module
from vexfs_provider.guest.shape import Disk, Shape
from vexfs_provider.guest.shell import relay_terminal
from vexfs_provider.isolation.runs import running
from vexfs_provider.progress import Progress
from vexfs_provider.scenarios.bench import MOUNTPOINT
from vexfs_provider.settings import load_settings
from vexfs_provider.store import Store

DISK_MIB = 1024


def open_shell(*, filesystem: str | None, kernel: str) -> int:
    """Start a guest, mount ``filesystem`` if one is named, and hand the terminal to its shell.

    The guest is gone when the console is left. Returns the exit code 0.
    """
    store, progress, settings = Store(), Progress(), load_settings()
    accelerator = resolve_accelerator("auto", store=store, progress=progress)
    disk = Disk("test", size_mib=DISK_MIB)
    shape = Shape(accelerator=accelerator)
    folder = settings.recipe_folder
    spec = GuestSpec(kernel=kernel, shape=shape, disks=(disk,), recipes=folder)
    with running() as run, tempfile.TemporaryDirectory(prefix="vexfs-shell-") as logs:
        guest, start = start_guest(
            spec, run, Path(logs), name="shell", store=store, progress=progress
        )
        with guest:
            progress.say(f"{start.mode} start in {start.seconds:.2f} s, {guest.kernel_release}")
            if filesystem is not None:
                profile = get_profile(filesystem, settings.profile_folders)
                _mount(Filesystem(profile, guest, size_mib=DISK_MIB), guest, store)
                progress.say(f"{filesystem} is mounted at {MOUNTPOINT}")
            progress.say(f"the test disk is {guest.disk_path('test')}; Ctrl-] or 'exit' leaves")
            relay_terminal(guest.machine.shell_socket)
    print(file=sys.stderr)
    return 0


def _mount(filesystem: Filesystem, guest: Guest, store: Store) -> None:
    device = "" if filesystem.profile.kind is Kind.MEMORY else guest.disk_path("test")
    filesystem.load(lambda name: find_module(name, guest.kernel_release, store))
    filesystem.make(device)
    filesystem.mount(device, MOUNTPOINT)
