"""Runs in the guest: how fast names are made, looked up, renamed and removed."""

import os
import time

from checking import check

SAMPLES = 7
FILES = 60
OPERATIONS_A_FILE = 5  # create, close, stat, rename, unlink


@check
def metadata_rate(case):
    """Metric metadata_operations_per_sec: a sample is 60 files made, looked up, renamed, removed.

    One warm-up round is not counted. Nothing is synced: this is the cost of the calls.
    """
    paths = [(case.path(f"file{number}"), case.path(f"moved{number}")) for number in range(FILES)]
    samples = [_sample(paths) for _ in range(SAMPLES + 1)][1:]
    case.metric("metadata_operations_per_sec", "1/s", "higher", samples)
    case.equal("names left", expected=[], actual=os.listdir(case.folder))


def _sample(paths):
    started = time.perf_counter()
    for path, _ in paths:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    for path, moved in paths:
        os.lstat(path)
        os.rename(path, moved)
    for _, moved in paths:
        os.unlink(moved)
    return len(paths) * OPERATIONS_A_FILE / (time.perf_counter() - started)
