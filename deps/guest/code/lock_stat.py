"""The kernel's own statistics of locks (Documentation/locking/lockstat.rst), where it has them."""

import os

STATISTICS, SWITCH = "/proc/lock_stat", "/proc/sys/kernel/lock_stat"


def start():
    """Begin with empty ones; whether the kernel has them."""
    if not os.path.exists(STATISTICS):
        return False
    write_text(STATISTICS, "0")
    write_text(SWITCH, "1")
    return True


def stop():
    """End it; the kernel's table."""
    write_text(SWITCH, "0")
    with open(STATISTICS) as file:
        return file.read()


def write_text(path, text):
    with open(path, "w") as file:
        file.write(text)
