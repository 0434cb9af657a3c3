"""Runs in the guest: takes processors into use that were plugged while it runs."""

import contextlib
import glob
import os
import re
import time

TIMEOUT_S = 20.0


def bring_up():
    """Wait for a processor that is offline, and put it online; its number."""
    end = time.monotonic() + TIMEOUT_S
    while not (found := offline()):
        if time.monotonic() > end:
            raise TimeoutError("no new processor has come")
        time.sleep(0.01)
    switch(found[0], True)
    return found[0]


def switch(processor, on):
    """Put a processor online or offline."""
    with open(f"/sys/devices/system/cpu/cpu{processor}/online", "w") as file:
        file.write("1" if on else "0")


def offline():
    """The numbers of the processors that are there and offline."""
    found = []
    for path in sorted(glob.glob("/sys/devices/system/cpu/cpu*/online")):
        with open(path) as file:
            if file.read().strip() == "0":
                found.append(int(re.search(r"cpu(\d+)/", path)[1]))
    return found


def pin(pids, processor):
    """Let processes run on one processor only; those that have ended are passed over."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(pid, {processor})
