"""Runs in the guest: processes that write and fsync, and tell the host what is safe.

Each works in its own folder. What it acknowledges to the flight recorder (``ack WRITER NUMBER``)
was fsynced, its name with it. It ends when it is told to, or when a call fails (``error WRITER``).

Writers with even numbers make a new file of each record, those with odd ones append it to a file.
Records older than the last ``KEPT`` or so are removed again, so that a long load fills no disk.
"""

import ctypes
import errno
import os
import signal
import time

from content import expected, first_difference
from flight import Flight
from tree import drop_caches

RECORD_BYTES = 3 * 4096 + 123  # a tail that ends within a block
KEPT = 100
PAUSE_S = 0.01
STOP = "/run/vexfs/load.stop"
TELL_TIMEOUT_S = 30.0
MCL_CURRENT, MCL_FUTURE = 1, 2
FIRST_DESCRIPTOR, LAST_DESCRIPTOR = 3, 1024


def start(folder, writers, volumes, pinned):
    """Start the writers in a new folder; returns their process ids.

    Without ``volumes`` all make new files: a file of many records is too large for the filesystem.
    Those that are ``pinned`` have all their memory from the beginning on.
    """
    if os.path.exists(STOP):
        os.unlink(STOP)
    os.mkdir(folder)
    pids = []
    for number in range(writers):
        os.mkdir(own_folder(folder, number))
    synchronise(folder)
    synchronise(os.path.dirname(folder))
    for number in range(writers):
        pid = os.fork()
        if pid == 0:
            run(folder, number, append if volumes and number % 2 else create, pinned)
        pids.append(pid)
    return pids


def stop(pids, seconds):
    """Have the writers end; returns those that are still there when the time is over."""
    with open(STOP, "w"):
        pass
    end = time.monotonic() + seconds
    while (left := alive(pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return left


def alive(pids):
    """Those of the processes that have not ended."""
    return [pid for pid in pids if state(pid) not in ("", "Z", "X")]


def state(pid):
    """The state of a process as the kernel has it; empty if there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def run(folder, number, write, pinned):
    """The life of a writer; never returns."""
    try:
        if pinned:
            pin()
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.chdir("/")
        os.closerange(FIRST_DESCRIPTOR, LAST_DESCRIPTOR)
        flight = Flight()
        place, record = own_folder(folder, number), 0
        try:
            while not os.path.exists(STOP):
                write(place, number, record)
                flight.tell(f"ack {number} {record}")
                record += 1
                time.sleep(PAUSE_S)
        except OSError as error:
            tell_anyhow(flight, f"error {number} record {record}: {name_of(error)}")
        except MemoryError:
            tell_anyhow(flight, f"error {number} record {record}: ENOMEM")
    finally:
        os._exit(0)


def pin():
    """Have all memory of this process, and what it will ask for, there when it asks (mlockall)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE) != 0:
        raise OSError(ctypes.get_errno(), "mlockall")


def tell_anyhow(flight, line):
    """What made a call fail may make this one fail as well, for a while."""
    end = time.monotonic() + TELL_TIMEOUT_S
    while time.monotonic() < end:
        try:
            flight.tell(line)
        except (OSError, MemoryError):
            time.sleep(PAUSE_S)
        else:
            return


def name_of(error):
    return errno.errorcode.get(error.errno, error.errno)


def own_folder(folder, number):
    return os.path.join(folder, f"writer_{number}")


def content(number, record):
    return expected(number * 1_000_000 + record, RECORD_BYTES)


def create(folder, number, record):
    """A new file of the record, after an old one was removed."""
    if record >= KEPT:
        os.unlink(os.path.join(folder, f"record_{record - KEPT}"))
    path = os.path.join(folder, f"record_{record}")
    write_through(path, os.O_CREAT | os.O_EXCL, content(number, record))
    synchronise(folder)


def append(folder, number, record):
    """The record at the end of a file; a new one after each ``KEPT`` records."""
    volume = record // KEPT
    path = os.path.join(folder, f"volume_{volume}")
    if record % KEPT == 0 and volume >= 2:
        os.unlink(os.path.join(folder, f"volume_{volume - 2}"))
    write_through(path, os.O_CREAT | os.O_APPEND, content(number, record))
    if record % KEPT == 0:
        synchronise(folder)


def write_through(path, flags, data):
    descriptor = os.open(path, os.O_WRONLY | flags, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def synchronise(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def compare(folder, acknowledged, volumes):
    """What is not there as it was acknowledged: lists of writer, record and what is wrong.

    ``acknowledged`` has, for each writer that has got so far, the number of its last record;
    ``volumes`` is what ``start`` was given. What is compared is what the disk has, not a cache.
    """
    drop_caches()
    wrong = []
    for name, last in acknowledged.items():
        number = int(name)
        look = compare_volumes if volumes and number % 2 else compare_records
        wrong += look(own_folder(folder, number), number, last)
    return wrong


def compare_records(folder, number, last):
    """Of the records that may have been removed, the oldest may be missing or not."""
    wrong = []
    for record in range(max(0, last - KEPT + 2), last + 1):
        path = os.path.join(folder, f"record_{record}")
        found = difference(path, 0, content(number, record), whole=True)
        if found:
            wrong.append([number, record, found])
    return wrong


def compare_volumes(folder, number, last):
    """All records of the volume in which the last one is."""
    wrong = []
    first = last - last % KEPT
    path = os.path.join(folder, f"volume_{last // KEPT}")
    for record in range(first, last + 1):
        offset = (record - first) * RECORD_BYTES
        found = difference(path, offset, content(number, record), whole=False)
        if found:
            wrong.append([number, record, found])
    return wrong


def difference(path, offset, wanted, *, whole):
    """What is wrong with a file's bytes from ``offset`` on, which end it if it is ``whole``.

    Nothing if all is right.
    """
    name = "/".join(path.split("/")[-2:])
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            actual = file.read(-1 if whole else len(wanted))
    except OSError as error:
        return f"{name}: {name_of(error)}"
    found = first_difference(wanted, actual)
    return f"{name}, from byte {offset} on: {found}" if found else ""
