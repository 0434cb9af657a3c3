"""Runs in the guest: loads of many names and many small files, for the benchmarks.

A load returns its ``rate``, what is ``wrong`` in sentences, and the ``error`` that ended it, or "".
It does not need a folder to hold more than 200 names: small filesystems are measured, too.
"""

import errno
import functools
import os
import time

from checking import pattern, read_file, write_file
from syscalls import syncfs

NAMES = 200
CALLS_A_NAME = 5  # create, close, stat, rename, unlink
SMALL_FILES = 200
SMALL_BYTES = 3000
CALLS_A_FILE = 3  # write, read, unlink; each with its open and close


def load(function):
    """Make a function on a folder, which returns rate and wrongs, callable from the host."""

    @functools.wraps(function)
    def run(folder):
        try:
            os.mkdir(folder)
            rate, wrong = function(folder)
            if not wrong:
                os.rmdir(folder)
        except OSError as error:
            name = errno.errorcode.get(error.errno, str(error.errno))
            return {"rate": 0.0, "wrong": [], "error": name, "message": str(error)}
        return {"rate": rate, "wrong": sorted(wrong), "error": "", "message": ""}

    return run


@load
def names(folder):
    """Calls a second on names alone, by one process and without a sync."""
    paths = [(f"{folder}/name{number}", f"{folder}/moved{number}") for number in range(NAMES)]
    started = time.perf_counter()
    for path, _ in paths:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    for path, moved in paths:
        os.lstat(path)
        os.rename(path, moved)
    listed = os.listdir(folder)
    for _, moved in paths:
        os.unlink(moved)
    seconds = time.perf_counter() - started
    wanted = {os.path.basename(moved) for _, moved in paths}
    wrong = [f"{name}: not listed after its rename" for name in wanted.difference(listed)]
    wrong += [f"{name}: listed, but never made" for name in set(listed).difference(wanted)]
    wrong += [f"{name}: left after its unlink" for name in os.listdir(folder)]
    return NAMES * CALLS_A_NAME / seconds, wrong


@load
def small_files(folder):
    """Files a second times three: written and synced all together, read, removed."""
    paths = [f"{folder}/small{number}" for number in range(SMALL_FILES)]
    contents = [pattern(SMALL_BYTES, seed) for seed in range(SMALL_FILES)]
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    started = time.perf_counter()
    for path, content in zip(paths, contents, strict=True):
        write_file(path, content)
    syncfs(descriptor)
    found = [read_file(path) for path in paths]
    for path in paths:
        os.unlink(path)
    seconds = time.perf_counter() - started
    os.close(descriptor)
    pairs = enumerate(zip(contents, found, strict=True))
    wrong = [f"small{number}: other bytes than written" for number, (a, b) in pairs if a != b]
    return SMALL_FILES * CALLS_A_FILE / seconds, wrong
