"""What happens to virtual machines, with the filesystem mounted and under load."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.errors import FilesystemError
from vexfs_provider.guest.launch import GuestSpec
from vexfs_provider.params import Names
from vexfs_provider.scenarios import lifecycle_devices as devices
from vexfs_provider.scenarios import lifecycle_power as power
from vexfs_provider.scenarios import lifecycle_state as state
from vexfs_provider.scenarios.attempt import LOST_GUEST, attempt
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import Load

COSTLY = (*LOST_GUEST, FilesystemError)
MORE_CPUS = 2

Machine = Callable[[GuestSpec], GuestSpec]


def as_it_is(spec: GuestSpec) -> GuestSpec:
    """The test's own machine."""
    return spec


def rebooting(spec: GuestSpec) -> GuestSpec:
    """One that can boot again."""
    return replace(spec, reboots=True)


def movable(spec: GuestSpec) -> GuestSpec:
    """One whose whole state can be saved and sent, with a disk that can vanish at once."""
    return _with_disk(spec, format="qcow2", bus="virtio_scsi")


def growing(spec: GuestSpec) -> GuestSpec:
    """One that can get processors, and give memory back."""
    shape = replace(spec.shape, max_cpus=spec.shape.smp + MORE_CPUS)
    return replace(spec, shape=shape, own_ram=True)


def _with_disk(spec: GuestSpec, **values: Any) -> GuestSpec:
    first, *others = spec.disks
    return replace(spec, disks=(replace(first, **values), *others))


@dataclass(frozen=True)
class Event:
    """Something that happens on a ``machine``; ``act`` has it happen and checks what it can.

    ``cuts`` says that the filesystem is not unmounted before it loses its memory or its disk.
    """

    name: str
    act: Callable[[Bench, Load], None]
    machine: Machine = as_it_is
    cuts: bool = False
    needs_disk: bool = True


EVENTS = (
    Event("remount", power.remount),
    Event("pause", power.pause, needs_disk=False),
    Event("clock_jump", power.clock_jump),
    Event("unplug", devices.unplug),
    Event("grow", devices.grow),
    Event("reset", power.reset, rebooting, cuts=True),
    Event("reboot", power.reboot, rebooting),
    Event("power_down", power.power_down, rebooting),
    Event("snapshot", state.snapshot, movable),
    Event("migration", state.migration, movable),
    Event("removal", devices.removal, movable, cuts=True),
    Event("cpu_hotplug", devices.cpu_hotplug, growing, needs_disk=False),
    Event("balloon", devices.balloon, growing, needs_disk=False),
)
"""In this order; those in a row on the same machine share a guest and a filesystem. The first is a
control: a filesystem that fails it does not fail the others for what they do to the machine.
"""

NAMES = tuple(event.name for event in EVENTS)


def run(bench: Bench, *, events: Annotated[tuple[str, ...], Names()] = NAMES) -> None:
    """Each event comes while processes write and fsync; what was acknowledged is there after it.

    The load goes on afterwards where the guest does. An event that costs the guest does not keep
    the later ones from happening. ``events`` are some of ``NAMES``. No metrics.
    """
    unknown = ", ".join(sorted(set(events) - set(NAMES)))
    if unknown:
        raise UsageError(f"parameter events: {unknown}; allowed: {', '.join(NAMES)}")
    chosen = [event for event in EVENTS if event.name in events and _applies(bench, event)]
    for machine, together in groupby(chosen, key=attrgetter("machine")):
        _happen(bench, machine, list(together))


def _applies(bench: Bench, event: Event) -> bool:
    lacks_disk = event.needs_disk and not bench.device
    if lacks_disk:
        bench.unsupported(f"{event.name}: {bench.profile.name} has no disk")
    return not lacks_disk


def _happen(bench: Bench, machine: Machine, events: Sequence[Event]) -> None:
    """Have events happen on one machine, and check the filesystem after the last one."""
    if machine is not as_it_is:
        bench.renew(machine)
    ready = False
    for event in events:
        if not ready and attempt(bench, partial(_prepare, bench), COSTLY) is None:
            names = ", ".join(one.name for one in events[events.index(event) :])
            bench.unsupported(f"not run, since no filesystem could be made: {names}")
            return
        ready = attempt(bench, partial(_perform, bench, event), COSTLY) is not None
    if ready:
        attempt(bench, partial(_finish, bench), COSTLY)


def _prepare(bench: Bench) -> bool:
    bench.make()
    bench.mount()
    return True


def _finish(bench: Bench) -> bool:
    bench.finish()
    return True


def _perform(bench: Bench, event: Event) -> bool:
    with bench.step(event.name):
        load = Load(bench, event.name)
        load.start()
        event.act(bench, load)
        load.stop()
        if event.cuts:
            load.verify_durable(f"after {event.name}")
            bench.finish()
            bench.mount()
        else:
            load.verify(f"after {event.name}")
    return True
