"""What comes after the tests: the speed of the history."""

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.rows import Row
from results_parsers.demo import make_demo
from results_parsers.history import ingest, open_history
from results_parsers.reader import JSON, read_job
from vexfs_provider.progress import Progress

JOBS = 10_000  # all of one file
MORE = 25
SEED = 1
LAST = date(2026, 1, 1)


def measure(progress: Progress) -> list[Row]:
    """The rows of this group."""
    return measure_history(progress)


def measure_history(progress: Progress) -> list[Row]:
    """Many jobs of 15 tests each into a new history, and then one more, with synthetic jobs."""
    with tempfile.TemporaryDirectory(prefix="vexfs-bench-") as name:
        folder = Path(name)
        with progress.task(f"writing {JOBS} synthetic jobs"):
            jobs = list(make_demo(folder / "jobs", JOBS + 1, SEED, LAST))
            size = sum((job / JSON).stat().st_size for job in jobs)
            more = list(make_demo(folder / "more", MORE, SEED + 1, LAST))
        database = folder / "history.sqlite"
        with progress.task(f"ingesting {JOBS} jobs"):
            command = [sys.executable, "-m", "results_parsers.command", "ingest", "--db"]
            start = time.perf_counter()
            subprocess.run(
                [*command, str(database), str(folder / "jobs")],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            whole = time.perf_counter() - start
        times = []
        with open_history(database) as history:
            for path in more:
                start = time.perf_counter()
                ingest(history, read_job(path))
                times.append((time.perf_counter() - start) * 1000)
    return [
        Row("history_ingest_10000_jobs_s", whole, "s", at_most=40),
        Row("history_ingest_mib", size / (1 << 20), "MiB"),
        Row("history_ingest_one_more_ms", statistics.median(times), "ms", at_most=5),
    ]
