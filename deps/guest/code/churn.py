"""Runs in the guest: a process that changes a folder all the time and never waits for the disk.

What it does is lost when the power is cut, whole or in part, and no harm: it keeps the filesystem
from being quiet. A call that fails for a reason of the disk's is told to the flight recorder as a
writer's is (``error NUMBER``, see ``write_load``).
"""

import errno
import os
import random
import signal

from flight import Flight

NAMES = 48
FIRST_DESCRIPTOR, LAST_DESCRIPTOR = 3, 1024
# The names are chosen by chance: what is there is made again, what is not is removed.
HARMLESS = (errno.ENOENT, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.EINVAL)


def start(folder, number, seed, most_bytes):
    """Start it in a new folder; its failures are those of writer ``number``. Its process id.

    No file of its is larger than ``most_bytes``.
    """
    os.mkdir(folder)
    pid = os.fork()
    if pid == 0:
        run(folder, number, seed, most_bytes)
    return pid


def run(folder, number, seed, most_bytes):
    """Its life; never returns."""
    try:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.chdir("/")
        os.closerange(FIRST_DESCRIPTOR, LAST_DESCRIPTOR)
        flight, chance = Flight(), random.Random(seed)
        while True:
            act = chance.choice(ACTS)
            try:
                act(folder, chance, most_bytes)
            except OSError as error:
                if error.errno not in HARMLESS:
                    name = errno.errorcode.get(error.errno, error.errno)
                    flight.tell(f"error {number} {act.__name__}: {name}")
                    return
    finally:
        os._exit(0)


def name_in(folder, chance):
    return os.path.join(folder, f"n{chance.randrange(NAMES)}")


def write(folder, chance, most_bytes):
    data = chance.randbytes(chance.randrange(1, most_bytes // 4))
    with open(name_in(folder, chance), "ab") as file:
        file.write(data[: most_bytes - file.tell()])


def truncate(folder, chance, most_bytes):
    os.truncate(name_in(folder, chance), chance.randrange(most_bytes))


def rename(folder, chance, _):
    os.rename(name_in(folder, chance), name_in(folder, chance))


def unlink(folder, chance, _):
    os.unlink(name_in(folder, chance))


def make_folder(folder, chance, _):
    os.mkdir(name_in(folder, chance))


def remove_folder(folder, chance, _):
    os.rmdir(name_in(folder, chance))


ACTS = (write, write, write, truncate, rename, rename, unlink, make_folder, remove_folder)
