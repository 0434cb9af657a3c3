"""How a machine is paused, reset, rebooted and switched off while its guest runs."""

import contextlib
from collections.abc import Callable, Iterator

from vexfs_provider.deadline import Deadline
from vexfs_provider.errors import GuestDied
from vexfs_provider.guest.command_line import AGENT_PORT
from vexfs_provider.guest.guest import Guest
from vexfs_provider.guest.machine import State

REBOOT_TIMEOUT_S = 300.0
REBOOT_COMMAND = ("/run/vexfs/busybox", "reboot", "-f")


@contextlib.contextmanager
def paused(guest: Guest) -> Iterator[None]:
    """The machine's processors stand still within it."""
    guest.machine.qmp.execute("stop")
    try:
        yield
    finally:
        guest.machine.qmp.execute("cont")


def reset(guest: Guest) -> None:
    """Press the reset button: nothing is written back, and the guest boots again.

    For a guest that was started to reboot (``GuestSpec.reboots``); any other one would find no
    kernel. Raises ``DeadlineExpired`` if it does not come back, and ``GuestDied``.
    """
    _boot_again(guest, lambda: guest.machine.qmp.execute("system_reset"))


def reboot(guest: Guest) -> None:
    """Have the kernel shut its devices down and reboot; see ``reset``. What is mounted stays so."""
    deadline = Deadline(REBOOT_TIMEOUT_S, "the request to reboot")
    _boot_again(
        guest,
        # It ends before the command could be answered.
        lambda: guest.machine.agent.submit("run", deadline, argv=REBOOT_COMMAND, env={}),
    )


def _boot_again(guest: Guest, trigger: Callable[[], object]) -> None:
    machine = guest.machine
    deadline = Deadline(REBOOT_TIMEOUT_S, "the guest's reboot")
    start = len(machine.qmp.events)
    machine.qmp.execute("set-action", reboot="reset")
    try:
        trigger()
        machine.wait_event("RESET", deadline, start=start)
        while True:
            event = machine.wait_event("VSERPORT_CHANGE", deadline, start=start)
            start = machine.qmp.events.index(event, start) + 1
            if event["data"] == {"id": AGENT_PORT, "open": True}:
                break
    finally:
        if machine.state() is not State.QEMU_EXITED:
            machine.qmp.execute("set-action", reboot="shutdown")
    guest.booted_again(deadline)


def cut(guest: Guest) -> None:
    """Pull the plug: QEMU gets a SIGKILL, whatever the guest is doing.

    The guest's memory is gone, and what QEMU had not yet asked the host to write. What it had is in
    the image whatever the cache mode: the host goes on, its page cache with it.
    """
    guest.close()


def press_power_button(guest: Guest, timeout_s: float) -> None:
    """Ask for a power-down by ACPI, and wait until the machine is off.

    Something in the guest must listen. Raises ``DeadlineExpired``, and ``GuestDied`` if the machine
    ends in another way.
    """
    deadline = Deadline(timeout_s, "the power-down that the power button asks for")
    guest.machine.qmp.execute("system_powerdown")
    state = guest.machine.wait_end(deadline)
    if state is not State.POWERED_OFF:
        raise GuestDied(f"the guest did not power off: {state.value}", state.value)
    guest.machine.qmp.execute("query-status")  # answered when the disks have all that was written
