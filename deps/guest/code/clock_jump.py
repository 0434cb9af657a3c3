"""Runs in the guest: sets its clock, and looks at the times of files."""

import os
import time


def jump(seconds):
    """Set the clock so much forward, or back if negative."""
    time.clock_settime_ns(time.CLOCK_REALTIME, time.time_ns() + seconds * 10**9)


def stamp(path):
    """Make a file; when, by the clock, and the time that it has got (seconds since the epoch)."""
    before = time.time()
    with open(path, "xb") as file:
        file.write(b"stamped")
        file.flush()
        os.fsync(file.fileno())
    return {"before": before, "mtime": mtime(path), "after": time.time()}


def mtime(path):
    return os.stat(path).st_mtime
