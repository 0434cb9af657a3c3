"""Runs in the guest: how fast files are written and read."""

import os
import time

from basic_io_model import MOST_BYTES
from checking import check, pattern, write_file
from syscalls import syncfs

MEASURED_FILES = 32
THROUGHPUT_SAMPLES = 5


@check
def throughput(case):
    """Megabytes (10^6 bytes) a second: write new files, syncfs, drop their cache, read them."""
    data, samples = pattern(MOST_BYTES), []
    paths = [case.path(f"file {number}") for number in range(MEASURED_FILES)]
    folder = os.open(case.folder, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(THROUGHPUT_SAMPLES):
        start = time.perf_counter()
        for path in paths:
            write_file(path, data)
        syncfs(folder)
        contents = [read_anew(path) for path in paths]
        seconds = time.perf_counter() - start
        samples.append(2 * len(paths) * len(data) / 1e6 / seconds)
        for path, content in zip(paths, contents, strict=True):
            case.equal("content of a measured file", expected=data, actual=content)
            os.unlink(path)
    os.close(folder)
    case.metric("basic_io_throughput_mbps", "MB/s", "higher", samples)


def read_anew(path):
    """The content of a file that is written back, read from the device."""
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    with open(descriptor, "rb") as file:
        return file.read()
