"""Warm snapshots: a booted guest, saved once while its agent waits, and forked often.

The guest's RAM is a file. When saving it is mapped shared and the migration stream leaves it out
(capability ``x-ignore-shared``), so the stream holds only the devices. A fork maps the same file
copy-on-write: it costs no copying and forks share the page cache. QEMU without the capability
puts the RAM in the stream instead.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.detection import Verdict, scan, verdict
from vexfs_provider.errors import BuildError, GuestError
from vexfs_provider.guest.command_line import QEMU, Boot, boot_arguments, restore_arguments
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.guest.machine import Berth, LaunchPlan, Machine
from vexfs_provider.guest.migration import load_state, save_state
from vexfs_provider.guest.shape import Shape
from vexfs_provider.isolation.runs import Run
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, content_key

KIND = "snapshots"
FORMAT_VERSION = 3  # raise it when the way of saving changes
BOOT_TIMEOUT_S = 300.0
WARM_UP = (
    "uname -r",
    "for tool in mount umount mkfs.ext4 mkfs.xfs mkfs.btrfs e2fsck xfs_repair btrfs dmsetup; do"
    ' path=$(command -v "$tool") && cat "$path" >/dev/null; done; true',
)


@dataclass(frozen=True)
class Base:
    """What a guest is made of, each part with a digest that joins the snapshot's key."""

    shape: Shape
    boot: Boot
    digests: tuple[str, ...]

    def key(self) -> str:
        """The snapshot's key: equal for machines that may restore each other's state."""
        return content_key(
            FORMAT_VERSION, self.shape.key_parts(), list(self.digests), qemu_identity()
        )


@dataclass(frozen=True)
class Snapshot:
    """A saved guest. ``ram`` is None where the RAM is in the stream."""

    key: str
    folder: Path
    ram: Path | None

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def boot_log(self) -> Path:
        return self.folder / "console.log"


def qemu_identity() -> str:
    """Path, size and change time of the QEMU binary: cheaper than asking its version each time."""
    found = shutil.which(QEMU)
    if found is None:
        raise GuestError(f"{QEMU} is not installed; run: apt-get install qemu-system-x86")
    facts = os.stat(found)
    return f"{os.path.realpath(found)}:{facts.st_size}:{facts.st_mtime_ns}"


def find_snapshot(base: Base, store: Store) -> Snapshot | None:
    """The snapshot for ``base`` if it is there."""
    key = base.key()
    folder = store.find(KIND, key)
    if folder is None:
        return None
    ram = folder / "ram"
    return Snapshot(key, folder, ram if store.manifest(KIND, key)["ram_file"] else None)


def get_snapshot(
    base: Base, run: Run, *, store: Store, progress: Progress, notes: dict[str, Any] | None = None
) -> Snapshot:
    """The snapshot for ``base``, booted and saved first if it is missing.

    ``notes`` join its manifest.
    """
    key = base.key()

    def build(folder: Path) -> dict[str, Any]:
        return {"shape": base.shape.key_parts(), **(notes or {}), **_save(base, run, folder)}

    store.get(KIND, key, build, progress=progress, label=f"warm snapshot {key}")
    found = find_snapshot(base, store)
    if found is None:
        raise BuildError(f"the snapshot {key} vanished from {store.root} while it was used")
    return found


def list_snapshots(store: Store) -> list[dict[str, Any]]:
    """The manifests of all snapshots, newest first."""
    return [store.manifest(KIND, key) for key in store.keys(KIND)]


