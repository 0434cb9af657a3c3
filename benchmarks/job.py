"""How long whole jobs take: one small test, and all of level 1 on one filesystem."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.rows import RUNS, Row, in_turn
from benchmarks.timed import run_timed
from vexfs_provider.errors import InfrastructureError
from vexfs_provider.progress import Progress

TEST = "vexfs.level1.mount_cycle.on_ext4"
TIMEOUT_S = 600
STOCK_S = 76.0  # not measured here: boot and login of a Debian guest with systemd, TCG, 2 cores


def measure(progress: Progress) -> list[Row]:
    """The row of one small test. Raises ``InfrastructureError`` if the tests are not registered."""
    words = (TEST, "--vt-extra-params", "mount_cycles=1")
    run_job(*words)  # makes the snapshot if need be, and brings its files into the host's memory
    with progress.task(f"a whole job with one small test, {RUNS} runs"):
        [value] = in_turn(lambda: run_job(*words))
    return [
        Row(
            "trivial_job_s",
            value,
            "s",
            reference="stock Avocado-VT with a Debian guest, documented, not measured here",
            reference_value=STOCK_S,
            at_most=5,
        )
    ]


def measure_level1(progress: Progress) -> list[Row]:
    """The row of level 1 on ext4, from one run: it is long enough."""
    with progress.task("level 1 on ext4"):
        value = run_job("vexfs.level1", "--vt-only-filter", "on_ext4")
    return [Row("level1_ext4_s", value, "s", at_most=90)]


def run_job(*words: str) -> float:
    """Seconds of the job ``avocado run WORDS``, all of whose tests must pass."""
    seconds, _ = run_job_for_records(*words)
    return seconds


def run_job_for_records(*words: str) -> tuple[float, list[Mapping[str, Any]]]:
    """Seconds of the job ``avocado run WORDS``, and the records of its tests, which must pass."""
    if shutil.which("avocado") is None:
        raise InfrastructureError("avocado is not in PATH; run: make setup")
    with tempfile.TemporaryDirectory() as results:
        command = ["avocado", "run", "--vt-type", "qemu", *words, "--job-results-dir", results]
        done = run_timed(command, TIMEOUT_S)
        summary = Path(results) / "latest" / "results.json"
        counts = json.loads(summary.read_text()) if summary.is_file() else {"pass": 0, "total": 0}
        records = [json.loads(test["whiteboard"]) for test in counts.get("tests", ())]
    if counts["pass"] == 0 or counts["pass"] != counts["total"]:
        said = done.output.strip()[-2000:]
        raise InfrastructureError(f"{' '.join(command)} did not pass; it said:\n{said}")
    return done.seconds, records
