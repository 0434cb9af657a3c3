"""Runs in the guest: what is done with a filesystem whose disk grows or vanishes."""

import errno
import fcntl
import os
import struct
import time

BLKGETSIZE64 = 0x80081272  # linux/fs.h
SIZE_TIMEOUT_S = 20.0
COLD = "cold"
COLD_BYTES = 32 << 10  # more than an inode holds, no more than direct blocks do


def prepare(folder):
    """Leave a file on the disk of which nothing is cached."""
    with open(os.path.join(folder, COLD), "wb") as file:
        file.write(os.urandom(COLD_BYTES))
        file.flush()
        os.fsync(file.fileno())
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")


def use(folder):
    """Use the filesystem: what was done -> the error's name, or ``success``."""
    return {
        "read what is not cached": outcome(read_cold, folder),
        "write and fsync": outcome(write_new, folder),
    }


def outcome(action, folder):
    try:
        action(folder)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "success"


def read_cold(folder):
    with open(os.path.join(folder, COLD), "rb") as file:
        file.read()


def write_new(folder):
    with open(os.path.join(folder, "new"), "wb") as file:
        file.write(b"written to nowhere")
        file.flush()
        os.fsync(file.fileno())


def wait_for_size(path, size):
    """Wait until a disk has the size (bytes), or for a while; the size that it has."""
    rescan = f"/sys/block/{os.path.basename(path)}/device/rescan"
    if os.path.exists(rescan):  # a SCSI disk is looked at when it is asked for
        with open(rescan, "w") as file:
            file.write("1")
    end = time.monotonic() + SIZE_TIMEOUT_S
    while (found := size_of(path)) != size and time.monotonic() < end:
        time.sleep(0.01)
    return found


def size_of(path):
    with open(path, "rb") as device:
        return struct.unpack("Q", fcntl.ioctl(device, BLKGETSIZE64, bytes(8)))[0]


def capacity(folder):
    """The bytes of all blocks that statfs(2) tells of."""
    status = os.statvfs(folder)
    return status.f_blocks * status.f_frsize
