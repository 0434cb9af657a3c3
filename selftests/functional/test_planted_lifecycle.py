"""Each event of a machine's life is seen to fail once, on a fault that is planted beside it.

Events of one machine share a run, as they do without faults. ``PLANTED`` is the table.
"""

import shutil
import time
from dataclasses import dataclass, replace

import pytest

from vexfs_provider.filesystems.filesystem import Filesystem
from vexfs_provider.guest import disks, hotplug, internal_snapshot, power
from vexfs_provider.guest.guest import Guest
from vexfs_provider.scenarios import lifecycle, lifecycle_power, lifecycle_state, load
from vexfs_provider.scenarios.load import Load

TIMEOUT_S = 30.0
PATIENCE_S = 4.0  # for what is known not to come
LYING_S = 2.0


def sh(guest, script):
    result = guest.run(["sh", "-c", f"set -e; {script}"], timeout_s=TIMEOUT_S)
    assert result.ok, result.text


@dataclass(frozen=True)
class Planter:
    """How faults are put between the scenario and what it uses; ``loads`` are those started."""

    monkeypatch: pytest.MonkeyPatch
    loads: list[Load]

    def instead_of(self, owner, name, function):
        self.monkeypatch.setattr(owner, name, function)

    def before(self, owner, name, action):
        """Have ``action`` called with its positional arguments before the function ``name`` is."""
        original = getattr(owner, name)

        def planted(*arguments, **named):
            action(*arguments)
            return original(*arguments, **named)

        self.instead_of(owner, name, planted)

    def kill_load(self, guest, *_):
        # Its functions come more than once: afterwards there is nothing left to kill.
        sh(guest, f"kill -9 {' '.join(map(str, self.loads[-1].pids))} || true")


def killed_load(owner, name):
    """The writers are killed just before the function ``name``."""
    return lambda planter: planter.before(owner, name, planter.kill_load)


def emptied_file(planter):
    """A file of the load is emptied before the first remount."""
    done = []

    def empty(bench):
        if not done:
            done.append(bench)
            folder = f"{bench.mountpoint}/remount"
            sh(bench.guest, f"find {folder} -type f -size +0 | head -n 1 | xargs truncate -s 0")

    planter.before(lifecycle_power, "_remount", empty)


def killed_before_switch(planter):
    def look(guest, _module, function, *_):
        if function == "switch":
            planter.kill_load(guest)

    planter.before(Guest, "call", look)


def changed_time(planter):
    def touch(bench, _):
        sh(bench.guest, f"touch -d @0 {bench.mountpoint}/clock_before")

    planter.before(lifecycle_power, "_compare_times", touch)


def other_disk(planter):
    """What is plugged again is an empty disk."""

    def exchange(_guest, disk):
        disks.create_image(replace(disk, old_data_mib=0), disk.path.parent)

    planter.before(hotplug, "plug_disk_again", exchange)


def no_growth(planter):
    planter.instead_of(Filesystem, "grow", lambda *_: None)


def lying_disk(planter):
    """A disk that acknowledges every write, from shortly before the reset on, and drops it."""

    def prepare(bench):
        bench.make()
        table = f"0 $(blockdev --getsz {bench.device}) linear {bench.device} 0"
        sh(bench.guest, f'dmsetup create lying --table "{table}"')
        bench.device = "/dev/mapper/lying"
        bench.mount()
        return True

    def begin_to_lie(guest):
        device = guest.disk_path("test")
        table = f"0 $(blockdev --getsz {device}) flakey {device} 0 0 3600 1 drop_writes"
        sh(
            guest,
            f'dmsetup load lying --table "{table}"; dmsetup suspend lying; dmsetup resume lying',
        )
        time.sleep(LYING_S)

    planter.instead_of(lifecycle, "_prepare", prepare)
    planter.before(power, "reset", begin_to_lie)


def damage(planter):
    def wipe(guest):
        sh(guest, f"dd if=/dev/zero of={guest.disk_path('test')} bs=4096 count=64 conv=fsync")

    planter.before(power, "reboot", wipe)


def no_unmount(planter):
    planter.instead_of(lifecycle_power, "expand", lambda *_: ["false"])


def no_way_back(planter):
    planter.instead_of(internal_snapshot, "load", lambda *_: None)


def stale_disk(planter):
    """The second machine gets a copy of the image that is some seconds old."""

    def copy(guest):
        disk = guest.disks["test"]
        guest.disks["test"] = replace(disk, path=disk.path.with_name("stale.qcow2"))
        shutil.copyfile(disk.path, guest.disks["test"].path)
        time.sleep(LYING_S)

    planter.before(lifecycle_state, "move", copy)


def disk_stays(planter):
    planter.instead_of(hotplug, "unplug_disk", lambda guest, name: guest.disks[name])
    planter.instead_of(hotplug, "plug_disk_again", lambda guest, disk: guest.disk_path(disk.name))


LOST_DATA = "acknowledged data are lost or wrong after"
PLANTED = {
    "remount": (emptied_file, f"{LOST_DATA} remount"),
    "pause": (killed_load(power, "paused"), "a load that was paused does not go on"),
    "clock_jump": (changed_time, "the time of a file differs after the clock has jumped"),
    "unplug": (other_disk, "ext4: mount failed"),
    "grow": (no_growth, "the filesystem has not grown with its disk"),
    "reset": (lying_disk, f"{LOST_DATA} reset"),
    "reboot": (damage, "ext4: mount failed"),
    "power_down": (no_unmount, "the guest does not power down"),
    "snapshot": (
        no_way_back,
        "a file made after the snapshot is there when the guest has gone back",
    ),
    "migration": (stale_disk, f"{LOST_DATA} migration"),
    "removal": (disk_stays, "processes that write go on, or hang, when the disk is gone"),
    "cpu_hotplug": (killed_before_switch, "a load that has lost its processor does not go on"),
    "balloon": (
        killed_load(hotplug, "set_balloon"),
        "a load that has 256 MiB of memory does not go on",
    ),
}
"""Event -> the fault that is planted, and the title of the finding that it must give."""

TOGETHER = (
    ("remount", "pause", "clock_jump", "unplug", "grow"),
    ("reset", "reboot", "power_down"),
    ("snapshot", "migration", "removal"),
    ("cpu_hotplug", "balloon"),
)


def test_every_event_has_a_fault():
    assert tuple(PLANTED) == lifecycle.NAMES
    assert sum(TOGETHER, ()) == lifecycle.NAMES


@pytest.mark.parametrize("events", TOGETHER, ids=lambda events: events[0])
def test_each_fault_is_found(perform, monkeypatch, events):
    planter = Planter(monkeypatch, [])
    planter.before(Load, "start", planter.loads.append)
    monkeypatch.setattr(load, "PROGRESS_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr(lifecycle_power, "POWER_DOWN_TIMEOUT_S", PATIENCE_S)
    for event in events:
        PLANTED[event][0](planter)
    outcome = perform(lifecycle.run, events=" ".join(events))
    assert outcome.record.status == "FAIL", outcome.record.reason
    found = [finding.title for finding in outcome.record.findings if not finding.expected]
    wanted = [PLANTED[event][1] for event in events]
    assert set(wanted) <= set(found), found
