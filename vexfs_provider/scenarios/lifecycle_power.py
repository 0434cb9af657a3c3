"""Events of a machine's life: it stands still, its clock jumps, it is reset or switched off."""

import time
from typing import Any

from vexfs_provider.errors import DeadlineExpired, InfrastructureError
from vexfs_provider.filesystems.profile import expand
from vexfs_provider.guest import power
from vexfs_provider.scenarios.bench import Bench
from vexfs_provider.scenarios.load import Load

CALL_TIMEOUT_S = 60.0
STILL_S = 1.0
POWER_DOWN_TIMEOUT_S = 90.0
DAY_S = 86_400
JUMPS_DAYS = (400, -800)
TOLERANCE_S = 2.0  # the coarsest times that a filesystem keeps are of two seconds


def remount(bench: Bench, load: Load) -> None:
    """Nothing happens to the machine: what is lost now is lost by other events as well."""
    load.wait_for_progress("is left alone")
    load.stop()
    _remount(bench)


def pause(bench: Bench, load: Load) -> None:
    """The machine stands still for a while."""
    with power.paused(bench.guest):
        before = load.acknowledged()
        time.sleep(STILL_S)
        if load.acknowledged() != before:
            raise InfrastructureError("QEMU has paused the guest, but its processes go on")
    load.wait_for_progress("was paused")


def clock_jump(bench: Bench, load: Load) -> None:
    """The guest's clock is set far into the future, then far into the past.

    New files get the new time and old ones keep theirs, after a remount too.
    """
    bench.guest.load_code("clock_jump")
    times = {"before": _stamp(bench, "before")}
    for days in JUMPS_DAYS:
        _jump(bench, days)
        name = f"after_{'minus_' if days < 0 else ''}{abs(days)}"
        times[name] = _stamp(bench, name)
        load.wait_for_progress(f"sees the clock jump by {days} days")
    load.stop()
    _remount(bench)
    _compare_times(bench, times)
    _jump(bench, -sum(JUMPS_DAYS))
    _remount(bench)  # so that no time in its superblock lies in the future
    _compare_times(bench, times)


def _jump(bench: Bench, days: int) -> None:
    bench.guest.call("clock_jump", "jump", CALL_TIMEOUT_S, seconds=days * DAY_S)


def _stamp(bench: Bench, name: str) -> float:
    """The time that a new file gets, in seconds since the epoch; a wrong one is a finding."""
    path = f"{bench.mountpoint}/clock_{name}"
    stamp: dict[str, Any] = bench.guest.call("clock_jump", "stamp", CALL_TIMEOUT_S, path=path)
    earliest, latest = stamp["before"] - TOLERANCE_S, stamp["after"] + TOLERANCE_S
    if not earliest <= stamp["mtime"] <= latest:
        bench.fail(
            "a new file has not the time of the clock",
            kind="check-failed",
            operation=f"make a file, {name.replace('_', ' ')}",
            expected=f"an mtime from {earliest} to {latest}",
            actual=str(stamp["mtime"]),
        )
    return stamp["mtime"]


def _compare_times(bench: Bench, times: dict[str, float]) -> None:
    for name, expected in times.items():
        path = f"{bench.mountpoint}/clock_{name}"
        actual = bench.guest.call("clock_jump", "mtime", CALL_TIMEOUT_S, path=path)
        if abs(actual - expected) > TOLERANCE_S:
            bench.fail(
                "the time of a file differs after the clock has jumped",
                kind="check-failed",
                operation=f"remount, and look at the file made {name.replace('_', ' ')}",
                expected=f"mtime {expected}",
                actual=f"mtime {actual}",
            )


def _remount(bench: Bench) -> None:
    bench.unmount()
    bench.mount()


def reset(bench: Bench, load: Load) -> None:
    """The reset button, with nothing written back; the next mount has to recover."""
    with bench.transition(boots=True):
        power.reset(bench.guest)
    load.lost()
    bench.mount()


def reboot(bench: Bench, load: Load) -> None:
    """A reboot in good order, with the filesystem unmounted before."""
    load.stop()
    bench.unmount()
    with bench.transition(boots=True):
        power.reboot(bench.guest)
    bench.mount()


def power_down(bench: Bench, load: Load) -> None:
    """The power button: the guest ends its load, unmounts and powers off.

    What it leaves is a filesystem that needs no recovery, and that a fresh machine mounts.
    """
    guest = bench.guest
    guest.load_code("power_button")
    for module in ("evdev", "button"):
        guest.run(["modprobe", "-q", module], timeout_s=CALL_TIMEOUT_S)
    unmount = expand(bench.profile.unmount, {"mountpoint": bench.mountpoint})
    guest.call("power_button", "listen", CALL_TIMEOUT_S, unmount=unmount)
    bench.restart(lambda: _press(bench, load))
    load.lost()
    bench.finish()
    bench.mount()


def _press(bench: Bench, load: Load) -> None:
    try:
        power.press_power_button(bench.guest, POWER_DOWN_TIMEOUT_S)
    except DeadlineExpired:
        said = bench.guest.call("power_button", "said", CALL_TIMEOUT_S)
        bench.fail(
            "the guest does not power down",
            kind="power-down-failed",
            operation="power button: end the load, unmount, power off",
            expected=f"the machine is off within {POWER_DOWN_TIMEOUT_S:g} s",
            actual=said or "nothing was done",
        )
        bench.guest.power_off()
    load.remember()