def _save(base: Base, run: Run, folder: Path) -> dict[str, Any]:
    """Boot cold with a shared RAM file and save the devices' state; what the manifest needs."""
    ram = folder / "ram"
    deadline = Deadline(BOOT_TIMEOUT_S, "boot of the guest")
    if shutil.disk_usage(folder).free < base.shape.memory_bytes:
        room = base.shape.memory_mib
        raise GuestError(f"no room in {folder.parent} to save a guest: {room} MiB are needed")
    with open(folder / "state", "wb") as state:
        plan = LaunchPlan(base.shape, base.boot, boot_arguments(base.shape, base.boot, ram))
        with Machine(Berth(run, "save", folder), plan, deadline) as machine:
            wait_for_agent(machine, deadline)
            warm_up(machine, deadline)
            without_ram = save_state(machine, state)
    if not without_ram:
        ram.unlink()  # its content is in the stream
    _check_boot(folder / "console.log")
    return {"ram_file": without_ram}


def wait_for_agent(machine: Machine, deadline: Deadline) -> None:
    """Wait until the agent answers. Raises ``GuestError`` with the console's end if it does not."""
    try:
        machine.agent.wait(machine.agent.submit("ping", deadline), deadline)
    except Exception as error:
        tail = machine.console_log.read_bytes()[-1500:].decode(errors="replace")
        raise GuestError(
            f"the guest did not come up: {error}; its console ends with:\n{tail}"
        ) from error


def warm_up(machine: Machine, deadline: Deadline) -> None:
    """Have the guest read the programs that tests start with, and the agent run its common paths.

    Their pages are then in the snapshot's memory, and no fork waits for the disk.
    """
    for command in WARM_UP:
        number = machine.agent.submit("run", deadline, argv=["sh", "-c", command], env={})
        machine.agent.wait(number, deadline)
    number = machine.agent.submit("get", deadline, path="/proc/uptime", offset=0, size=64)
    machine.agent.wait(number, deadline)


def _check_boot(console: Path) -> None:
    """A snapshot of a guest whose boot crashed would poison every test."""
    findings = scan(console.read_bytes())
    if verdict(findings) is Verdict.FAIL:
        titles = "; ".join(finding.title for finding in findings)
        raise BuildError(f"the guest's boot is not clean, so no snapshot was made: {titles}")


def start_fork(
    base: Base,
    snapshot: Snapshot,
    berth: Berth,
    deadline: Deadline,
    *,
    own_ram: Path | None = None,
    reboots: bool = False,
) -> Machine:
    """Start a machine from ``snapshot``; killed again if that fails.

    Its RAM is mapped copy-on-write, or is a copy of the saved one in the file ``own_ram``, which
    must not exist. One that ``reboots`` keeps what it boots from.

    It was saved running, so it runs as soon as its state is loaded: what is sent to its agent now
    is answered then. A state that QEMU refuses ends QEMU, which the agent's waiter is told.
    """
    _check_ram(base, snapshot)
    if own_ram is not None:
        _copy_ram(base, snapshot, own_ram)
    ram, boot = own_ram or snapshot.ram, base.boot if reboots else None
    start = restore_arguments(base.shape, ram, own_ram=own_ram is not None, boot=boot)
    with open(snapshot.state, "rb") as state:
        plan = LaunchPlan(base.shape, base.boot, start, shares_ram=ram == snapshot.ram)
        machine = Machine(berth, plan, deadline)
        try:
            load_state(machine, state, without_ram=snapshot.ram is not None)
        except BaseException:
            machine.kill()
            raise
    return machine


def _check_ram(base: Base, snapshot: Snapshot) -> None:
    """A RAM file cut short would kill QEMU in the middle of a test, not at its start."""
    if snapshot.ram is None:
        return
    size = snapshot.ram.stat().st_size
    if size != base.shape.memory_bytes:
        wanted = base.shape.memory_bytes
        raise GuestError(f"the saved RAM {snapshot.ram} has {size} bytes, not {wanted}")


def _copy_ram(base: Base, snapshot: Snapshot, path: Path) -> None:
    """What is saved, or as much room for what is to come from the stream."""
    if snapshot.ram is None:
        with open(path, "xb") as file:
            file.truncate(base.shape.memory_bytes)
    else:
        run_tool(["cp", "--sparse=always", "--reflink=auto", snapshot.ram, path])
