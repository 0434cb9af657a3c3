"""How fast the crash detector reads logs, and how well, where the labelled corpus is at hand."""

import contextlib
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.rows import Row, in_turn
from vexfs_provider.detection import command
from vexfs_provider.detection.prefilter import Prefilter
from vexfs_provider.detection.report import reports
from vexfs_provider.detection.rules import HINTS
from vexfs_provider.progress import Progress

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "selftests"))  # where the corpus is known

import corpus  # noqa: E402 - found by the line above

BENIGN_BYTES = 100_000_000
FALLBACK_SHARE = 20  # the fall-back looks at so small a part: it takes some fifty times as long
CRASH_LOGS = 2000


def measure(progress: Progress) -> list[Row]:
    """The rows of this group; none where there is no corpus. Prints how well logs are named."""
    if not corpus.FOLDER.is_dir():
        progress.say(f"detect: {corpus.ABSENT}")
        return []
    print(corpus.table())
    benign = _repeated(log for label, log in corpus.labelled("bootlogs") if not label["arguable"])
    with progress.task("reading logs"):
        return [*_benign_rows(benign), _crash_row(), _start_row()]


def _repeated(logs: Iterable[bytes]) -> bytes:
    once = b"".join(logs)
    return once * (BENIGN_BYTES // len(once))


def _benign_rows(console: bytes) -> list[Row]:
    small = console[: len(console) // FALLBACK_SHARE]
    fast, fallback = in_turn(
        lambda: _megabytes_per_s(console, "hyperscan"), lambda: _megabytes_per_s(small, "plain")
    )
    return [
        Row("detect_benign_mb_per_s", fast, "MB/s", at_least=100),
        Row("detect_benign_fallback_mb_per_s", fallback, "MB/s"),
    ]


def _megabytes_per_s(console: bytes, engine: str) -> float:
    prefilter = Prefilter(HINTS, engine)
    list(prefilter.lines(b""))  # what is compiled once
    started = time.perf_counter()
    reports(console, places=prefilter.lines(console))
    return len(console) / 1e6 / (time.perf_counter() - started)


def _crash_row() -> Row:
    """Logs a second of a whole run of the program over a directory."""
    logs = [log for label, log in corpus.labelled("crashlogs") if label["crash"]]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CRASH_LOGS):
            (Path(folder) / f"{number}.log").write_bytes(logs[number % len(logs)])
        [rate] = in_turn(lambda: _logs_per_s(folder))
    return Row("detect_crash_logs_per_s", rate, "1/s", at_least=500)


def _logs_per_s(folder: str) -> float:
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        command.main(["--json", folder])
    return CRASH_LOGS / (time.perf_counter() - started)


def _start_row() -> Row:
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        log.write(next(log for label, log in corpus.labelled("crashlogs") if label["crash"]))
        log.flush()
        [seconds] = in_turn(lambda: _seconds_of_program(log.name))
    return Row("detect_small_log_s", seconds, "s", at_most=0.3)


def _seconds_of_program(path: str) -> float:
    program = Path(sys.executable).parent / "vexfs-detect"
    started = time.perf_counter()
    subprocess.run([program, path], stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started
