"""How many lists of operations are tried in a second, each in a fresh guest, to reduce one."""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.rows import RUNS, Row
from vexfs_provider.ops.generate import random_list
from vexfs_provider.ops.operations import Operation
from vexfs_provider.ops.text import OpsFile
from vexfs_provider.progress import SILENT, Progress
from vexfs_provider.runner.job import Host, Job
from vexfs_provider.runner.reduction import WORKERS, try_list
from vexfs_provider.runner.replay import choose, config_for
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

FACTS = {"filesystem": "ext4", "reference": "xfs", "kernel": "6.1"}
LENGTH = 20
TRIES = 4 * WORKERS


def measure(progress: Progress) -> list[Row]:
    """The row of this group: on ext4 beside XFS, which both must be made for each try."""
    lists = [random_list(seed, LENGTH).operations for seed in range(TRIES)]
    choice = choose(OpsFile((), FACTS), dict.fromkeys(FACTS))
    host = Host(Settings(), Store(), SILENT)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        job = Job(lambda bench: None, {}, config_for(choice), Path(folder))

        def one(operations: tuple[Operation, ...]) -> None:
            try_list(job, operations, choice.references, host)

        one(lists[0])  # what has to be built is built
        rates = []
        with progress.task(f"{TRIES} lists in fresh guests, {RUNS} runs"):
            for _ in range(RUNS):
                started = time.monotonic()
                list(pool.map(one, lists))
                rates.append(TRIES / (time.monotonic() - started))
    return [Row("reduction_tries_per_s", statistics.median(rates), "1/s")]
