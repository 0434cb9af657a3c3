"""Runs in the guest: what is done when the power button is pressed, as acpid would."""

import contextlib
import ctypes
import glob
import os
import select
import struct
import subprocess
import time

import write_load

LOG = "/run/vexfs/power_button.log"
EVENT = struct.Struct("llHHi")  # struct input_event of linux/input.h
EV_KEY, KEY_POWER, PRESSED = 1, 116, 1  # linux/input-event-codes.h
POWER_OFF = 0x4321FEDC  # LINUX_REBOOT_CMD_POWER_OFF of linux/reboot.h
FIND_TIMEOUT_S = 10.0


def listen(unmount):
    """Have a process wait for the button: it ends the load, runs ``unmount`` and powers off."""
    poll = select.poll()
    for path in find_buttons():  # here, for nobody keeps a press that comes before
        poll.register(os.open(path, os.O_RDONLY), select.POLLIN)
    if os.fork() == 0:
        run(poll, unmount)


def find_buttons():
    """The devices of the power buttons. Raises ``TimeoutError`` if there is none."""
    end = time.monotonic() + FIND_TIMEOUT_S
    while time.monotonic() < end:
        found = []
        for name in glob.glob("/sys/class/input/event*/device/name"):
            with open(name) as file:
                if file.read().strip() == "Power Button":
                    found.append(f"/dev/input/{name.split('/')[4]}")
        if found and all(os.path.exists(path) for path in found):
            return found
        time.sleep(0.01)
    raise TimeoutError("the kernel has no power button")


def run(poll, unmount):
    """The life of the listener; never returns."""
    try:
        os.setsid()
        os.chdir("/")
        wait_for_press(poll)
        power_down(unmount)
    finally:
        os._exit(0)


def wait_for_press(poll):
    while True:
        for descriptor, _ in poll.poll():
            *_, kind, code, value = EVENT.unpack(os.read(descriptor, EVENT.size))
            if (kind, code, value) == (EV_KEY, KEY_POWER, PRESSED):
                return


def power_down(unmount):
    with open(write_load.STOP, "w"):
        pass
    log("the button was pressed; waiting for the load")
    end = time.monotonic() + write_load.END_TIMEOUT_S
    while True:
        done = subprocess.run(unmount, capture_output=True, text=True, check=False)
        log(f"{' '.join(unmount)}: status {done.returncode} {done.stderr}")
        if done.returncode == 0:
            break
        if time.monotonic() > end:
            return
        time.sleep(0.1)  # the writers still have their files open
    ctypes.CDLL(None).reboot(POWER_OFF)


def log(line):
    with open(LOG, "a") as file:
        file.write(line.strip() + "\n")


def said():
    """What the listener has done so far, in words."""
    with contextlib.suppress(FileNotFoundError), open(LOG) as file:
        return file.read().strip()
    return ""
