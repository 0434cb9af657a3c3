"""What comes after the tests: the history, how well changes are found, reports."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.rows import RUNS, Row
from results_parsers.demo import make_demo
from results_parsers.history import ingest, open_history
from results_parsers.reader import JSON, read_job
from results_parsers.trends.series import Series, SeriesKey
from results_parsers.trends.synthetic import Synthetic, make_series
from vexfs_provider.progress import Progress

JOBS = 10_000  # all of one file
MORE = 25
REPORTED = 34  # jobs of 15 tests
SERIES, SEEDS = 1000, 20
NIGHT_S = 86_400.0
TOLERANCE = 7  # nights
SEED = 1
LAST = date(2026, 1, 1)


def measure(progress: Progress) -> list[Row]:
    """The rows of this group."""
    return [*measure_history(progress), *measure_trends(progress), *measure_report(progress)]


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


def measure_trends(progress: Progress) -> list[Row]:
    """A thousand series of a year, of ``SEEDS`` seeds: the time of the first, the hits of all."""
    from results_parsers.trends.analysis import add_drifts
    from results_parsers.trends.change_points import find_change_points

    errors: list[int] = []
    shifts = false = 0
    times, later = [], []
    with progress.task(f"changes in {SERIES} series of a year, {SEEDS} times"):
        for seed in range(SEEDS):
            made = make_series(SERIES, seed)
            series = [_series(one) for one in made]
            start = time.perf_counter()
            changes = [tuple(find_change_points(one)) for one in series]
            times.append(time.perf_counter() - start)
            if seed < RUNS:
                start = time.perf_counter()
                add_drifts(series, changes)
                later.append(time.perf_counter() - start)
            for one, found in zip(made, changes, strict=True):
                if one.shift_at is None:
                    false += len(found)
                    continue
                shifts += 1
                errors += sorted(abs(change.index - one.shift_at) for change in found)[:1]
                false += max(0, len(found) - 1)
    hits = sum(error <= TOLERANCE for error in errors)
    places = np.quantile(errors, [0.5, 0.9, 0.99, 1.0])
    return [
        Row("trends_change_points_s", statistics.median(times), "s", at_most=2),
        Row("trends_drift_and_prediction_s", statistics.median(later), "s", at_most=5),
        Row("trends_shifts_found_percent", 100 * hits / shifts, "%", at_least=99),
        Row("trends_false_alarms", false, f"of {SERIES * SEEDS} series", at_most=0),
        *(
            Row(f"trends_place_error_{name}_nights", float(place), "nights")
            for name, place in zip(("p50", "p90", "p99", "worst"), places, strict=True)
        ),
    ]


def _series(one: Synthetic) -> Series:
    key = SeriesKey("synthetic", "", "", "", "", "", "")
    values = tuple(one.values)
    times = tuple(night * NIGHT_S for night in range(len(values)))
    return Series(key, "ms", "lower", times, values, tuple(None for _ in values))


def measure_report(progress: Progress) -> list[Row]:
    """One page about 510 tests of synthetic jobs, whose logs are as long as those of real ones."""
    with tempfile.TemporaryDirectory(prefix="vexfs-bench-") as name:
        folder = Path(name)
        for job in make_demo(folder / "jobs", REPORTED + 1, SEED, LAST):
            for test in read_job(job).tests:
                _write_logs(job / "test-results" / Path(test.logdir).name)
        command = [sys.executable, "-m", "results_parsers.command", "report", "--html"]
        with progress.task(f"a report of {REPORTED} jobs"):
            start = time.perf_counter()
            subprocess.run(
                [*command, str(folder / "report.html"), str(folder / "jobs")],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            seconds = time.perf_counter() - start
        size = (folder / "report.html").stat().st_size
    return [
        Row("report_html_510_tests_mib", size / (1 << 20), "MiB"),
        Row("report_html_510_tests_s", seconds, "s", at_most=3),
    ]


def _write_logs(folder: Path) -> None:
    """Samples of a minute, by the host and the guest, and the events of thirty steps."""
    folder.mkdir(parents=True)
    samples, events = [], []
    for second in range(60):
        host = {"qemu_rss_mib": 200.0 + second, "qemu_read_mib_per_s": 1.5, "source": "host"}
        guest = {"cpu_percent": second % 7 * 10.0, "memory_used_mib": 60.5, "source": "guest"}
        samples += [{"time": second + 0.1, **one} for one in (host, guest)]
        kind = "step" if second % 2 else "step ended"
        events.append({"time": second + 0.5, "event": kind, "name": f"step {second // 2}"})
    events += [{"time": 10.0 * n, "event": "fault", "fault": f"power cut {n}"} for n in range(6)]
    for name, lines in (("samples.jsonl", samples), ("events.jsonl", events)):
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    for name in ("debug.log", "console.log", "qemu.log"):
        (folder / name).write_text("a line\n" * 400)
