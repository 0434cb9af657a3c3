"""The way to a fresh guest: fork a warm snapshot, or boot cold and say why."""

import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import AgentLost, DeadlineExpired, GuestError, UsageError
from vexfs_provider.guest.command_line import Boot, boot_arguments
from vexfs_provider.guest.disks import with_image
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.image import get_image
from vexfs_provider.guest.initrd import get_initrd
from vexfs_provider.guest.kernel import get_kernel
from vexfs_provider.guest.machine import Berth, LaunchPlan, Machine
from vexfs_provider.guest.shape import Disk, Shape
from vexfs_provider.guest.snapshot import (
    BOOT_TIMEOUT_S,
    KIND,
    Base,
    Snapshot,
    get_snapshot,
    start_fork,
    wait_for_agent,
)
from vexfs_provider.isolation.runs import Run
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store

RESTORE_TIMEOUT_S = 60.0
STARTS = ("auto", "warm", "cold")
LOST_CONSOLE = "console-lost.log"
"""What a guest said that stopped answering before its disks were there, beside its successor's."""

_LOST = "the guest stopped answering while its disks were plugged"


@dataclass(frozen=True)
class GuestSpec:
    """Which guest: recipe, kernel, shape, test disks, and how to start it (``STARTS``).

    ``auto`` forks warm and falls back to a cold boot; ``warm`` fails instead; ``cold`` boots. A
    guest that ``reboots`` can do so in its machine. ``own_ram`` gives it memory that is shared with
    no other guest: it may be given back to the host, and host programs may map it.
    """

    recipe: str = "debian12"
    kernel: str = "6.1"
    shape: Shape = field(default_factory=Shape)
    disks: tuple[Disk, ...] = ()
    start: str = "auto"
    recipes: Path | None = None
    reboots: bool = False
    own_ram: bool = False

    def __post_init__(self) -> None:
        if self.start not in STARTS:
            raise UsageError(f"guest_start = {self.start!r}; allowed: {', '.join(STARTS)}")

    @property
    def full_shape(self) -> Shape:
        """The shape with the disks that must be there from the boot on."""
        cold = tuple(disk for disk in self.disks if not disk.hot_pluggable)
        return replace(self.shape, cold_disks=cold)


@dataclass(frozen=True)
class GuestStart:
    """How a guest came up; part of the record. ``seconds`` from the exec of QEMU to the answer."""

    mode: str
    seconds: float
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def build_base(spec: GuestSpec, *, store: Store, progress: Progress) -> Base:
    """Image, kernel and initramfs of ``spec``, built where missing.

    The machine gets the memory that its kernel needs at least, and its kernel's own arguments.
    """
    image = get_image(spec.recipe, store=store, progress=progress, recipes=spec.recipes)
    kernel = get_kernel(spec.kernel, store=store, progress=progress)
    initrd, initrd_key = get_initrd(kernel, store=store, progress=progress)
    boot = Boot(kernel.vmlinuz, initrd, image.root, kernel.modules_image)
    shape = spec.full_shape.with_memory(kernel.memory_mib)
    shape = replace(shape, kernel_arguments=(*kernel.arguments, *shape.kernel_arguments))
    return Base(shape, boot, (image.digest, kernel.digest, initrd_key))


def start_guest(
    spec: GuestSpec,
    run: Run,
    folder: Path,
    *,
    name: str,
    store: Store,
    progress: Progress,
) -> tuple[Guest, GuestStart]:
    """A fresh guest with its disks plugged; its console goes to ``folder/console.log``.

    ``name`` is the guest's name within ``run``. Raises ``GuestError`` when no start works; that a
    guest stops answering before a test has it is never that test's ``AgentLost``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    berth = Berth(run, name, folder)
    spec = replace(spec, disks=tuple(with_image(disk, run.scratch) for disk in spec.disks))
    base = build_base(spec, store=store, progress=progress)
    try:
        return _with_disks(spec, _start(spec, base, berth, store, progress))
    except AgentLost as error:
        if spec.start != "auto":
            raise GuestError(f"{_LOST}: {error}") from error
        shutil.move(folder / "console.log", folder / LOST_CONSOLE)
        why = f"the guest before it stopped answering: {error}"
        again = _boot_cold(base, berth, why, own_ram=spec.own_ram)
    try:
        return _with_disks(spec, again)
    except AgentLost as error:
        raise GuestError(f"{_LOST}: {error}") from error


def _with_disks(spec: GuestSpec, started: tuple[Guest, GuestStart]) -> tuple[Guest, GuestStart]:
    guest, _ = started
    try:
        for disk in spec.disks:
            guest.add_disk(disk)
    except BaseException:
        guest.close()
        raise
    return started


def _start(
    spec: GuestSpec, base: Base, berth: Berth, store: Store, progress: Progress
) -> tuple[Guest, GuestStart]:
    reason = "asked for"
    if spec.start != "cold":
        snapshot = None
        try:
            notes = {"recipe": spec.recipe, "kernel": spec.kernel}
            snapshot = get_snapshot(base, berth.run, store=store, progress=progress, notes=notes)
            return _fork(spec, base, snapshot, berth)
        except (GuestError, DeadlineExpired, OSError) as error:
            if spec.start == "warm":
                raise
            reason = f"the warm fork failed: {error}"
            if snapshot is not None:
                store.remove(KIND, snapshot.key)  # the next start saves a new one
    return _boot_cold(base, berth, reason, own_ram=spec.own_ram)


def _ram_file(berth: Berth, how: str) -> Path:
    return berth.run.scratch / f"{berth.name}-{how}.ram"


def _fork(
    spec: GuestSpec, base: Base, snapshot: Snapshot, berth: Berth
) -> tuple[Guest, GuestStart]:
    """Fork the snapshot; the saved boot's console comes first in the log."""
    console = berth.folder / "console.log"
    shutil.copyfile(snapshot.boot_log, console)
    boot_log_size = console.stat().st_size
    started = time.monotonic()
    deadline = Deadline(RESTORE_TIMEOUT_S, "warm fork")
    own_ram = _ram_file(berth, "warm") if spec.own_ram else None
    machine = start_fork(base, snapshot, berth, deadline, own_ram=own_ram, reboots=spec.reboots)
    guest = _wake(machine, berth, "warm", deadline)
    guest.console_start = boot_log_size
    return guest, GuestStart("warm", round(time.monotonic() - started, 3))


def _boot_cold(base: Base, berth: Berth, reason: str, *, own_ram: bool) -> tuple[Guest, GuestStart]:
    (berth.folder / "console.log").write_bytes(b"")
    started = time.monotonic()
    deadline = Deadline(BOOT_TIMEOUT_S, "cold boot")
    ram = _ram_file(berth, "cold") if own_ram else None
    plan = LaunchPlan(base.shape, base.boot, boot_arguments(base.shape, base.boot, ram))
    machine = Machine(berth, plan, deadline)
    try:
        wait_for_agent(machine, deadline)
    except BaseException:
        machine.kill()
        raise
    guest = _wake(machine, berth, "cold", deadline)
    return guest, GuestStart("cold", round(time.monotonic() - started, 3), reason)


def _wake(machine: Machine, berth: Berth, mode: str, deadline: Deadline) -> Guest:
    guest = Guest(machine, berth.folder, berth.run.scratch)
    try:
        guest.wake(f"vexfs: ---- {berth.run.id}/{berth.name} starts here ({mode}) ----", deadline)
    except BaseException:
        machine.kill()
        raise
    return guest
